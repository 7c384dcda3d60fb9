// Sallyport's own servers, guarded with the tokens of an authorization server that others wrote (oidc-provider): an MCP
// client is sent there, what it gets is good here, and nothing of ours is served beside it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import type { Network } from '@sallyport/guarded-fetch';
import { isRefusal, readChallenge, type Arrival, type Caller } from '@sallyport/protocol';
import type { Guard } from '@sallyport/gateway';
import { delegatedResourceServer, type ForeignAuthorizationServer } from '@sallyport/resource-server';
import {
  followRedirects,
  introspecting,
  openOidcIssuer,
  type OidcIssuer,
} from '../../../tools/test/oidc-issuer.ts';
import { paths as accountPaths } from '../src/account/paths.ts';
import { foreignGuard } from '../src/delegated/guard.ts';
import { foreignPeople } from '../src/delegated/people.ts';
import { wayOut } from '../src/delegated/way-out.ts';
import { operatorEndpoints } from '../src/rest/registrations.ts';
import { freePort } from './program/free-port.ts';
import { openListeningHouse, type ListeningHouse } from './house/listening-house.ts';
import { openHouse } from './house/open-house.ts';
import { MemoryProvider, REDIRECT_URL } from './interop/memory-provider.ts';
import { call, keepsRecords, listsTheTools } from './interop/tools.ts';

const scope = 'notes';

for (const format of ['jwt', 'opaque'] as const)
  describe(`with somebody else’s authorization server and its ${format} tokens`, () => {
    let issuer: OidcIssuer;
    let house: ListeningHouse;
    const provider = new MemoryProvider({ application_type: 'native' });
    before(async () => {
      issuer = await openOidcIssuer({ scope, accessTokenFormat: format });
      house = await openListeningHouse({
        configure: (config) => ({
          ...config,
          authorizationServer: {
            server: {
              issuer: issuer.issuer,
              ...(format === 'opaque' && { introspection: introspecting }),
            },
            scopes: { [scope]: ['read', 'write'] },
          },
        }),
      });
    });
    after(async () => {
      await house.close();
      await issuer.close();
    });

    const connect = async () => {
      const client = new Client({ name: 'delegated', version: '1.0.0' });
      const transport = new StreamableHTTPClientTransport(house.mcpUrl, { authProvider: provider });
      return { client, transport, connected: client.connect(transport) };
    };

    it('sends a client there, and lets it use the records with what it gets there', async () => {
      const first = await connect();
      await assert.rejects(first.connected, UnauthorizedError);
      const sentTo = provider.lastSentTo();
      assert.equal(sentTo.origin, issuer.issuer);
      assert.equal(sentTo.searchParams.get('resource'), house.mcpUrl.href);
      assert.equal(sentTo.searchParams.get('scope')?.split(' ')[0], scope);
      const answer = await followRedirects(sentTo, REDIRECT_URL);
      provider.judgeState(answer);
      await first.transport.finishAuth(answer.searchParams);
      const { client, connected } = await connect();
      await connected;
      await listsTheTools(client);
      const profile = await call(client, 'get_user_profile');
      // What stands for an address is none.
      assert.deepEqual([profile['name'], profile['email']], ['ann', undefined]);
      await keepsRecords(client);
      await client.close();
      const [identity] = await house.storage.listIdentities();
      assert.deepEqual(
        [identity?.provider, identity?.subject, identity?.issuer],
        [issuer.issuer, 'ann', issuer.issuer],
      );
      const users = await house.storage.listUsers();
      assert.deepEqual(
        users.map(({ id, role }) => [id, role]),
        [[identity?.userId, 'member']],
      );
      const logged = house.events.findLast(({ event }) => event === 'mcp_request')?.facts;
      assert.deepEqual([logged?.['userId'], logged?.['provider']], [identity?.userId, issuer.issuer]);
    });

    it('takes the same token for the records over REST', async () => {
      const authorization = `Bearer ${provider.tokensNow.access_token}`;
      const response = await house.ask('/api/v1/user/profile', { headers: { authorization } });
      assert.equal(response.status, 200);
      assert.equal((await house.ask('/api/v1/user/profile')).status, 401);
      const validated = await house.ask('/oauth/validate', { method: 'POST', headers: { authorization } });
      const [identity] = await house.storage.listIdentities();
      assert.equal(((await validated.json()) as { user_id: string }).user_id, identity?.userId);
    });

    it('names it in our metadata, with the scopes that it knows, and serves its own beside ours', async () => {
      const document = (await (
        await house.ask('/.well-known/oauth-protected-resource/mcp')
      ).json()) as object;
      assert.partialDeepStrictEqual(document, {
        resource: house.mcpUrl.href,
        authorization_servers: [issuer.issuer],
        scopes_supported: [scope],
      });
      for (const name of ['oauth-authorization-server', 'openid-configuration'])
        for (const path of [`/.well-known/${name}`, `/.well-known/${name}/mcp`, `/mcp/.well-known/${name}`]) {
          const response = await house.ask(path);
          assert.equal(response.status, 200, path);
          assert.equal(response.headers.get('access-control-allow-origin'), '*');
          assert.equal(((await response.json()) as { issuer: string }).issuer, issuer.issuer);
        }
    });

    it('leads people there from the front page, and nobody to a page of ours', async () => {
      const home = await (await house.ask('/')).text();
      assert.ok(home.includes(issuer.issuer));
      assert.doesNotMatch(home, /href="\/sign-in|href="\/account/);
      assert.equal(await house.assembled.setupPath(), undefined);
    });

    it('refuses tokens of nobody, and asks again for what a token lacks', async () => {
      const response = await house.ask('/mcp', {
        method: 'POST',
        headers: { authorization: 'Bearer a.b.c' },
      });
      assert.equal(response.status, 401);
      const challenge = readChallenge(response.headers.get('www-authenticate'));
      assert.deepEqual([challenge?.error, challenge?.scope], ['invalid_token', scope]);
    });

    it('is 503 while it is away and was never there, and the log says why', async () => {
      const port = await freePort();
      const away = await openHouse({
        configure: (config) => ({
          ...config,
          authorizationServer: {
            server: {
              issuer: `http://127.0.0.1:${port}`,
              ...(format === 'opaque' && { introspection: introspecting }),
            },
          },
        }),
      });
      const headers = { authorization: `Bearer ${provider.tokensNow.access_token}` };
      const response = await away.ask('/mcp', { method: 'POST', headers });
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '5']);
      const logged = away.events.find(({ event }) => event === 'authorization_server_unavailable');
      assert.match(String(logged?.facts['message']), /cannot be reached/);
      assert.equal((await away.ask('/.well-known/oauth-authorization-server')).status, 503);
      assert.equal((await away.ask('/.well-known/oauth-protected-resource/mcp')).status, 200);
      await away.close();
    });
  });

describe('every path, where the authorization server is somebody else’s', () => {
  const issuer = 'https://login.example.com';
  let ours: ListeningHouse;
  let theirs: ListeningHouse;
  before(async () => {
    const environment = { SALLYPORT_ADMIN_TOKEN: 'operator-token-0123456789abcdef' };
    ours = await openListeningHouse({ environment });
    theirs = await openListeningHouse({
      environment,
      configure: (config) => ({ ...config, authorizationServer: { server: { issuer } } }),
    });
  });
  after(async () => {
    await ours.close();
    await theirs.close();
  });

  /** By method and path; what is done elsewhere is so for every method. */
  const doneElsewhere: readonly string[] = [
    ...['', '/oauth'].flatMap((prefix) =>
      ['POST /register', 'GET /register/a', 'PUT /register/a', 'DELETE /register/a', 'POST /token']
        .concat(['POST /revoke', 'POST /introspect', 'GET /authorize', 'POST /authorize'])
        .map((path) => path.replace(' ', ` ${prefix}`)),
    ),
    'GET /oauth/jwks',
    'POST /oauth/authorize/resume',
    'GET /sign-in',
    'POST /sign-in',
    'GET /auth',
    'GET /sign-up',
    'POST /sign-out',
    ...Object.values(accountPaths).flatMap((path) => [`GET ${path}`, `POST ${path}`]),
    'GET /api/oauth/client-info/a',
    ...operatorEndpoints.map(({ method, path }) => `${method} ${path.replace(/:\w+/, 'a')}`),
  ];
  const notOurs = ['/oauth/par', '/oauth/anything', '/sign-in/github', '/account/anything'];

  const ask = (house: ListeningHouse, route: string, headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = route.split(' ');
    return house.ask(path, { method, headers });
  };

  for (const route of doneElsewhere)
    it(`${route} says where it is done, to programs and to people`, async () => {
      const here = await ask(ours, route);
      const isThere = here.status !== 404 || !(await here.text()).includes('MCP is served at');
      assert.ok(isThere, 'without it, this is a path');
      const answer = await ask(theirs, route);
      assert.equal(answer.status, 404);
      const { error, error_description } = (await answer.json()) as Record<string, string>;
      assert.equal(error, 'not_found');
      assert.ok(error_description?.includes(issuer));
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      const page = await ask(theirs, route, { accept: 'text/html' });
      assert.equal(page.status, 404);
      assert.ok((await page.text()).includes(issuer));
    });

  it('beside those that we have not says so too', async () => {
    for (const path of notOurs) {
      const { error_description } = (await (await theirs.ask(path)).json()) as Record<string, string>;
      assert.ok(error_description?.includes(issuer), path);
    }
  });

  const served: Readonly<Record<string, number>> = {
    'POST /mcp': 401,
    'GET /sse': 401,
    'POST /messages': 401,
    'POST /oauth/validate': 401,
    'GET /api/v1/user/profile': 401,
    'GET /api/v1/openapi.json': 200,
    'GET /.well-known/oauth-protected-resource': 200,
    'GET /.well-known/oauth-protected-resource/mcp': 200,
    // Nobody is there in this test.
    'GET /.well-known/oauth-authorization-server': 503,
    'GET /.well-known/openid-configuration': 503,
    'GET /': 200,
    'GET /live': 200,
    'GET /ready': 200,
    'GET /health': 200,
  };
  for (const [route, status] of Object.entries(served))
    it(`${route} is served`, async () => {
      const answer = await ask(theirs, route);
      assert.equal(answer.status, status);
      assert.ok(!(await answer.text()).includes('/oauth/authorize'), 'it leads nowhere here');
    });

  it('describes the records with the metadata of the issuer', async () => {
    const answer = await theirs.ask('/api/v1/openapi.json');
    const document = (await answer.json()) as {
      readonly paths: object;
      readonly components: { readonly securitySchemes: object };
    };
    assert.deepEqual(document.components.securitySchemes, {
      oauth: {
        type: 'openIdConnect',
        openIdConnectUrl: `${theirs.origin}/.well-known/openid-configuration`,
      },
    });
    assert.ok(!Object.keys(document.paths).some((path) => path.includes('registrations')));
  });
});

describe('what its metadata names', () => {
  const server = { issuer: 'https://login.example.com' };
  const nowhere = (): never => {
    throw new Error('nothing is connected to here');
  };
  const network: Network = {
    resolve: async () => ['192.0.2.1'],
    openSocket: nowhere,
    openPlainSocket: nowhere,
  };
  const reasonOf = async (url: string, configured: ForeignAuthorizationServer = server): Promise<string> => {
    const error: unknown = await wayOut(configured, network)(url).catch((caught: unknown) => caught);
    assert.ok(isRefusal(error), String(error));
    return error.reason;
  };

  it('is reached at any address on the host of the issuer, or where the operator wrote it', async () => {
    assert.equal(await reasonOf('https://login.example.com/jwks'), 'host_unreachable');
    const endpoint = 'https://10.0.0.7:8443/introspect';
    const introspection = { client_id: 'a', client_secret: 'b', endpoint };
    assert.equal(await reasonOf(endpoint, { ...server, introspection }), 'host_unreachable');
  });

  it('is a stranger’s URL otherwise: nothing private, no other port, nothing in the clear', async () => {
    assert.equal(await reasonOf('https://keys.example.net/jwks'), 'address_refused');
    assert.equal(await reasonOf('https://10.0.0.7/jwks'), 'address_refused');
    assert.equal(await reasonOf('https://keys.example.net:8443/jwks'), 'port_refused');
    assert.equal(await reasonOf('http://127.0.0.1/jwks'), 'url_refused');
  });
});

describe('scopes of somebody else’s authorization server', () => {
  const resource = {
    resource: 'https://mcp.example.com/mcp',
    title: 'Records',
    scopes: [
      { name: 'read', description: 'read' },
      { name: 'write', description: 'write', includes: ['read'] },
    ],
    defaultScopes: ['read'],
    isDefault: true,
  };
  const guardWith = (scopes?: Readonly<Record<string, readonly string[]>>) =>
    foreignGuard(
      { server: { issuer: 'https://login.example.com' }, ...(scopes && { scopes }) },
      { resource, identifiers: [resource.resource] },
      { accountOf: async () => 'id', log: () => {} },
    );
  const caller = (...scope: string[]): Caller => ({
    sub: 'ann',
    client_id: 'client',
    scope,
    resource: resource.resource,
    expiresAt: 1_800_000_060,
  });

  it('mean what the configuration says, and nothing by being called as ours are', () => {
    const guard = guardWith({ notes: ['read'] });
    assert.ok(guard.hasScopes(['read'], caller('notes')));
    for (const scope of [['notes', 'write'], ['write'], ['read']])
      assert.equal(guard.hasScopes(['write'], caller(...scope)), false, scope.join(' '));
    assert.equal(guard.hasScopes(['read'], caller('read')), false);
    assert.ok(guardWith({ read: ['read'] }).hasScopes(['read'], caller('read')));
  });

  it('are ours where it says nothing', () => {
    assert.ok(guardWith().hasScopes(['read'], caller('write')));
  });
});

describe('people of somebody else’s authorization server', () => {
  const now = 1_800_000_000;
  const caller = (sub: string, said: Partial<NonNullable<Caller['foreign']>> = {}): Caller => ({
    sub,
    client_id: 'client',
    scope: [],
    resource: 'https://mcp.example.com/mcp',
    expiresAt: now + 60,
    foreign: { issuer: 'https://login.example.com', emailVerified: false, claims: {}, ...said },
  });

  it('are known by issuer and subject, once, however many calls come at first', async () => {
    const house = await openHouse();
    const { storage } = house;
    const accountOf = foreignPeople(storage, () => {});
    const ids = await Promise.all(Array.from({ length: 10 }, () => accountOf(caller('ann'), now)));
    assert.equal(new Set(ids).size, 1);
    assert.equal((await storage.listUsers()).length, 1);
    const elsewhere = await accountOf(caller('ann', { issuer: 'https://other.example.com' }), now);
    assert.notEqual(elsewhere, ids[0]);
    await house.close();
  });

  it('get an address only when it is verified and nobody’s, and never somebody’s account by it', async () => {
    const house = await openHouse();
    await house.addPerson('ada@example.com', 'correct horse battery');
    const accountOf = foreignPeople(house.storage, () => {});
    const emailOf = async (sub: string, said: Partial<NonNullable<Caller['foreign']>>) =>
      (await house.storage.findUser(await accountOf(caller(sub, said), now)))?.email;
    const label = (sub: string) => `https://login.example.com:${sub}`;
    assert.equal(await emailOf('one', { email: 'bob@example.com', emailVerified: false }), label('one'));
    assert.equal(await emailOf('two', { email: 'bob@example.com', emailVerified: true }), 'bob@example.com');
    assert.equal(await emailOf('three', { email: 'bob@example.com', emailVerified: true }), label('three'));
    assert.equal(await emailOf('four', { email: 'ada@example.com', emailVerified: true }), label('four'));
    await house.close();
  });

  it('come back with another account after theirs was taken from them', async () => {
    const house = await openHouse();
    const { storage } = house;
    const accountOf = foreignPeople(storage, () => {});
    const userId = await accountOf(caller('ann'), now);
    const provider = 'https://login.example.com';
    await storage.setPassword({ userId, passwordHash: 'x', now });
    const unlinked = { userId, provider, subject: 'ann', ways: ['password'], now };
    assert.equal(await storage.unlinkIdentity(unlinked), 'unlinked');
    const another = await accountOf(caller('ann'), now);
    assert.notEqual(another, userId);
    assert.equal(await accountOf(caller('ann'), now), another);
    await house.close();
  });

  it('are called by what fits in a line, whatever their issuer says', async () => {
    const house = await openHouse();
    const accountOf = foreignPeople(house.storage, () => {});
    await accountOf(caller('ann', { name: `Ann\0${'n'.repeat(8000)}`, username: '\ud800' }), now);
    const [identity] = await house.storage.listIdentities();
    assert.match(identity?.name ?? '', /^Ann n{1,200}$/);
    assert.equal(identity?.username, undefined);
    await house.close();
  });
});

it('the guard of the library is one that the gate takes', async () => {
  const guard: Guard = delegatedResourceServer({
    resource: 'https://mcp.example.com/mcp',
    authorizationServer: { issuer: 'https://login.example.com' },
  });
  const arrival: Arrival = { now: 1_800_000_000, address: '192.0.2.7', traceId: 'trace' };
  const answer = await guard.admit(new Request('https://mcp.example.com/mcp'), arrival.now, arrival);
  assert.ok(answer instanceof Response && answer.status === 401);
});
