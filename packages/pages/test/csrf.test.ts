import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { browserRules, csrfToken, isCrossSite, isCsrfToken } from '@sallyport/pages';
import { oneKey } from './one-key.ts';

const keys = oneKey();
const rules = browserRules('https://mcp.example.com', keys);

describe('a CSRF token', () => {
  it('is the same for the same browser and purpose, so that several tabs stay valid', () => {
    assert.equal(csrfToken(rules, 'browser', 'sign-in'), csrfToken(rules, 'browser', 'sign-in'));
    assert.ok(isCsrfToken(rules, 'browser', 'sign-in', csrfToken(rules, 'browser', 'sign-in')));
  });

  it('is worth nothing for another browser, purpose or key', () => {
    const token = csrfToken(rules, 'browser', 'sign-in');
    const others = browserRules('https://mcp.example.com', oneKey());
    assert.equal(isCsrfToken(rules, 'other', 'sign-in', token), false);
    assert.equal(isCsrfToken(rules, 'browser', 'consent', token), false);
    assert.equal(isCsrfToken(others, 'browser', 'sign-in', token), false);
  });

  it('counts after the key was replaced, until the older one is taken away', () => {
    const [older, newer] = [oneKey().current, oneKey().current];
    const formKeys = { current: older, known: [older] };
    const both = browserRules('https://mcp.example.com', formKeys);
    const before = csrfToken(both, 'browser', 'sign-in');
    formKeys.current = newer;
    formKeys.known = [newer, older];
    const after = csrfToken(both, 'browser', 'sign-in');
    assert.notEqual(after, before);
    for (const token of [before, after]) assert.ok(isCsrfToken(both, 'browser', 'sign-in', token));
    assert.equal(isCsrfToken(both, 'other', 'sign-in', before), false);
    formKeys.known = [newer];
    assert.equal(isCsrfToken(both, 'browser', 'sign-in', before), false);
    assert.ok(isCsrfToken(both, 'browser', 'sign-in', after));
  });

  it('that is absent, empty, longer or changed is refused', () => {
    const token = csrfToken(rules, 'browser', 'sign-in');
    const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const presented of [undefined, null, '', `${token}A`, token.slice(1), changed, 'ü'.repeat(43)]) {
      assert.equal(isCsrfToken(rules, 'browser', 'sign-in', presented), false);
    }
  });
});

describe('a POST', () => {
  const post = (headers: Record<string, string>) =>
    isCrossSite(new Request('https://mcp.example.com/x', { method: 'POST', headers }), rules);

  it('of our own page is let through, whatever the browser tells of it', () => {
    assert.equal(post({ origin: 'https://mcp.example.com', 'sec-fetch-site': 'same-origin' }), false);
    // What browsers send under Referrer-Policy: no-referrer.
    assert.equal(post({ origin: 'null', 'sec-fetch-site': 'same-origin' }), false);
    // The same where Sec-Fetch-Site is not sent: the token decides.
    assert.equal(post({ origin: 'null' }), false);
    assert.equal(post({ origin: 'https://mcp.example.com' }), false);
    assert.equal(post({}), false);
    assert.equal(post({ 'sec-fetch-site': 'none' }), false);
  });

  it('of a stranger is refused', () => {
    assert.equal(post({ origin: 'https://example.org' }), true);
    assert.equal(post({ origin: 'https://example.org', 'sec-fetch-site': 'same-origin' }), true);
    assert.equal(post({ origin: 'http://mcp.example.com' }), true);
    assert.equal(post({ origin: 'https://mcp.example.com:8443' }), true);
    assert.equal(post({ origin: 'https://mcp.example.com.example.org' }), true);
  });

  it('of a sandboxed frame or a page without a referrer is refused by Sec-Fetch-Site', () => {
    assert.equal(post({ origin: 'null', 'sec-fetch-site': 'cross-site' }), true);
    assert.equal(post({ origin: 'null', 'sec-fetch-site': 'same-site' }), true);
    assert.equal(post({ 'sec-fetch-site': 'cross-site' }), true);
    assert.equal(post({ origin: 'https://mcp.example.com', 'sec-fetch-site': 'anything-new' }), true);
  });

  it('is compared with the origin of a public URL that has a path', () => {
    const deeper = browserRules('https://mcp.example.com/gate', keys);
    const request = new Request('https://mcp.example.com/gate', {
      method: 'POST',
      headers: { origin: 'https://mcp.example.com' },
    });
    assert.equal(isCrossSite(request, deeper), false);
  });
});
