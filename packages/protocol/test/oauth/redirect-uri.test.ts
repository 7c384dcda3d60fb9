import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRegisteredRedirectUri, readRedirectUri } from '@sallyport/protocol';
import fc from 'fast-check';

describe('readRedirectUri', () => {
  it('tells web, loopback and app apart, and what a person is shown', () => {
    const kinds: readonly [string, string, string, string][] = [
      ['https://claude.ai/api/mcp/auth_callback', 'web', 'claude.ai', 'https://claude.ai'],
      ['https://example.com:8443/cb?x=1', 'web', 'example.com:8443', 'https://example.com:8443'],
      ['http://localhost:3118/callback', 'loopback', 'localhost', 'http://localhost'],
      ['http://127.0.0.1/', 'loopback', '127.0.0.1', 'http://127.0.0.1'],
      ['http://[::1]:9/cb', 'loopback', '[::1]', 'http://[::1]'],
      ['http://localhost', 'loopback', 'localhost', 'http://localhost'],
      ['http://localhost?x=1', 'loopback', 'localhost', 'http://localhost'],
      ['cursor://anysphere.cursor-mcp/oauth/callback', 'app', 'cursor', 'cursor://anysphere.cursor-mcp'],
      ['com.example.app:/cb', 'app', 'com.example.app', 'com.example.app://'],
    ];
    for (const [text, kind, host, origin] of kinds)
      assert.deepEqual(readRedirectUri(text), { text, kind, host, origin });
  });

  it('refuses what must never receive a code', () => {
    const faults: readonly [string, string][] = [
      ['javascript:alert(1)', 'forbidden_scheme'],
      ['JAVASCRIPT:alert(1)', 'forbidden_scheme'],
      ['data:text/html,x', 'forbidden_scheme'],
      ['file:///etc/passwd', 'forbidden_scheme'],
      ['vbscript:x', 'forbidden_scheme'],
      ['blob:https://example.com/1', 'forbidden_scheme'],
      ['about:blank', 'forbidden_scheme'],
      ['view-source:https://example.com', 'forbidden_scheme'],
      ['ms-msdt:/id', 'forbidden_scheme'],
      ['search-ms:query=x', 'forbidden_scheme'],
      ['http://example.com/cb', 'insecure_http'],
      ['http://localhost.example.com/cb', 'insecure_http'],
      ['http://127.0.0.1.example.com/cb', 'insecure_http'],
      ['http://127.0.0.2/cb', 'insecure_http'],
      ['http://localhost:x/cb', 'malformed'],
      ['http://LOCALHOST/cb', 'insecure_http'],
      ['http://user@localhost/cb', 'credentials'],
      ['http://localhost@example.com/cb', 'credentials'],
      ['https://user:pw@example.com/', 'credentials'],
      ['https://example.com/#x', 'fragment'],
      ['https://example.com/#', 'fragment'],
      ['https://exam ple.com/', 'malformed'],
      ['https://example.com\\@evil.example.org/', 'malformed'],
      [' https://example.com/', 'malformed'],
      ['https://example.com/\n', 'malformed'],
      // A browser that is on an https page reads the first as a path of that page; the parser sees a host in all of them.
      ['https:example.com/cb', 'malformed'],
      ['https:/example.com/cb', 'malformed'],
      ['https:///example.com/cb', 'malformed'],
      ['//example.com', 'malformed'],
      ['/cb', 'malformed'],
      ['', 'malformed'],
      ['https://*.example.com/{x}', 'malformed'],
      [`https://example.com/${'x'.repeat(3000)}`, 'malformed'],
    ];
    for (const [text, fault] of faults) assert.equal(readRedirectUri(text), fault, text);
  });

  it('answers to any text with a value or a fault, and never lets script or plain http to strangers through', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc
        .tuple(fc.constantFrom('javascript:', 'http://', 'https://', 'data:', 'app://', ' '), fc.string())
        .map(([a, b]) => a + b),
    );
    fc.assert(
      fc.property(nasty, (text) => {
        const read = readRedirectUri(text);
        if (typeof read === 'string') return;
        const { protocol, hostname } = new URL(text);
        assert.equal(read.text, text);
        assert.ok(!['javascript:', 'data:', 'file:', 'vbscript:', 'blob:', 'about:'].includes(protocol));
        if (protocol === 'http:') assert.ok(['localhost', '127.0.0.1', '[::1]'].includes(hostname));
        assert.match(text, /^[\x21-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isRegisteredRedirectUri', () => {
  it('is exact, but for the port of a loopback host', () => {
    const yes: readonly [string, string][] = [
      ['https://a.example.com/cb', 'https://a.example.com/cb'],
      ['http://localhost/callback', 'http://localhost:3118/callback'],
      ['http://127.0.0.1:33418/', 'http://127.0.0.1:50001/'],
      ['http://[::1]/cb?x=1', 'http://[::1]:65535/cb?x=1'],
      ['http://localhost:1/cb', 'http://localhost/cb'],
    ];
    const no: readonly [string, string][] = [
      ['https://a.example.com/cb', 'https://a.example.com:8443/cb'],
      ['https://a.example.com/cb', 'https://a.example.com/cb/'],
      ['https://a.example.com/cb', 'https://a.example.com/CB'],
      ['https://a.example.com/cb', 'https://a.example.com/cb?x=1'],
      ['http://localhost/cb', 'http://127.0.0.1/cb'],
      ['http://localhost/cb', 'http://localhost/cb/../other'],
      ['http://localhost/cb', 'http://localhost:65536/cb'],
      ['http://localhost/cb', 'http://localhost:80@evil.example.com/cb'],
      ['http://localhost/cb', 'http://localhost.evil.example.com/cb'],
      ['http://localhost', 'http://localhostevil/'],
      ['cursor://a/cb', 'cursor://a:1/cb'],
    ];
    for (const [registered, asked] of yes) assert.ok(isRegisteredRedirectUri(registered, asked), asked);
    for (const [registered, asked] of no) assert.ok(!isRegisteredRedirectUri(registered, asked), asked);
  });

  it('never matches another host, path or query, whatever is asked', () => {
    const host = fc.constantFrom('localhost', '127.0.0.1', '[::1]', 'example.com');
    const rest = fc.constantFrom(
      '',
      '/',
      '/cb',
      '/cb?x=1',
      '/cb/',
      '@evil.example.com/cb',
      '.evil.example.com/cb',
    );
    const port = fc.option(fc.integer({ min: 0, max: 99_999 }), { nil: undefined });
    const uri = fc
      .tuple(host, port, rest)
      .map(([h, p, r]) => `http://${h}${p === undefined ? '' : `:${p}`}${r}`);
    fc.assert(
      fc.property(uri, uri, (registered, asked) => {
        if (typeof readRedirectUri(registered) === 'string' || !isRegisteredRedirectUri(registered, asked))
          return;
        const [a, b] = [new URL(registered), new URL(asked)];
        assert.equal(a.hostname, b.hostname);
        assert.equal(a.pathname + a.search, b.pathname + b.search);
        assert.ok(['localhost', '127.0.0.1', '[::1]'].includes(b.hostname));
      }),
      { numRuns: 5000 },
    );
  });
});
