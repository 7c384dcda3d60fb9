import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isEmail, readEmail, readEmailDomain, readForeignEmail } from '../src/email.ts';

describe('an e-mail address', () => {
  it('is trimmed and in lower case', () => {
    assert.equal(readEmail(' Ada.L+x@Example.COM\n'), 'ada.l+x@example.com');
    assert.equal(readEmail('root@localhost'), 'root@localhost');
  });

  it('is refused when it is none', () => {
    const none = [
      '',
      'ada',
      '@example.com',
      'ada@',
      'ada@@example.com',
      'a b@example.com',
      'ada@example..com',
      'ada@-example.com',
      'ada@example.com, bob@example.com',
      'ada@example.com\nBcc: bob@example.com',
      '<ada@example.com>',
      'ada@exämple.com',
      // The Kelvin sign, which toLowerCase makes a k.
      '\u212a@example.com',
      `${'a'.repeat(65)}@example.com`,
      `a@${'b.'.repeat(130)}com`,
    ];
    for (const text of none) assert.equal(readEmail(text), undefined, JSON.stringify(text));
  });

  it('is one spelling: reading it again changes nothing, and case and blanks never matter', () => {
    const text = fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' }), fc.string());
    fc.assert(
      fc.property(text, fc.constantFrom('', ' ', '\t\n', '\u00a0'), (given, blank) => {
        const email = readEmail(given);
        if (email === undefined) return;
        assert.ok(email.length <= 254);
        assert.match(email, /^[^\s@A-Z]+@[^\s@A-Z]+$/);
        assert.equal(readEmail(email), email);
        assert.equal(readEmail(blank + email.toUpperCase() + blank), email);
      }),
      { numRuns: 2000 },
    );
  });

  it('is judged in linear time', () => {
    const hostile = `${'a'.repeat(60)}@${'a-'.repeat(90)}!`;
    assert.equal(readEmail(hostile), undefined);
    assert.equal(readEmail('@'.repeat(1_000_000)), undefined);
  });
});

describe('what stands in place of an address', () => {
  it('is told from one', () => {
    for (const label of [
      'github:583231',
      'okta:00u1@example.com',
      'service account x',
      '',
      'Ada@example.com',
    ])
      assert.equal(isEmail(label), false, label);
    assert.equal(isEmail('ada@example.com'), true);
  });
});

describe('the domain of an address', () => {
  it('is one spelling of it', () => {
    assert.equal(readEmailDomain('EXAMPLE.com'), 'example.com');
    assert.equal(readEmailDomain('Exämple.com'), 'xn--exmple-cua.com');
    assert.equal(readEmailDomain('localhost'), 'localhost');
  });

  it('is refused when it is none, or looks like another', () => {
    const none = ['', '.', 'a..b', '-a.com', '@example.com', 'example.com.', 'a b', '*.example.com', 'a%2eb'];
    for (const text of [
      ...none,
      'example.com/x',
      'example.com:80',
      'ｅxample.com',
      'example．com',
      // What the URL parser leaves out or takes for a letter: variation selectors, a joiner, the Kelvin sign.
      'exam\uFE0Fple.com',
      'b\u034Fücher.example',
      'examp\u180Ble.com',
      '\u212Aey.example',
      'a'.repeat(300),
    ])
      assert.equal(readEmailDomain(text), undefined, text);
  });

  it('may be foreign in an address that somebody else wrote', () => {
    assert.equal(readForeignEmail('Ada@Exämple.com'), 'ada@xn--exmple-cua.com');
    assert.equal(readForeignEmail('ada@example.com'), 'ada@example.com');
    for (const text of ['ada', '@', 'ada@', '@example.com', 'a@b@example.com', 'ädä@example.com'])
      assert.equal(readForeignEmail(text), undefined, text);
  });
});
