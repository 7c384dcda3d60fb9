// Clients that publish their metadata at their own client_id.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isClientIdUrl, readClientDocument, readClientIdUrl } from '@sallyport/protocol';

const supported = {
  privateUseSchemes: 'allow' as const,
  gptWildcards: false,
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_algs: ['ES256', 'RS256'],
};
const client_id = 'https://app.example.com/oauth/client.json';
const good = { client_id, client_name: 'Example', redirect_uris: ['https://app.example.com/callback'] };
const read = (document: unknown) =>
  readClientDocument(
    typeof document === 'string' ? document : JSON.stringify(document),
    client_id,
    supported,
  );

describe('a client_id that is a URL', () => {
  for (const url of [
    client_id,
    'https://app.example.com/a/',
    'https://app.example.com/a?b=c',
    'https://app.example.com:8443/client.json',
    'https://xn--bcher-kva.example/client.json',
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://chatgpt.com/oauth/abc_DEF-123/client.json',
    'https://vscode.dev/oauth/client-metadata.json',
  ])
    it(`may be ${url}`, () => assert.equal(readClientIdUrl(url)?.href, url));
  for (const url of [
    'http://app.example.com/client.json',
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com/#',
    'https://app.example.com/a#b',
    'https://user@app.example.com/a',
    'https://user:secret@app.example.com/a',
    'https://app.example.com/a/../b',
    'https://app.example.com/./a',
    'https://app.example.com/%2e%2E/a',
    'https://app.example.com:443/a',
    'https://App.example.com/a',
    'HTTPS://app.example.com/a',
    'https:app.example.com/a',
    'https:///app.example.com/a',
    'https://app.example.com\\a',
    'https://app.example.com./a',
    'https://bücher.example/a',
    ' https://app.example.com/a',
    'https://app.example.com/a b',
    'https://2130706433/a',
    `https://app.example.com/${'a'.repeat(600)}`,
  ])
    it(`is not ${url.slice(0, 50)}`, () => assert.equal(readClientIdUrl(url), undefined));
  it('is told from one that was registered by its scheme alone', () => {
    for (const id of ['https:', 'HTTP://x', 'https://x']) assert.ok(isClientIdUrl(id));
    for (const id of ['', 'abc', 'httpsx', 'x https://x', '-9f_3']) assert.ok(!isClientIdUrl(id));
  });
  it('never throws, and is printed as it was read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webUrl({ withFragments: true })), (text) => {
        const url = readClientIdUrl(text);
        if (url !== undefined) assert.equal(url.href, text);
      }),
    );
  });
});

describe('a metadata document', () => {
  it('is kept without what is not ours, and a client that names no method is public', () => {
    assert.deepEqual(
      read({ ...good, application_type: 'native', made_up: 1, grant_types: ['authorization_code', 'x'] }),
      {
        metadata: {
          redirect_uris: good.redirect_uris,
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code'],
          response_types: ['code'],
          client_name: 'Example',
          application_type: 'native',
        },
      },
    );
  });
  const jwks_uri = 'https://app.example.com/jwks.json';
  const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'k' }] };
  const both = {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'private_key_jwt'],
  };
  const metadataOf = (document: object) => {
    const found = read({ ...good, ...document });
    assert.ok('metadata' in found, JSON.stringify(found));
    const { redirect_uris, grant_types, response_types, client_name, ...rest } = found.metadata;
    assert.deepEqual([redirect_uris, client_name], [good.redirect_uris, good.client_name]);
    assert.ok(grant_types.length > 0 && response_types.length > 0);
    return rest;
  };
  it('of a client that can use a key, but also nothing, may be met at both, and shares no secret', () => {
    assert.deepEqual(metadataOf({ ...both, token_endpoint_auth_signing_alg: 'RS256', jwks_uri }), {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg: 'RS256',
      jwks_uri,
    });
    assert.deepEqual(metadataOf({ ...both, token_endpoint_auth_method: 'none', jwks }), {
      token_endpoint_auth_method: 'none',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      jwks,
    });
  });
  it('that speaks of a key and has none is met at nothing, if it offers that', () => {
    assert.deepEqual(metadataOf(both), { token_endpoint_auth_method: 'none' });
  });
  it('of a client with nothing but a key is met at that only', () => {
    const method = 'private_key_jwt';
    assert.deepEqual(metadataOf({ token_endpoint_auth_method: method, jwks_uri }), {
      token_endpoint_auth_method: method,
      jwks_uri,
    });
  });
  it('keeps no keys of a client that does not use them', () => {
    assert.deepEqual(metadataOf({ jwks_uri, token_endpoint_auth_signing_alg: 'x' }), {
      token_endpoint_auth_method: 'none',
    });
  });
  const faults: readonly [string, unknown, object][] = [
    ['of another client', { ...good, client_id: 'https://app.example.com/other' }, { fault: 'client_id' }],
    ['with a slash more', { ...good, client_id: `${client_id}/` }, { fault: 'client_id' }],
    ['in another case', { ...good, client_id: client_id.toUpperCase() }, { fault: 'client_id' }],
    ['without client_id', { ...good, client_id: undefined }, { fault: 'client_id' }],
    ['without a name', { ...good, client_name: undefined }, { fault: 'member', member: 'client_name' }],
    [
      'with an invisible name',
      { ...good, client_name: '\u200b \u202e' },
      { fault: 'member', member: 'client_name' },
    ],
    [
      'with a name that is none',
      { ...good, client_name: ['Example'] },
      { fault: 'member', member: 'client_name' },
    ],
    ['without redirect URIs', { ...good, redirect_uris: undefined }, { fault: 'redirect_uris' }],
    ['with an empty list of them', { ...good, redirect_uris: [] }, { fault: 'redirect_uris' }],
    [
      'with a script among them',
      { ...good, redirect_uris: [...good.redirect_uris, 'javascript:1'] },
      { fault: 'redirect_uris' },
    ],
    [
      'with plain http only',
      { ...good, redirect_uris: ['http://app.example.com/'] },
      { fault: 'redirect_uris' },
    ],
    ['with a secret', { ...good, client_secret: 's' }, { fault: 'secret', member: 'client_secret' }],
    [
      'with no secret that expires',
      { ...good, client_secret_expires_at: 0 },
      { fault: 'secret', member: 'client_secret_expires_at' },
    ],
    [
      'with a shared secret',
      { ...good, token_endpoint_auth_method: 'client_secret_post' },
      { fault: 'secret', member: 'token_endpoint_auth_method' },
    ],
    [
      'with a private key',
      { ...good, jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
      { fault: 'secret', member: 'jwks' },
    ],
    [
      'with a symmetric key',
      { ...good, jwks: { keys: [{ kty: 'oct', k: 'x' }] } },
      { fault: 'secret', member: 'jwks' },
    ],
    [
      'with a key for its only proof, which it does not have',
      { ...good, token_endpoint_auth_method: 'private_key_jwt' },
      { fault: 'member', member: 'jwks_uri' },
    ],
    ['with keys in two places', { ...good, ...both, jwks_uri, jwks }, { fault: 'member', member: 'jwks' }],
    [
      'with no key that anybody could use',
      { ...good, ...both, jwks: { keys: [{ ...jwks.keys[0], use: 'enc' }] } },
      { fault: 'member', member: 'jwks' },
    ],
    [
      'with an algorithm of its own',
      { ...good, ...both, jwks, token_endpoint_auth_signing_alg: 'HS256' },
      { fault: 'member', member: 'token_endpoint_auth_signing_alg' },
    ],
    [
      'with a proof that nobody here knows',
      { ...good, token_endpoint_auth_method: 'tls_client_auth' },
      { fault: 'auth_method', method: 'tls_client_auth' },
    ],
    [
      'without the code grant',
      { ...good, grant_types: ['client_credentials'] },
      { fault: 'member', member: 'grant_types' },
    ],
    ['with keys at no URL', { ...good, jwks_uri: 1 }, { fault: 'member', member: 'jwks_uri' }],
    [
      'twice the same',
      `{"client_id":"x",${JSON.stringify(good).slice(1)}`,
      { fault: 'json', why: 'repeated_member' },
    ],
    [
      'with a prototype',
      `{"__proto__":{},${JSON.stringify(good).slice(1)}`,
      { fault: 'json', why: 'forbidden_member' },
    ],
    ['in a list', [good], { fault: 'json', why: 'malformed' }],
    ['of nothing', 'null', { fault: 'json', why: 'malformed' }],
    ['of HTML', '<!doctype html><title>Blocked</title>', { fault: 'json', why: 'malformed' }],
  ];
  for (const [name, document, fault] of faults)
    it(`is refused ${name}`, () => assert.deepEqual(read(document), fault));
  it('never throws, whatever stands in it, and is never taken without what is required', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('none', client_id, 'https://a.example/'));
    const members = fc.dictionary(
      fc.constantFrom(...Object.keys(good), 'jwks', 'jwks_uri', 'scope', 'grant_types'),
      value,
    );
    fc.assert(
      fc.property(members, (changes) => {
        const found = read({ ...good, ...changes });
        if ('fault' in found) return;
        assert.ok(found.metadata.client_name);
        assert.ok(found.metadata.redirect_uris.length > 0);
        assert.ok(['none', 'private_key_jwt'].includes(found.metadata.token_endpoint_auth_method));
      }),
    );
  });

  it('lists no wildcard, and no scheme that the operator has switched off', () => {
    const wildcard = 'https://chatgpt.com/aip/g-*/oauth/callback';
    const only = (redirect_uri: string) => ({ ...good, redirect_uris: [redirect_uri] });
    assert.deepEqual(read(only(wildcard)), { fault: 'redirect_uris' });
    const denying = { ...supported, privateUseSchemes: 'deny' as const };
    const scheme = JSON.stringify(only('cursor://a/callback'));
    assert.deepEqual(readClientDocument(scheme, client_id, denying), { fault: 'redirect_uris' });
    assert.ok('metadata' in readClientDocument(scheme, client_id, supported));
  });
});
