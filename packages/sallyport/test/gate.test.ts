// The resource server in front of /mcp: challenges that clients act on, and nothing that lets a wrong token through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readChallenge } from '@sallyport/protocol';
import { askMcp, connect, EMAIL, errorOf, PASSWORD } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';
import { foreignSigner, signerOf } from './house/signers.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

const METADATA = 'http://localhost:8000/.well-known/oauth-protected-resource/mcp';

describe('protected resource metadata', () => {
  it('is served at its path and at the root, for the exact URL that people paste', async () => {
    const document = (await (await house.ask(METADATA)).json()) as Record<string, unknown>;
    assert.deepEqual(document, {
      resource: 'http://localhost:8000/mcp',
      authorization_servers: ['http://localhost:8000'],
      scopes_supported: ['read', 'write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Records',
    });
    assert.deepEqual(await (await house.ask('/.well-known/oauth-protected-resource')).json(), document);
  });
});

describe('the MCP URL in a browser', () => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';

  it('says what the address is for, with the same status and challenge', async () => {
    const toClient = await house.ask('/mcp');
    const page = await house.ask('/mcp', { headers: { accept } });
    assert.equal(page.status, 401);
    assert.equal(page.headers.get('www-authenticate'), toClient.headers.get('www-authenticate'));
    assert.match(page.headers.get('content-type')!, /^text\/html/);
    assert.match(page.headers.get('content-security-policy')!, /default-src 'none'/);
    assert.match(await page.text(), /<h1>An address for apps<\/h1>.*<a href="\/"/s);
  });

  it('stays JSON for whoever posts, or brings a token', async () => {
    const posted = await house.ask('/mcp', { method: 'POST', headers: { accept }, body: '{}' });
    const brought = await house.ask('/mcp', { headers: { accept, authorization: 'Bearer x' } });
    for (const response of [await house.ask('/mcp'), posted, brought]) {
      assert.equal(response.status, 401);
      assert.equal(await errorOf(response), 'invalid_token');
    }
  });
});

describe('a metadata document', () => {
  it('is only read: every other method is 405 with Allow, readable by a web page', async () => {
    for (const path of [
      METADATA,
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-authorization-server',
    ]) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const response = await house.ask(path, { method });
        assert.equal(response.status, 405, `${method} ${path}`);
        assert.equal(response.headers.get('allow'), 'GET, HEAD');
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
        assert.equal(await errorOf(response), 'invalid_request');
      }
      assert.equal((await house.ask(path, { method: 'HEAD' })).status, 200);
    }
  });
});

describe('a request without a token', () => {
  it('is challenged with where the metadata is and what to ask for, and no error code', async () => {
    const response = await askMcp(house);
    assert.equal(response.status, 401);
    assert.deepEqual(readChallenge(response.headers.get('www-authenticate')), {
      scope: 'read',
      resource_metadata: METADATA,
    });
    assert.match(response.headers.get('access-control-expose-headers')!, /WWW-Authenticate/);
  });
  it('is challenged whatever its method and body', async () => {
    for (const method of ['GET', 'DELETE', 'POST'])
      assert.equal((await house.ask('/mcp', { method })).status, 401, method);
  });
});

describe('a wrong token', () => {
  it('is 401 invalid_token, never 500, however it is wrong', async () => {
    const { tokens } = await connect(house);
    const [header, payload, signature] = tokens.access_token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [own, foreign] = [await signerOf(house), await foreignSigner(house)];
    const wrong = {
      tampered: `${header}.${encode({ ...claims, scope: 'read write' })}.${signature}`,
      'cut signature': tokens.access_token.slice(0, -4),
      'without signature': `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      'signed by another key': foreign('at+jwt', claims),
      'of another audience': own('at+jwt', { ...claims, aud: 'http://localhost:8000/other' }),
      'of another issuer': own('at+jwt', { ...claims, iss: 'http://localhost:8000/' }),
      'of another type': own('JWT', claims),
      'without a grant': own('at+jwt', { ...claims, grant_id: undefined }),
      'of an unknown grant': own('at+jwt', { ...claims, grant_id: 'unknown' }),
      expired: own('at+jwt', { ...claims, exp: house.clock.now }),
      'a refresh token': tokens.refresh_token,
      nonsense: 'abc',
      'three dots': '...',
      'not base64': '%%%.%%%.%%%',
      huge: 'x'.repeat(10_000),
    };
    for (const [name, token] of Object.entries(wrong)) {
      const response = await askMcp(house, token);
      assert.equal(response.status, 401, name);
      const challenge = readChallenge(response.headers.get('www-authenticate'));
      assert.equal(challenge?.error, 'invalid_token', name);
      assert.equal(challenge.resource_metadata, METADATA, name);
      assert.equal(await errorOf(response), 'invalid_token', name);
    }
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  });
  it('of another scheme is 401 too', async () => {
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer  ', 'Bearer a b', 'Token abc', ''])
      assert.equal(
        (await house.ask('/mcp', { method: 'POST', headers: { authorization } })).status,
        401,
        authorization,
      );
  });
  it('in the query is 400, even beside a good one', async () => {
    const { tokens } = await connect(house);
    for (const headers of [{}, { authorization: `Bearer ${tokens.access_token}` }]) {
      const response = await house.ask(`/mcp?access_token=${tokens.access_token}`, {
        method: 'POST',
        headers: headers as Record<string, string>,
      });
      assert.equal(response.status, 400);
      assert.equal(await errorOf(response), 'invalid_request');
    }
  });
  it('expires at its time, also when it was judged before', async () => {
    const { tokens } = await connect(house);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const before = house.clock.now;
    house.clock.now += 3600;
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    house.clock.now = before;
  });
});

describe('scopes', () => {
  const create = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'create_user_item', arguments: { name: 'a' } },
  };
  it('missing: 403 insufficient_scope that names all that is needed, so that one step up is enough', async () => {
    const { tokens } = await connect(house, { scope: 'read' });
    const response = await askMcp(house, tokens.access_token, create);
    assert.equal(response.status, 403);
    const challenge = readChallenge(response.headers.get('www-authenticate'));
    assert.equal(challenge?.error, 'insufficient_scope');
    // It includes `read`, so a client that replaces its scopes by this loses nothing.
    assert.equal(challenge.scope, 'write');
    assert.equal(challenge.resource_metadata, METADATA);
    const { tokens: more } = await connect(house, { scope: challenge.scope });
    assert.equal((await askMcp(house, more.access_token, create)).status, 200);
  });
});

describe('Host and Origin', () => {
  it('of strangers are refused before a token is looked at', async () => {
    for (const origin of [
      'https://evil.example.com',
      'null',
      'http://localhost.evil.example.com',
      'http://localhost:1@evil.example.com',
    ])
      assert.equal((await house.ask('/mcp', { method: 'POST', headers: { origin } })).status, 403, origin);
    for (const origin of [
      'http://localhost:8000',
      'http://localhost:6274',
      'http://127.0.0.1:6274',
      'http://[::1]:6274',
    ])
      assert.equal((await house.ask('/mcp', { method: 'POST', headers: { origin } })).status, 401, origin);
    const rebound = await house.ask('http://evil.example.com:8000/mcp', { method: 'POST' });
    assert.equal(rebound.status, 421);
  });
});

describe('a store that cannot be reached', () => {
  it('is 503 with Retry-After, never a false 401, and recovers', async () => {
    const { StorageUnavailable } = await import('@sallyport/storage');
    let isDown = false;
    const rigged = await openHouse({
      rig: (storage) =>
        new Proxy(storage, {
          get(target, name, receiver) {
            const member: unknown = Reflect.get(target, name, receiver);
            if (typeof member !== 'function' || name === 'onChange' || name === 'openCounter') return member;
            return (...args: unknown[]) =>
              isDown
                ? Promise.reject(new StorageUnavailable('down'))
                : (Reflect.apply(member, target, args) as unknown);
          },
        }),
    });
    await rigged.addPerson(EMAIL, PASSWORD);
    const { tokens, client } = await connect(rigged);
    isDown = true;
    for (const response of [
      await askMcp(rigged, tokens.access_token),
      await rigged.ask('/oauth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `client_id=${client.client_id}&grant_type=refresh_token&refresh_token=${tokens.refresh_token}`,
      }),
      await rigged.ask(`/oauth/authorize?client_id=${client.client_id}`),
    ]) {
      assert.equal(response.status, 503);
      assert.ok(Number(response.headers.get('retry-after')) > 0);
    }
    assert.equal((await rigged.ask('/health')).status, 503);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const submit = { method: 'POST', headers: form, body: 'email=a%40example.com&csrf=x' };
    for (const [path, init] of [
      ['/', {}],
      ['/sign-in', {}],
      ['/sign-up', {}],
      ['/sign-up', submit],
    ] as const) {
      // With a session cookie, or nobody would be looked for.
      const headers = {
        accept: 'text/html',
        cookie: 'sallyport-session-8000=x',
        ...('headers' in init && form),
      };
      const page = await rigged.ask(path, { ...init, headers });
      assert.equal(page.status, 503, path);
      assert.ok(Number(page.headers.get('retry-after')) > 0);
      const html = await page.text();
      assert.match(html, /<h1>[^<]+<\/h1>/);
      assert.ok(html.includes(page.headers.get('sallyport-trace')!));
      assert.ok(rigged.events.some(({ facts }) => facts['traceId'] === page.headers.get('sallyport-trace')));
    }
    const program = await rigged.ask('/', { headers: { cookie: 'sallyport-session-8000=x' } });
    assert.equal(program.status, 503);
    assert.equal(await errorOf(program), 'temporarily_unavailable');
    assert.ok(!rigged.events.some(({ event }) => event === 'unexpected'));
    isDown = false;
    assert.equal((await askMcp(rigged, tokens.access_token)).status, 200);
    assert.equal((await rigged.ask('/health')).status, 200);
    await rigged.close();
  });
});
