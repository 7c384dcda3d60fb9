// Discovery and dynamic registration (RFC 8414, RFC 7591): tolerant of input, minimal and strict in output.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { errorOf, register } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const post = (
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> => house.ask('/oauth/register', { method: 'POST', headers, body });

async function json(path: string): Promise<Record<string, unknown>> {
  const response = await house.ask(path);
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get('content-type')!, /^application\/json/);
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  return (await response.json()) as Record<string, unknown>;
}

describe('authorization server metadata', () => {
  it('is the same document, with the one issuer, in every form of its path', async () => {
    const document = await json('/.well-known/oauth-authorization-server');
    assert.equal(document['issuer'], 'http://localhost:8000');
    assert.deepEqual(await json('/.well-known/oauth-authorization-server/mcp'), document);
    assert.deepEqual(await json('/mcp/.well-known/oauth-authorization-server'), document);
  });
  it('names only what is enforced, and every endpoint it names answers', async () => {
    const document = await json('/.well-known/oauth-authorization-server');
    assert.deepEqual(document['response_types_supported'], ['code']);
    assert.deepEqual(document['grant_types_supported'], [
      'authorization_code',
      'refresh_token',
      'client_credentials',
    ]);
    assert.deepEqual(document['code_challenge_methods_supported'], ['S256']);
    assert.deepEqual(document['token_endpoint_auth_methods_supported'], [
      'none',
      'client_secret_post',
      'client_secret_basic',
      'private_key_jwt',
    ]);
    assert.equal(document['authorization_response_iss_parameter_supported'], true);
    assert.equal(document['client_id_metadata_document_supported'], true);
    assert.ok(!('userinfo_endpoint' in document));
    for (const [member, url] of Object.entries(document).filter(([name]) => /_endpoint$|_uri$/.test(name))) {
      const { status } = await house.ask(String(url), { method: 'GET' });
      assert.notEqual(status, 404, member);
      assert.ok(status < 500, member);
    }
    for (const value of Object.values(document))
      assert.ok(value !== null && value !== '' && !(Array.isArray(value) && value.length === 0));
  });
  it('answers 404 for OpenID discovery and for paths of no server', async () => {
    for (const path of [
      '/.well-known/openid-configuration',
      '/.well-known/openid-configuration/mcp',
      '/mcp/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/other',
      '/.well-known/oauth-protected-resource/other',
    ]) {
      const response = await house.ask(path);
      assert.equal(response.status, 404, path);
      assert.equal(response.headers.get('content-type'), 'application/json');
    }
  });
});

describe('registration', () => {
  it('answers 201 with the effective metadata, and no secret for a public client', async () => {
    const client = await register(house, {
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code', 'token'],
      unknown_member: { a: 1 },
      scope: '',
      logo_uri: null,
      client_uri: 'javascript:alert(1)',
      tos_uri: '',
    });
    assert.deepEqual(client['grant_types'], ['authorization_code', 'refresh_token']);
    assert.deepEqual(client['response_types'], ['code']);
    for (const absent of [
      'client_secret',
      'client_secret_expires_at',
      'unknown_member',
      'scope',
      'logo_uri',
      'client_uri',
      'tos_uri',
    ])
      assert.ok(!(absent in client), absent);
    for (const value of Object.values(client)) assert.ok(value !== null && value !== '');
    assert.equal(client['client_id_issued_at'], house.clock.now);
    assert.match(client.client_id, /^[A-Za-z0-9_-]+$/);
  });
  it('gives confidential clients a URL-safe secret that does not expire; basic is what RFC 7591 says of nothing', async () => {
    const client = await register(house, { token_endpoint_auth_method: undefined });
    assert.equal(client['token_endpoint_auth_method'], 'client_secret_basic');
    assert.match(client.client_secret!, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(client['client_secret_expires_at'], 0);
  });
  it('takes all redirect URIs of the clients of the field in one request', async () => {
    const redirect_uris = [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
      'http://127.0.0.1:33418/',
      'http://127.0.0.1/',
      'http://[::1]/callback',
      'https://vscode.dev/redirect',
      'https://insiders.vscode.dev/redirect',
      'claude://claude.ai/mcp-auth-callback/sdk',
      'com.example.app:/callback',
    ];
    const client = await register(house, { redirect_uris });
    assert.deepEqual(client['redirect_uris'], redirect_uris);
  });
  it('drops redirect URIs that cannot be used while one remains', async () => {
    const client = await register(house, {
      redirect_uris: [
        'http://example.com/cb',
        'https://a.example.com/cb#x',
        'https://a.example.com/cb',
        'https://a.example.com/cb',
      ],
    });
    assert.deepEqual(client['redirect_uris'], ['https://a.example.com/cb']);
  });
  const refused: readonly [string, unknown, string][] = [
    ['no redirect URI', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['redirect URIs that are no list', { redirect_uris: 'https://a.example.com' }, 'invalid_redirect_uri'],
    ['only unusable ones', { redirect_uris: ['http://example.com/cb'] }, 'invalid_redirect_uri'],
    [
      'a script among good ones',
      { redirect_uris: ['https://a.example.com/cb', 'javascript:alert(1)'] },
      'invalid_redirect_uri',
    ],
    ...[
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
      'blob:https://a',
      'about:blank',
      'JavaScript:alert(1)',
    ].map((uri): [string, unknown, string] => [uri, { redirect_uris: [uri] }, 'invalid_redirect_uri']),
    [
      'too many',
      { redirect_uris: Array.from({ length: 33 }, (_, n) => `https://a.example.com/${n}`) },
      'invalid_redirect_uri',
    ],
    [
      'an unknown authentication',
      { redirect_uris: ['https://a.example.com/cb'], token_endpoint_auth_method: 'tls_client_auth' },
      'invalid_client_metadata',
    ],
    [
      'no usable grant',
      { redirect_uris: ['https://a.example.com/cb'], grant_types: ['client_credentials'] },
      'invalid_client_metadata',
    ],
    ['a list', [], 'invalid_client_metadata'],
    ['null', null, 'invalid_client_metadata'],
  ];
  for (const [name, document, error] of refused) {
    it(`refuses ${name}`, async () => {
      const response = await post(JSON.stringify(document));
      assert.equal(response.status, 400);
      assert.equal(await errorOf(response), error);
    });
  }
  it('refuses what is not JSON, not UTF-8, or too large', async () => {
    for (const body of ['', '{', 'redirect_uris=x', `{"x":"${'y'.repeat(40_000)}"}`])
      assert.equal(await errorOf(await post(body)), 'invalid_client_metadata');
  });
  it('ignores an application_type that is no text, whatever it is', async () => {
    const deep = `${'['.repeat(15_000)}${']'.repeat(15_000)}`;
    for (const odd of ['{"toString":1,"valueOf":1}', '["web"]', '7', 'null', '"desktop"', deep]) {
      const response = await post(`{"redirect_uris":["https://a.example.com/cb"],"application_type":${odd}}`);
      assert.equal(response.status, 201, odd.slice(0, 40));
      assert.ok(!('application_type' in ((await response.json()) as object)), odd.slice(0, 40));
    }
  });
  it('can be closed: nobody registers, and the metadata does not invite', async () => {
    const closed = await openHouse({ environment: { SALLYPORT_REGISTRATION_MODE: 'closed' } });
    const document = (await (await closed.ask('/.well-known/oauth-authorization-server')).json()) as object;
    assert.ok(!('registration_endpoint' in document));
    const response = await closed.ask('/oauth/register', { method: 'POST', body: '{}' });
    assert.equal(response.status, 403);
    assert.equal(await errorOf(response), 'access_denied');
    await closed.close();
  });
});

describe('aliases of the 2025-03-26 revision', () => {
  it('answer like the endpoints they stand for', async () => {
    assert.equal(
      (await house.ask('/register', { method: 'POST', body: '{"redirect_uris":["https://a.example.com/"]}' }))
        .status,
      201,
    );
    assert.equal(await errorOf(await house.ask('/token', { method: 'POST' })), 'invalid_request');
    assert.equal(await errorOf(await house.ask('/revoke', { method: 'POST' })), 'invalid_request');
    assert.equal((await house.ask('/authorize')).status, 400);
  });
});
