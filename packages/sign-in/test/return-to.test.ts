import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { limits } from '../src/limits.ts';
import { readReturnTo } from '../src/return-to.ts';

const home = 'https://mcp.example.com';

describe('return_to', () => {
  it('is kept when it is a path of this origin', () => {
    for (const path of [
      '/',
      '/account',
      '/oauth/authorize/resume?id=a%2Fb&x=1#y',
      '/a//b',
      '/%2F%2Fhost',
      '/?u=//host',
    ])
      assert.equal(readReturnTo(path, home), path);
  });

  it('becomes the front page when it is anything else', () => {
    const elsewhere = [
      undefined,
      null,
      '',
      'account',
      'https://example.org/',
      'HTTPS:example.org',
      'javascript:alert(1)',
      'data:text/html,x',
      '//example.org',
      '///example.org',
      '/\\example.org',
      '\\\\example.org',
      '/a\\b',
      '/\t/example.org',
      '/\n/example.org',
      '\u0000/x',
      ' /x',
      '/.//example.org',
      '/%2e//example.org',
      '/x/..//example.org',
      '/x/%2E%2e//example.org',
      `/${'x'.repeat(limits.returnToMax)}`,
    ];
    for (const text of elsewhere) assert.equal(readReturnTo(text, home), '/', JSON.stringify(text));
  });

  it('whatever comes in, a path on this origin goes out, and it is read again as itself', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      'x',
      'https:',
      'example.org',
      '[',
      ']',
      '\u3002',
      '\uff0f',
      '\u{1f600}',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.webUrl(),
    );
    const prefixed = fc.tuple(fc.constantFrom('', '/'), text).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        prefixed,
        fc.constantFrom(home, 'http://localhost:8000', 'http://[::1]:8000'),
        (given, publicUrl) => {
          const path = readReturnTo(given, publicUrl);
          assert.match(path, /^\/(?![/\\])[\x21-\x7e]*$/);
          assert.equal(new URL(path, publicUrl).origin, new URL(publicUrl).origin);
          assert.equal(new URL(path, publicUrl).host, new URL(publicUrl).host);
          assert.equal(readReturnTo(path, publicUrl), path);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
