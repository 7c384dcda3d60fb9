// Clients that are web pages (the Inspector, for one): what a browser lets them ask and read across origins (Fetch, CORS).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, EMAIL, PASSWORD, REDIRECT_URI } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';

/** Where the Inspector runs. */
const origin = 'http://localhost:6274';

let house: ListeningHouse;
before(async () => {
  house = await openListeningHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

const askedByPages: readonly (readonly [path: string, method: string, headers: string])[] = [
  ['/.well-known/oauth-protected-resource/mcp', 'GET', 'mcp-protocol-version'],
  ['/.well-known/oauth-protected-resource', 'GET', 'mcp-protocol-version'],
  ['/.well-known/oauth-authorization-server', 'GET', 'mcp-protocol-version'],
  ['/.well-known/openid-configuration', 'GET', 'mcp-protocol-version'],
  ['/oauth/jwks', 'GET', 'mcp-protocol-version'],
  ['/oauth/register', 'POST', 'content-type'],
  ['/oauth/token', 'POST', 'authorization,content-type,mcp-protocol-version'],
  ['/oauth/revoke', 'POST', 'authorization,content-type'],
  ['/register', 'POST', 'content-type'],
  ['/token', 'POST', 'authorization,content-type'],
  ['/mcp', 'POST', 'authorization,content-type,mcp-method,mcp-name,mcp-param-anything,mcp-protocol-version'],
  ['/mcp', 'GET', 'authorization,last-event-id,mcp-protocol-version,mcp-session-id'],
  ['/mcp', 'DELETE', 'authorization,mcp-session-id'],
];

describe('a preflight', () => {
  for (const [path, method, headers] of askedByPages)
    it(`lets a page send ${method} ${path} with ${headers}`, async () => {
      const response = await house.ask(path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': headers,
        },
      });
      assert.ok(response.ok, String(response.status));
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.ok(listOf(response, 'access-control-allow-methods').includes(method.toLowerCase()));
      const allowed = listOf(response, 'access-control-allow-headers');
      // A `*` would not let Authorization through (Fetch, "CORS-preflight fetch").
      for (const header of headers.split(',')) assert.ok(allowed.includes(header), header);
      assert.equal(response.headers.get('access-control-allow-credentials'), null);
      assert.equal(await response.text(), '');
    });
});

describe('a page of another origin', () => {
  it('reads the challenge of the 401, and that of the 403', async () => {
    const refused = await askAs('/mcp', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate')!, /^Bearer .*resource_metadata="[^"]+"/);
    assertReadable(refused, 'www-authenticate');

    const { tokens } = await connect(house);
    const call = { method: 'tools/call', params: { name: 'create_user_item', arguments: { name: 'Milk' } } };
    const insufficient = await askAs('/mcp', {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${tokens.access_token}`,
      },
    });
    assert.equal(insufficient.status, 403);
    assertReadable(insufficient, 'www-authenticate');
  });

  it('reads every document of discovery, and that there is no OpenID configuration', async () => {
    for (const [path, status] of [
      ['/.well-known/oauth-protected-resource/mcp', 200],
      ['/.well-known/oauth-authorization-server', 200],
      ['/.well-known/oauth-authorization-server/mcp', 200],
      ['/oauth/jwks', 200],
      ['/.well-known/openid-configuration', 404],
    ] as const) {
      const response = await askAs(path);
      assert.equal(response.status, status, path);
      assertReadable(response);
      await response.json();
    }
  });

  it('registers, and reads what was wrong when a registration or a token request is refused', async () => {
    const json = { 'content-type': 'application/json' };
    const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' };
    const registered = await askAs('/oauth/register', {
      method: 'POST',
      headers: json,
      body: JSON.stringify(metadata),
    });
    assert.equal(registered.status, 201);
    assertReadable(registered);
    const refusals = [
      ['/oauth/register', { method: 'POST', headers: json, body: '{' }, 400],
      [
        '/oauth/token',
        { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code' }) },
        401,
      ],
      ['/oauth/token', { method: 'GET' }, 405],
    ] as const;
    for (const [path, init, status] of refusals) {
      const response = await askAs(path, init);
      assert.equal(response.status, status, path);
      assertReadable(response);
      assert.equal(typeof ((await response.json()) as { error: unknown }).error, 'string');
    }
  });

  it('reads nothing of the pages that belong to the person', async () => {
    for (const path of ['/', '/sign-in', '/oauth/authorize', '/oauth/authorize/resume']) {
      const response = await askAs(path, { headers: { accept: 'text/html' } });
      assert.equal(response.headers.get('access-control-allow-origin'), null, path);
      await response.body?.cancel();
    }
  });

  it('is refused at the gate when it is a stranger, and may read that too', async () => {
    const response = await house.ask('/mcp', {
      method: 'POST',
      headers: { origin: 'https://evil.example.com' },
    });
    assert.equal(response.status, 403);
    assertReadable(response);
  });
});

function askAs(path: string, init: RequestInit = {}): Promise<Response> {
  return house.ask(path, { ...init, headers: { ...(init.headers as Record<string, string>), origin } });
}

/** @param header must be readable by the page as well */
function assertReadable(response: Response, header?: string): void {
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.equal(response.headers.get('access-control-allow-credentials'), null);
  if (header !== undefined) assert.ok(listOf(response, 'access-control-expose-headers').includes(header));
}

function listOf(response: Response, name: string): string[] {
  return (response.headers.get(name) ?? '').toLowerCase().split(/\s*,\s*/);
}
