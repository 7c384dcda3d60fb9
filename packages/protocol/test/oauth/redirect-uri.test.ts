import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isGptCallback,
  isRegisteredRedirectUri,
  readClientMetadata,
  readRedirectUri as readByPolicy,
  readRegisteredRedirectUri,
} from '@sallyport/protocol';
import fc from 'fast-check';

const anyScheme = { privateUseSchemes: 'allow' } as const;
const readRedirectUri = (text: string) => readByPolicy(text, anyScheme);

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
      // GPTs of many makers share a host, so that consent to one is none to another.
      [
        'https://chatgpt.com/aip/g-a1B2/oauth/callback',
        'web',
        'chatgpt.com',
        'https://chatgpt.com/aip/g-a1B2/oauth/callback',
      ],
      ['https://chatgpt.com/aip/g-a1B2/oauth/other', 'web', 'chatgpt.com', 'https://chatgpt.com'],
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
      ['https://*.example.com/cb', 'wildcard'],
      ['https://example.com/*', 'wildcard'],
      ['https://example.com/cb?*', 'wildcard'],
      ['http://localhost/*', 'wildcard'],
      ['cursor://a/*', 'wildcard'],
      ['https://chatgpt.com/aip/g-*/oauth/callback', 'wildcard'],
      [`https://example.com/${'x'.repeat(3000)}`, 'malformed'],
    ];
    for (const [text, fault] of faults) assert.equal(readRedirectUri(text), fault, text);
  });

  it('refuses private-use schemes where the operator does, and nothing else', () => {
    const deny = { privateUseSchemes: 'deny' } as const;
    for (const text of ['cursor://anysphere.cursor-mcp/oauth/callback', 'com.example.app:/cb'])
      assert.equal(readByPolicy(text, deny), 'private_use_scheme', text);
    assert.equal(readByPolicy('javascript:alert(1)', deny), 'forbidden_scheme');
    for (const text of ['https://a.example.com/cb', 'http://localhost/cb', 'http://[::1]:9/cb'])
      assert.deepEqual(readByPolicy(text, deny), readByPolicy(text, anyScheme), text);
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

describe('the wildcard for the callbacks of GPTs', () => {
  const wildcards = [
    'https://chat.openai.com/aip/g-*/oauth/callback',
    'https://chatgpt.com/aip/g-*/oauth/callback',
  ];
  const neighbours = [
    'https://chatgpt.com/aip/g-*/oauth/callback/',
    'https://chatgpt.com/aip/g-*/oauth/callback?x=1',
    'https://chatgpt.com/aip/*/oauth/callback',
    'https://chatgpt.com/aip/g-**/oauth/callback',
    'https://chatgpt.com/aip/g-a*/oauth/callback',
    'https://chatgpt.com/aip/g-*/*',
    'https://chatgpt.com/*',
    'https://*/aip/g-*/oauth/callback',
    'https://*.chatgpt.com/aip/g-*/oauth/callback',
    'https://www.chatgpt.com/aip/g-*/oauth/callback',
    'https://chatgpt.com.example.com/aip/g-*/oauth/callback',
    'https://chatgpt.com:443/aip/g-*/oauth/callback',
    'https://user@chatgpt.com/aip/g-*/oauth/callback',
    'https://ChatGPT.com/aip/g-*/oauth/callback',
    'HTTPS://chatgpt.com/aip/g-*/oauth/callback',
    'http://chatgpt.com/aip/g-*/oauth/callback',
    'https://openai.com/aip/g-*/oauth/callback',
  ];

  it('may be registered in two forms, to the character', () => {
    for (const text of wildcards) {
      const read = readRegisteredRedirectUri(text, anyScheme);
      assert.ok(typeof read !== 'string' && read.isWildcard && read.kind === 'web', text);
    }
    for (const text of neighbours)
      assert.equal(typeof readRegisteredRedirectUri(text, anyScheme), 'string', text);
  });

  it('stands for the id of one GPT and for nothing else', () => {
    const [, wildcard = ''] = wildcards;
    for (const id of ['a', '2fkFE8rbu', 'g0', 'f'.repeat(40), 'A'.repeat(64)]) {
      const uri = `https://chatgpt.com/aip/g-${id}/oauth/callback`;
      assert.ok(isRegisteredRedirectUri(wildcard, uri) && isGptCallback(uri), uri);
      assert.ok(!isRegisteredRedirectUri(wildcards[0] ?? '', uri), 'the other host');
      assert.ok(!isRegisteredRedirectUri(uri, wildcard), 'asked for as a wildcard');
    }
    for (const id of [
      '',
      'a/b',
      'a/../b',
      '.',
      '..',
      'a%2Fb',
      '%61',
      'a-b',
      'a_b',
      'a.b',
      'a?b',
      'a#b',
      'a b',
      'a\n',
      'ä',
      '*',
      'a*',
      'A'.repeat(65),
    ])
      assert.ok(!isRegisteredRedirectUri(wildcard, `https://chatgpt.com/aip/g-${id}/oauth/callback`), id);
    for (const asked of [...wildcards, ...neighbours])
      for (const registered of [...wildcards, ...neighbours])
        assert.ok(!isRegisteredRedirectUri(registered, asked), `${registered} ${asked}`);
    // What a looser rule lets through elsewhere.
    for (const asked of [
      'https://chatgpt.com/aip/g-x/elsewhere?q=/oauth/callback',
      'https://chatgpt.com/aip/g-x/oauth/callback/../../../evil/oauth/callback',
      'https://chatgpt.com/aip/g-x/oauth/callback\n',
      'https://chatgpt.com/aip/g-x/oauth/callback#/oauth/callback',
      'https://evil.example.com/?https://chatgpt.com/aip/g-x/oauth/callback',
    ])
      assert.ok(!isRegisteredRedirectUri(wildcard, asked), asked);
  });

  it('is for clients that prove themselves and that somebody vouches for', () => {
    const supported = {
      ...anyScheme,
      grant_types: ['authorization_code'],
      token_endpoint_auth_methods: ['none', 'client_secret_post'],
      token_endpoint_auth_signing_algs: [],
    };
    const read = (token_endpoint_auth_method: string, gptWildcards: boolean, more: readonly string[] = []) =>
      readClientMetadata(
        { redirect_uris: [...wildcards, ...more], token_endpoint_auth_method },
        { ...supported, gptWildcards },
      );
    const kept = read('client_secret_post', true);
    assert.deepEqual('redirect_uris' in kept && kept.redirect_uris, wildcards);
    const refused = { error: 'invalid_redirect_uri', member: 'redirect_uris', why: 'wildcard' };
    assert.deepEqual(read('client_secret_post', false), refused);
    assert.deepEqual(read('none', true), refused);
    // Beside one that can be used they are dropped, as any other that cannot.
    const exact = 'https://a.example.com/cb';
    for (const dropped of [read('none', true, [exact]), read('client_secret_post', false, [exact])])
      assert.deepEqual('redirect_uris' in dropped && dropped.redirect_uris, [exact]);
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
