import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isRecognisableToken, recognisableToken } from '@sallyport/crypto';

const prefix = 'sallyport_pat_';
const secret = fc.uint8Array({ minLength: 24, maxLength: 40 });

describe('a recognisable token', () => {
  it('is always of one length and form, and another for another secret', () => {
    const form = /^sallyport_pat_[0-9A-Za-z]{39}$/;
    assert.match(recognisableToken(prefix, new Uint8Array(24)), form);
    assert.match(recognisableToken(prefix, new Uint8Array(24).fill(255)), form);
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        const [first, second] = [recognisableToken(prefix, one), recognisableToken(prefix, other)];
        assert.match(first, form);
        const same = Buffer.compare(one.subarray(0, 24), other.subarray(0, 24)) === 0;
        assert.equal(first === second, same);
        assert.ok(isRecognisableToken(prefix, first));
      }),
    );
  });

  it('is told from one with a slip in it, one cut off, and one of another kind', () => {
    fc.assert(
      fc.property(
        secret,
        fc.nat({ max: 52 }),
        fc.constantFrom('0', '9', 'A', 'Z', 'a', 'z', '_'),
        (bytes, at, slip) => {
          const token = recognisableToken(prefix, bytes);
          const other = token.slice(0, at) + slip + token.slice(at + 1);
          assert.equal(isRecognisableToken(prefix, other), other === token);
          assert.ok(!isRecognisableToken(prefix, token.slice(0, -1)));
          assert.ok(!isRecognisableToken(prefix, `${token}0`));
          assert.ok(!isRecognisableToken('sallyport_xyz_', token));
        },
      ),
    );
  });

  it('is never made of less than it takes', () => {
    assert.throws(() => recognisableToken(prefix, new Uint8Array(23)), RangeError);
  });
});
