// examples/nextjs-clerk as a newcomer gets it: copied to an empty folder, installed with our packages from their tarballs,
// built and started; then the MCP SDK's client comes to it by way of Clerk, and whoever should not come in tries to.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { MemoryProvider, REDIRECT_URL } from '../../packages/sallyport/test/interop/memory-provider.ts';
import { baseUrl } from '../../examples/nextjs-clerk/lib/base-url.ts';
import { startClerk, type Clerk } from '../clerk.ts';
import { skipUnless } from '../needs.ts';
import { buildNext, copyApp, installExample, registryAnswers, startNext, type Running } from '../nextjs.ts';

describe('where examples/nextjs-clerk is', () => {
  const vercel = {
    NODE_ENV: 'production',
    VERCEL_PROJECT_PRODUCTION_URL: 'app.example',
    VERCEL_BRANCH_URL: 'app-git-next.example',
    VERCEL_URL: 'app-1a2b3c.example',
  };
  for (const [how, env, url] of [
    [
      'what PUBLIC_URL says, before all',
      { ...vercel, PUBLIC_URL: 'https://mcp.example/' },
      'https://mcp.example',
    ],
    ['the domain of production', { ...vercel, VERCEL_ENV: 'production' }, 'https://app.example'],
    ['that of a preview’s branch', { ...vercel, VERCEL_ENV: 'preview' }, 'https://app-git-next.example'],
    ['that of the deployment', { ...vercel, VERCEL_BRANCH_URL: undefined }, 'https://app-1a2b3c.example'],
    ['this computer, for its developer', { NODE_ENV: 'development' }, 'http://localhost:3000'],
    ['this computer, at another port', { NODE_ENV: 'development', PORT: '4000' }, 'http://localhost:4000'],
  ] as const)
    it(`is ${how}`, () => assert.equal(baseUrl(env), url));

  it('is nowhere, where nothing says it: nobody guesses it from a request', () => {
    assert.throws(() => baseUrl({ NODE_ENV: 'production' }), /Set PUBLIC_URL/);
    assert.throws(() => baseUrl({ PUBLIC_URL: 'https://mcp.example/mcp' }), /https:\/\/mcp\.example$/);
    assert.throws(() => baseUrl({ PUBLIC_URL: 'mcp.example' }));
  });
});

const skip = skipUnless((await registryAnswers()) || undefined, 'the npm registry');

const ada = {
  clerk_id: 'user_2adaLovelace',
  email_addresses: ['ada@example.com'],
  first_name: 'Ada',
  last_name: 'Lovelace',
  private_metadata: { note: 'for the app alone' },
};

describe('examples/nextjs-clerk', { skip }, () => {
  let folder: string;
  let clerk: Clerk;
  let app: Running;
  let mcpUrl: URL;
  before(async () => {
    clerk = await startClerk({ redirect_uris: [REDIRECT_URL], users: [ada] });
    folder = copyApp('examples/nextjs-clerk');
    await installExample(folder);
    // Without its keys, as an image is built.
    await buildNext(folder);
    app = await startNext(folder, {
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_API_URL: clerk.issuer,
    });
    mcpUrl = new URL('/mcp', app.url);
  });
  after(async () => {
    await app?.stop();
    await clerk?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, app.url), init);
  /** A call of a tool, as clients of 2025-06-18 send it without a session. */
  const call = (token: string | undefined, name = 'show_content', headers: Record<string, string> = {}) =>
    ask('/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name, arguments: name === 'show_content' ? { name: 'Ada' } : {} },
      }),
    });
  const forUs = (changed: Readonly<Record<string, unknown>> = {}) =>
    clerk.accessToken({ aud: mcpUrl.href, ...changed });

  describe('the way in', () => {
    for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])
      it(`says at ${path} who issues the tokens`, async () => {
        const response = await ask(path);
        assert.equal(response.status, 200);
        isForWebPages(response);
        isCached(response);
        const said = (await response.json()) as Record<string, unknown>;
        assert.equal(said['resource'], mcpUrl.href);
        assert.deepEqual(said['authorization_servers'], [clerk.issuer]);
        assert.deepEqual(said['scopes_supported'], ['profile', 'email']);
        assert.deepEqual(said['bearer_methods_supported'], ['header']);
      });

    it("serves Clerk's metadata, with everything that must be in it", async () => {
      const response = await ask('/.well-known/oauth-authorization-server');
      assert.equal(response.status, 200);
      isForWebPages(response);
      isCached(response);
      const said = (await response.json()) as Record<string, string & string[]>;
      assert.equal(said['issuer'], clerk.issuer);
      for (const member of [
        'authorization_endpoint',
        'token_endpoint',
        'jwks_uri',
        'registration_endpoint',
      ] as const)
        assert.equal(new URL(said[member] ?? '').origin, clerk.issuer, member);
      assert.deepEqual(said['response_types_supported'], ['code']);
      assert.deepEqual(said['grant_types_supported'], ['authorization_code', 'refresh_token']);
      assert.ok(said['code_challenge_methods_supported']?.includes('S256'));
    });

    it('serves a true OpenID document, which the other is not', async () => {
      const openid = (await (await ask('/.well-known/openid-configuration')).json()) as object;
      const own = (await (await fetch(`${clerk.issuer}/.well-known/openid-configuration`)).json()) as object;
      assert.deepEqual(openid, own);
      // OpenID Connect Discovery §3: required of a provider, and unknown to RFC 8414.
      for (const member of ['subject_types_supported', 'id_token_signing_alg_values_supported'])
        assert.ok(member in openid, member);
      const oauth = (await (await ask('/.well-known/oauth-authorization-server')).json()) as object;
      assert.ok(!('subject_types_supported' in oauth));
    });

    for (const name of ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration'])
      it(`answers HEAD and a preflight for ${name}`, async () => {
        const head = await ask(`/.well-known/${name}`, { method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.equal(await head.text(), '');
        const preflight = await ask(`/.well-known/${name}`, { method: 'OPTIONS' });
        assert.ok(preflight.ok);
        isForWebPages(preflight);
        assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET.*OPTIONS/);
        assert.equal(preflight.headers.get('access-control-max-age'), '86400');
      });

    it('knows no other document', async () => {
      assert.equal((await ask('/.well-known/oauth-protected-resource/other')).status, 404);
    });

    it('takes its address from the environment, whatever the request says', async () => {
      const forged = {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
      };
      const document = await (
        await ask('/.well-known/oauth-protected-resource/mcp', { headers: forged })
      ).text();
      const challenge = await call(undefined, 'show_content', forged);
      for (const said of [document, challenge.headers.get('www-authenticate') ?? '']) {
        assert.doesNotMatch(said, /evil/);
        assert.ok(said.includes(app.url));
      }
    });
  });

  for (const mode of ['legacy', { pin: '2026-07-28' }] as const)
    describe(`a client of the ${typeof mode === 'string' ? 'earlier' : 'stateless'} protocol`, () => {
      const provider = new MemoryProvider();
      let client: Client;
      let transport: StreamableHTTPClientTransport;
      const connect = async () => {
        client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
        transport = new StreamableHTTPClientTransport(mcpUrl, { authProvider: provider });
        await client.connect(transport);
      };
      after(() => client?.close());

      it('finds Clerk, registers there, and sends its person to sign in', async () => {
        await assert.rejects(connect(), UnauthorizedError);
        const sentTo = provider.lastSentTo();
        assert.equal(sentTo.origin + sentTo.pathname, `${clerk.issuer}/oauth/authorize`);
        assert.equal(sentTo.searchParams.get('resource'), mcpUrl.href);
        assert.equal(sentTo.searchParams.get('scope'), 'profile email offline_access');
      });

      it('comes back with a token that is let in', async () => {
        const answer = await clerk.signIn(provider.lastSentTo(), ada);
        provider.judgeState(answer);
        await transport.finishAuth(answer.searchParams);
        await connect();
        const { tools } = await client.listTools();
        assert.deepEqual(tools.map(({ name }) => name).sort(), ['get-clerk-user-data', 'show_content']);
        const { _meta } = tools.find(({ name }) => name === 'show_content') ?? {};
        assert.deepEqual(_meta, {
          'openai/outputTemplate': 'ui://widget/content-template.html',
          'openai/toolInvocation/invoking': 'Loading content …',
          'openai/toolInvocation/invoked': 'Content loaded',
          'openai/widgetAccessible': false,
          'openai/resultCanProduceWidget': true,
        });
      });

      it('calls show_content', async () => {
        const before = Date.now();
        const { content, structuredContent, _meta } = await client.callTool({
          name: 'show_content',
          arguments: { name: 'Ada' },
        });
        const said = structuredContent as Record<string, string>;
        assert.equal(said['name'], 'Ada');
        assert.equal(said['userId'], ada.clerk_id);
        assert.ok(Math.abs(Date.parse(said['timestamp'] ?? '') - before) < 60_000);
        assert.match(JSON.stringify(content), /Ada.*user_2adaLovelace/);
        assert.equal(_meta?.['openai/outputTemplate'], 'ui://widget/content-template.html');
      });

      it("gets its person's user from Clerk, without what is the app's alone", async () => {
        const { content } = await client.callTool({ name: 'get-clerk-user-data', arguments: {} });
        const [{ text } = assert.fail('nothing')] = content as { text: string }[];
        const user = JSON.parse(text) as { id: string; email_addresses: { email_address: string }[] };
        assert.equal(user.id, ada.clerk_id);
        assert.equal(user.email_addresses[0]?.email_address, 'ada@example.com');
        assert.doesNotMatch(text, /private_metadata|for the app alone/);
      });

      it('reads the widget', async () => {
        const { resources } = await client.listResources();
        const [{ name, uri, mimeType, _meta } = assert.fail('no resource')] = resources;
        assert.deepEqual([name, uri], ['content-widget', 'ui://widget/content-template.html']);
        assert.equal(mimeType, 'text/html+skybridge');
        const { contents } = await client.readResource({ uri });
        const [widget = assert.fail('nothing')] = contents;
        assert.equal(widget.mimeType, 'text/html+skybridge');
        assert.match((widget as { text: string }).text, /^<!doctype html>/);
        for (const meta of [_meta, widget._meta])
          assert.deepEqual(meta, {
            'openai/widgetDescription': 'Shows for whom the tool was called, as whom, and when.',
            'openai/widgetPrefersBorder': true,
            'openai/widgetCSP': { connect_domains: [], resource_domains: [] },
            'openai/widgetDomain': app.url,
          });
      });
    });

  describe('who may not come in', () => {
    const refused: readonly (readonly [string, () => Promise<string | undefined>, string])[] = [
      ['without a token', async () => undefined, 'An access token is required'],
      ['with something that is no token', async () => 'nonsense', 'not valid'],
      [
        'with a token that Clerk did not sign',
        async () => `${(await forUs()).slice(0, -40)}${'A'.repeat(40)}`,
        'not valid',
      ],
      ['with a token of another issuer', () => forUs({ iss: 'https://clerk.example' }), 'not valid'],
      ['with an expired token', () => forUs({ exp: 1_700_000_000 }), 'expired'],
      [
        'with a token for another server',
        () => forUs({ aud: 'https://other.example/mcp' }),
        'another server',
      ],
      ['with a token for no server', () => clerk.accessToken(), 'server'],
      ['with an opaque token that Clerk does not know', async () => 'oat_unknown', 'not valid'],
      [
        'with an opaque token that was revoked',
        async () => clerk.opaqueToken({ aud: [mcpUrl.href], revoked: true }),
        'not valid',
      ],
      [
        'with an opaque token for another server',
        async () => clerk.opaqueToken({ aud: ['https://other.example/mcp'] }),
        'another server',
      ],
    ];
    for (const [how, token, sentence] of refused)
      it(`nobody ${how}`, async () => {
        const response = await call(await token());
        assert.equal(response.status, 401);
        isForWebPages(response);
        assert.match(response.headers.get('access-control-expose-headers') ?? '', /WWW-Authenticate/i);
        const challenge = response.headers.get('www-authenticate') ?? '';
        assert.match(challenge, /^Bearer /);
        assert.ok(
          challenge.includes(`resource_metadata="${app.url}/.well-known/oauth-protected-resource/mcp"`),
        );
        const said = (await response.json()) as Record<string, string>;
        assert.equal(said['error'], 'invalid_token');
        assert.ok(said['error_description']?.includes(sentence), said['error_description']);
        // RFC 6750 §3.1: whoever shows nothing has made no error yet.
        assert.equal(challenge.includes('error='), how !== 'without a token');
      });

    it('nobody with a token in the URL', async () => {
      const response = await ask(`/mcp?access_token=${await forUs()}`);
      assert.equal(response.status, 400);
    });

    it('nobody to a tool that needs a scope which the token does not have', async () => {
      const token = await forUs({ scope: 'profile' });
      assert.equal((await call(token)).status, 200);
      const response = await call(token, 'get-clerk-user-data');
      assert.equal(response.status, 403);
      const challenge = response.headers.get('www-authenticate') ?? '';
      assert.match(challenge, /error="insufficient_scope"/);
      assert.match(challenge, /scope="profile email"/);
      assert.ok(
        challenge.includes(`resource_metadata="${app.url}/.well-known/oauth-protected-resource/mcp"`),
      );
    });

    it('no page of a stranger in somebody’s browser', async () => {
      const response = await call(await forUs(), 'show_content', { origin: 'https://evil.example' });
      assert.equal(response.status, 403);
    });
  });

  describe('who may', () => {
    it('whoever has an opaque token for this server', async () => {
      const response = await call(clerk.opaqueToken({ aud: [mcpUrl.href] }));
      assert.equal(response.status, 200);
      assert.match(await response.text(), /user_2adaLovelace/);
    });

    it('an instance that issues opaque tokens, through the whole flow', async () => {
      clerk.format = 'opaque';
      const provider = new MemoryProvider();
      const open = async () => {
        const client = new Client({ name: 'test', version: '1.0.0' });
        const transport = new StreamableHTTPClientTransport(mcpUrl, { authProvider: provider });
        return { client, transport, connecting: client.connect(transport) };
      };
      try {
        const first = await open();
        await assert.rejects(first.connecting, UnauthorizedError);
        await first.transport.finishAuth((await clerk.signIn(provider.lastSentTo(), ada)).searchParams);
        assert.match(provider.tokensNow.access_token, /^oat_/);
        const { client, connecting } = await open();
        await connecting;
        assert.equal((await client.listTools()).tools.length, 2);
        await client.close();
      } finally {
        clerk.format = 'jwt';
      }
    });

    it('HEAD is answered like GET, without a body', async () => {
      assert.equal((await ask('/mcp', { method: 'HEAD' })).status, 401);
      const authorization = `Bearer ${await forUs()}`;
      const [get, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => ask('/mcp', { method, headers: { authorization } })),
      );
      assert.equal(head?.status, get?.status);
      assert.equal(await head?.text(), '');
    });

    it('OPTIONS is a preflight: 204, for everybody', async () => {
      const response = await ask('/mcp', { method: 'OPTIONS' });
      assert.equal(response.status, 204);
      isForWebPages(response);
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
        assert.ok(response.headers.get('access-control-allow-methods')?.includes(method), method);
      for (const header of ['Authorization', 'Content-Type'])
        assert.ok(response.headers.get('access-control-allow-headers')?.includes(header), header);
      assert.equal(response.headers.get('access-control-max-age'), '86400');
    });
  });

  it('tells nobody a secret', async () => {
    assert.equal((await ask('/')).status, 200);
    assert.ok(!app.log().includes(clerk.secretKey));
    assert.doesNotMatch(app.log(), /eyJ|oat_/);
  });
});

function isForWebPages(response: Response): void {
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
}

function isCached(response: Response): void {
  assert.match(response.headers.get('cache-control') ?? '', /max-age=\d+/);
}
