// One table of requests, sent to the same guard behind every adapter on its real framework: the answers are the same.
import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { serve } from '@hono/node-server';
import { readChallenge } from '@sallyport/protocol';
import {
  delegatedResourceServer,
  protect,
  type Passed,
  type ResourceServer,
} from '@sallyport/resource-server';
import * as forExpress from '@sallyport/resource-server/express';
import * as forFastify from '@sallyport/resource-server/fastify';
import * as forHono from '@sallyport/resource-server/hono';
import * as forNext from '@sallyport/resource-server/next';
import * as forNode from '@sallyport/resource-server/node';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { claims as sample, foreignIssuer, issuer, metadata, newKey, resource } from './issuer.ts';

const key = await newKey('one');
const required = { requiredScopes: ['read'] };
const now = Math.floor(Date.now() / 1000);
const claims = { ...sample, iat: now, exp: now + 600 };

/** Starts a server whose `/mcp` says who calls. */
type Start = (guard: ResourceServer) => Promise<Started>;
interface Started {
  readonly port: number;
  readonly close: () => Promise<unknown> | void;
}

const said = ({ sub, client_id }: Passed['caller'], { clientId, extra }: Passed['authInfo']) => ({
  sub,
  client_id,
  clientId,
  userId: extra.userId,
});

const authOf = (req: object) => (req as { auth: Passed['authInfo'] }).auth;

const adapters: Readonly<Record<string, Start>> = {
  async express(guard) {
    const app = express();
    app.use(forExpress.wellKnown(guard));
    const router = express.Router();
    router.all('/', forExpress.requireToken(guard, required), (req, res) => {
      res.json(said(forExpress.callerOf(req), authOf(req)));
    });
    app.use('/mcp', router);
    return listen(createServer(app));
  },
  async fastify(guard) {
    const app = fastify();
    app.addHook('onRequest', forFastify.wellKnown(guard));
    app.route({
      method: ['GET', 'POST', 'DELETE', 'OPTIONS'],
      url: '/mcp',
      onRequest: forFastify.requireToken(guard, required),
      handler: async (request) => said(forFastify.callerOf(request), authOf(request.raw)),
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },
  async hono(guard) {
    const app = new Hono<forHono.Guarded>();
    app.use(forHono.wellKnown(guard));
    app.use('/mcp', forHono.requireToken(guard, required));
    app.all('/mcp', (c) => c.json(said(c.get('caller'), c.get('authInfo'))));
    return listen(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server);
  },
  async next(guard) {
    let made = 0;
    const documents = forNext.wellKnown(() => {
      made += 1;
      return guard;
    });
    // Next loads every route while it builds.
    assert.equal(made, 0);
    const mcp = forNext.guarded(
      guard,
      (request, { caller, authInfo }) => {
        assert.equal(authOf(request), authInfo);
        return Response.json(said(caller, authInfo));
      },
      required,
    );
    // As Next does with what a route exports: 405 for a method that it does not.
    const handle = (request: Request): Response | Promise<Response> => {
      const { pathname } = new URL(request.url);
      const route = pathname === '/mcp' ? mcp : pathname.includes('/.well-known/') ? documents : {};
      const handler = (route as Record<string, ((request: Request) => Promise<Response>) | undefined>)[
        request.method
      ];
      return (
        handler?.(request) ?? new Response(null, { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
      );
    };
    return listen(serve({ fetch: handle, port: 0, hostname: '127.0.0.1' }) as Server);
  },
  async 'node:http'(guard) {
    return listen(
      createServer(
        forNode.guarded(
          guard,
          (req, res, { caller, authInfo }) => {
            assert.equal(authOf(req), authInfo);
            assert.equal(forNode.callerOf(req), caller);
            res.setHeader('content-type', 'application/json').end(JSON.stringify(said(caller, authInfo)));
          },
          required,
        ),
      ),
    );
  },
};

for (const [name, start] of Object.entries(adapters))
  describe(`the adapter for ${name}`, () => {
    let started: Started;
    let isAway = false;
    const whence: (string | undefined)[] = [];
    before(async () => {
      const { fetch } = foreignIssuer([key]);
      const mayFail: typeof fetch = async (...args) => {
        if (isAway) throw new TypeError('fetch failed');
        return fetch(...args);
      };
      started = await start(
        delegatedResourceServer({
          resource,
          scopes: ['read', 'write'],
          authorizationServer: { issuer, introspection: { client_id: 'x', client_secret: 'y' } },
          fetch: mayFail,
          onRefusal: (_, arrival) => whence.push(arrival?.address),
        }),
      );
    });
    after(() => started.close());

    const call = (
      path: string,
      { token, ...init }: RequestInit & { token?: string } = {},
    ): Promise<Response> =>
      fetch(`http://127.0.0.1:${started.port}${path}`, {
        method: 'POST',
        ...init,
        headers: {
          ...(init.headers as object),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      });
    const challengeOf = (response: Response) => readChallenge(response.headers.get('www-authenticate'));
    const resource_metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';

    it('lets a good token in, and tells who calls', async () => {
      const response = await call('/mcp', { token: await key.sign(claims) });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.deepEqual(await response.json(), {
        sub: 'person',
        client_id: 'client',
        clientId: 'client',
        userId: 'person',
      });
    });

    it('challenges who has none, web pages included', async () => {
      const response = await call('/mcp');
      assert.equal(response.status, 401);
      assert.deepEqual(challengeOf(response), { scope: 'read write', resource_metadata });
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.match(response.headers.get('access-control-expose-headers') ?? '', /WWW-Authenticate/);
      assert.equal(((await response.json()) as { error: string }).error, 'invalid_token');
    });

    it('refuses what is no token for it', async () => {
      const bad = [
        'a.b.c',
        await key.sign({ ...claims, exp: now - 60 }),
        await key.sign({ ...claims, aud: 'https://other.example.com' }),
        await key.sign({ ...claims, aud: undefined }),
      ];
      for (const token of bad) {
        const response = await call('/mcp', { token });
        assert.equal(response.status, 401);
        assert.equal(challengeOf(response)?.error, 'invalid_token');
        assert.equal(challengeOf(response)?.resource_metadata, resource_metadata);
        assert.ok(!(await response.text()).includes(token));
      }
      const basic = await call('/mcp', { headers: { authorization: 'Basic eDp5' } });
      assert.equal(basic.status, 401);
    });

    it('tells the guard from where a token came, where the framework knows it', async () => {
      await call('/mcp', { token: 'a.b.c' });
      const knows = ['express', 'fastify', 'node:http'].includes(name);
      assert.equal(whence.at(-1), knows ? '127.0.0.1' : undefined);
    });

    it('asks for the scope that every call needs', async () => {
      const response = await call('/mcp', { token: await key.sign({ ...claims, scope: 'write' }) });
      assert.equal(response.status, 403);
      assert.deepEqual(
        [challengeOf(response)?.error, challengeOf(response)?.scope],
        ['insufficient_scope', 'write read'],
      );
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    });

    it('refuses a token in the URL, and takes a second header for none', async () => {
      const token = await key.sign(claims);
      assert.equal((await call(`/mcp?access_token=${token}`, { token })).status, 400);
      const twice = await raw(started.port, [
        'Authorization',
        `Bearer ${token}`,
        'Authorization',
        'Bearer other',
      ]);
      assert.equal(twice, 401);
    });

    it('serves a document that is asked for as of a proxy', async () => {
      const path = '/.well-known/oauth-protected-resource/mcp';
      assert.equal(await raw(started.port, [], 'GET', `http://mcp.example.com${path}`), 200);
    });

    it('takes a method that fetch does not know for one that needs a token, too', async () => {
      const status = await raw(started.port, [], 'TRACE');
      assert.ok(status !== undefined && status >= 400 && status < 500, String(status));
    });

    it('refuses web pages of strangers', async () => {
      const response = await call('/mcp', {
        token: await key.sign(claims),
        headers: { origin: 'https://evil.example' },
      });
      assert.equal(response.status, 403);
    });

    it('answers a preflight without a token', async () => {
      const response = await call('/mcp', { method: 'OPTIONS' });
      assert.equal(response.status, 204);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.match(response.headers.get('access-control-allow-methods') ?? '', /POST/);
      assert.match(response.headers.get('access-control-allow-headers') ?? '', /authorization/i);
    });

    it('serves the documents at the root and with the path, to GET, HEAD and preflights', async () => {
      const ours = { resource, authorization_servers: [issuer], scopes_supported: ['read', 'write'] };
      const documents: [string, object][] = [
        ['oauth-protected-resource', ours],
        ['oauth-authorization-server', metadata],
        ['openid-configuration', metadata],
      ];
      for (const [document, expected] of documents)
        for (const suffix of ['', '/mcp']) {
          const path = `/.well-known/${document}${suffix}`;
          const response = await call(path, { method: 'GET' });
          assert.equal(response.status, 200, path);
          assert.equal(response.headers.get('access-control-allow-origin'), '*');
          assert.match(response.headers.get('cache-control') ?? '', /max-age/);
          assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
          assert.partialDeepStrictEqual(await response.json(), expected);
          const head = await call(path, { method: 'HEAD' });
          assert.deepEqual([head.status, await head.text()], [200, '']);
          assert.equal((await call(path, { method: 'OPTIONS' })).status, 200);
          const posted = await call(path);
          assert.equal(posted.status, 405);
          assert.match(posted.headers.get('allow') ?? '', /GET/);
        }
    });

    it('says 503 while the issuer is away, and blames no token', async () => {
      isAway = true;
      try {
        const warned = new Promise((resolve) => process.once('warning', resolve));
        const response = await call('/mcp', { token: 'opaque' });
        assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '5']);
        assert.equal(response.headers.get('www-authenticate'), null);
        assert.match(String(await warned), /Unavailable/);
      } finally {
        isAway = false;
      }
    });
  });

describe('what fails behind the adapter for node:http', () => {
  const answering = async (handle: (res: ServerResponse) => void) => {
    const guard = delegatedResourceServer({
      resource,
      authorizationServer: { issuer },
      fetch: foreignIssuer([key]).fetch,
    });
    const told: Error[] = [];
    const onError = (error: Error) => told.push(error);
    const { port, close } = await listen(
      createServer(forNode.guarded(guard, (_, res) => handle(res), { onError })),
    );
    const authorization = `Bearer ${await key.sign(claims)}`;
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, { headers: { authorization } }).catch(
      () => undefined,
    );
    const text = await response?.text().catch(() => undefined);
    await close();
    assert.deepEqual(
      told.map(({ message }) => message),
      ['failed'],
    );
    return { status: response?.status, text, type: response?.headers.get('content-type') };
  };

  it('before it answered is a 500, without what was to be said of the answer', async () => {
    const answer = await answering((res) => {
      res.setHeader('content-length', 100).setHeader('content-type', 'text/csv');
      throw new Error('failed');
    });
    assert.deepEqual(answer, { status: 500, text: '', type: null });
  });

  it('in the middle of an answer breaks it off, so that nobody takes it for whole', async () => {
    const { text } = await answering((res) => {
      res.write('the first half');
      throw new Error('failed');
    });
    assert.equal(text, undefined);
  });
});

describe('a route that nothing guards', () => {
  it('has no caller', () => {
    assert.throws(() => forExpress.callerOf({} as never), /This route is not guarded/);
  });
});

async function listen(server: Server): Promise<Started> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { port: (server.address() as AddressInfo).port, close };
}

/** What `fetch` cannot send. */
function raw(port: number, headers: string[], method = 'POST', path = '/mcp'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', path, method, headers: ['Host', 'x', ...headers] }, (res) => {
      res.resume();
      resolve(res.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('a door that is told from where requests come', () => {
  it('tells the guard, whose answer has a trace; a flood from there is told to wait', async () => {
    const { fetch, answers, times } = foreignIssuer([key]);
    answers.set('/introspect', () => Response.json({ active: false }));
    const guard = delegatedResourceServer({
      resource,
      authorizationServer: { issuer, introspection: { client_id: 'x', client_secret: 'y' } },
      fetch,
      waitSeconds: async (arrival) => (arrival?.address === '192.0.2.1' ? 30 : undefined),
    });
    const addressOf = ({ headers }: Request) => headers.get('x-client') ?? undefined;
    const door = protect(guard, { addressOf });
    const send = async (token: string, address: string): Promise<Response> => {
      const headers = { authorization: `Bearer ${token}`, 'x-client': address };
      const answer = await door.enter(new Request(resource, { headers }), '192.0.2.1');
      assert.ok(answer instanceof Response);
      return answer;
    };
    assert.equal((await send('one', '192.0.2.2')).status, 401);
    for (const token of ['two', 'three']) {
      const answer = await send(token, '192.0.2.1');
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '30']);
      assert.ok(answer.headers.get('sallyport-trace'));
    }
    assert.equal(times('/introspect'), 2, 'the third was not asked about');
  });
});
