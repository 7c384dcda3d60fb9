// What a provider's answer in the browser says (RFC 6749 §4.1.2, RFC 9207 §2.4).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRefusal } from '@sallyport/protocol';
import { readCode } from '../../src/upstream/response.ts';

const issuer = 'https://id.example.com';
const read = (query: string, expected?: Parameters<typeof readCode>[1]) =>
  readCode(new URLSearchParams(query), expected);
const refusedFor = (reason: string) => (failure: unknown) => isRefusal(failure) && failure.reason === reason;

describe('the answer of a provider', () => {
  it('gives its code', () => {
    assert.equal(read('code=c1&state=s'), 'c1');
    assert.equal(read(`code=c1&state=s&iss=${issuer}`, { issuer, sendsIss: true }), 'c1');
    assert.equal(read('code=c1&state=s', { issuer, sendsIss: false }), 'c1');
  });

  it('is refused when it names another issuer, or none although this one always does', () => {
    for (const [query, sendsIss] of [
      ['code=c1&iss=https://id.example.com/', true],
      ['code=c1&iss=https://evil.example.net', false],
      ['code=c1', true],
      ['error=access_denied&iss=https://evil.example.net', true],
    ] as const)
      assert.throws(() => read(query, { issuer, sendsIss }), refusedFor('upstream_issuer_wrong'));
  });

  it('is refused for the reason that it gives', () => {
    const reasons = {
      access_denied: 'upstream_denied',
      server_error: 'upstream_unavailable',
      temporarily_unavailable: 'upstream_unavailable',
      redirect_uri_mismatch: 'upstream_misconfigured',
      unauthorized_client: 'upstream_misconfigured',
      login_required: 'upstream_error',
      '': 'upstream_error',
    };
    for (const [error, reason] of Object.entries(reasons))
      assert.throws(() => read(`error=${error}&code=c1`), refusedFor(reason), error);
  });

  it('is refused without a code', () => {
    for (const query of ['', 'code=', 'state=s'])
      assert.throws(() => read(query), refusedFor('upstream_answer_invalid'), query);
  });

  it('does not fill the log with what a stranger wrote into the URL', () => {
    try {
      read(`error=${'x'.repeat(5000)}`);
      assert.fail('was not refused');
    } catch (failure) {
      assert.ok(isRefusal(failure));
      assert.equal(String(failure.facts['error']).length, 64);
    }
  });
});
