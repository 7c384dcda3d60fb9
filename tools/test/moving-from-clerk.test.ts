// docs/moving-from-clerk-nextjs.md is followed to the letter, by an app as its readers have it: what the page says of the
// app before is so, each step works, and what it promises of the app afterwards holds.

import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { MemoryProvider, REDIRECT_URL } from '../../packages/sallyport/test/interop/memory-provider.ts';
import { startClerk, type Clerk } from '../clerk.ts';
import { readDocuments } from '../docs.ts';
import { skipUnless } from '../needs.ts';
import { buildNext, copyApp, packGuard, registryAnswers, startNext, type Running } from '../nextjs.ts';
import { execute, install } from '../packed.ts';

const skip = skipUnless((await registryAnswers()) || undefined, 'the npm registry');
const page = readDocuments(join(import.meta.dirname, '../..')).find(
  ({ path }) => path === 'docs/moving-from-clerk-nextjs.md',
);
const ada = {
  clerk_id: 'user_2adaLovelace',
  email_addresses: ['ada@example.com'],
  first_name: 'Ada',
  last_name: 'Lovelace',
};

describe('docs/moving-from-clerk-nextjs.md', { skip }, () => {
  let folder: string;
  let clerk: Clerk;
  let env: Record<string, string>;
  let app: Running;
  before(async () => {
    clerk = await startClerk({ redirect_uris: [REDIRECT_URL], users: [ada] });
    env = {
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_API_URL: clerk.issuer,
      CLERK_TELEMETRY_DISABLED: '1',
    };
    folder = copyApp('tools/test/clerk-app');
    await install(folder);
  });
  after(async () => {
    await app?.stop();
    await clerk?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, app.url), init);
  const json = async (path: string) => (await (await ask(path)).json()) as Record<string, unknown>;
  const call = (token: string) =>
    ask('/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'show_content', arguments: { name: 'Ada' } },
      }),
    });
  const elsewhere = { aud: 'https://other.example/mcp' };

  describe('before', () => {
    before(async () => {
      app = await startNext(folder, env, 'dev');
    });
    after(() => app.stop());

    it('lets in a token for another server, and one for none', async () => {
      for (const token of [await clerk.accessToken(elsewhere), await clerk.accessToken()]) {
        const response = await call(token);
        assert.equal(response.status, 200);
        assert.match(await response.text(), /user_2adaLovelace/);
      }
      const opaque = clerk.opaqueToken({ aud: [elsewhere.aud] });
      assert.equal((await call(opaque)).status, 200);
    });

    it('says where the tokens come from at the root only, with what is not so', async () => {
      const said = await json('/.well-known/oauth-protected-resource');
      assert.match(String(said['token_introspection_endpoint']), /\/oauth\/token$/);
      const below = await ask('/.well-known/oauth-protected-resource/mcp', { redirect: 'manual' });
      assert.notEqual(below.status, 200);
    });
  });

  describe('the steps', () => {
    it('are taken one by one', async () => {
      assert.ok(page);
      const tarballs = await packGuard(folder);
      for (const { language, text } of page.fences) {
        if (language === 'sh') {
          const script = text.replace('@sallyport/resource-server', tarballs.join(' '));
          await execute('sh', ['-e', '-c', script], folder);
        }
        if (language === 'ts') writeModule(text);
        if (language === 'diff') {
          const patch = join(folder, 'step.diff');
          writeFileSync(patch, text);
          await execute('git', ['apply', patch], folder);
        }
      }
    });

    it('leave nothing of the old package behind', () => {
      const routes = globSync('app/.well-known/**/route.ts', { cwd: folder });
      assert.deepEqual(
        routes.map((path) => path.split('/').slice(3).join('/')),
        ['[[...path]]/route.ts', '[[...path]]/route.ts', '[[...path]]/route.ts'],
      );
      assert.equal(existsSync(join(folder, 'node_modules/@clerk/mcp-tools')), false);
    });

    it('make an app that is built and starts', async () => {
      await buildNext(folder, env);
      app = await startNext(folder, env);
    });
  });

  describe('after', () => {
    it('a client signs in with Clerk and calls the tools, which have not changed', async () => {
      const mcpUrl = new URL('/mcp', app.url);
      const provider = new MemoryProvider();
      const open = () => {
        const client = new Client({ name: 'test', version: '1.0.0' });
        const transport = new StreamableHTTPClientTransport(mcpUrl, { authProvider: provider });
        return { client, transport, connecting: client.connect(transport) };
      };
      const first = open();
      await assert.rejects(first.connecting, UnauthorizedError);
      await first.transport.finishAuth((await clerk.signIn(provider.lastSentTo(), ada)).searchParams);
      const { client, connecting } = open();
      await connecting;
      const shown = await client.callTool({ name: 'show_content', arguments: { name: 'Ada' } });
      assert.equal((shown.structuredContent as { userId: string }).userId, ada.clerk_id);
      const user = await client.callTool({ name: 'get-clerk-user-data', arguments: {} });
      assert.match(JSON.stringify(user.content), /ada@example\.com/);
      const { contents } = await client.readResource({ uri: 'ui://widget/content-template.html' });
      assert.equal(contents[0]?.mimeType, 'text/html+skybridge');
      await client.close();
    });

    it('a token must be for this server, whichever of both formats it has', async () => {
      const aud = `${app.url}/mcp`;
      for (const token of [await clerk.accessToken({ aud }), clerk.opaqueToken({ aud: [aud] })])
        assert.equal((await call(token)).status, 200);
      for (const [token, sentence] of [
        [await clerk.accessToken(elsewhere), 'issued for another server'],
        [clerk.opaqueToken({ aud: [elsewhere.aud] }), 'issued for another server'],
        [await clerk.accessToken(), 'does not say which server it is for'],
        [clerk.opaqueToken(), 'does not say which server it is for'],
      ] as const) {
        const response = await call(token);
        assert.equal(response.status, 401);
        assert.ok((await response.text()).includes(sentence), sentence);
      }
    });

    it('the documents are true, and where clients look', async () => {
      for (const path of [
        '/.well-known/oauth-protected-resource',
        '/.well-known/oauth-protected-resource/mcp',
      ])
        assert.deepEqual(await json(path), {
          resource: `${app.url}/mcp`,
          authorization_servers: [clerk.issuer],
          scopes_supported: ['profile', 'email'],
          bearer_methods_supported: ['header'],
          resource_name: new URL(app.url).host,
        });
      const openid = await json('/.well-known/openid-configuration');
      assert.ok('subject_types_supported' in openid);
      assert.ok(!('subject_types_supported' in (await json('/.well-known/oauth-authorization-server'))));
      const { headers } = await ask('/.well-known/oauth-authorization-server');
      assert.match(headers.get('cache-control') ?? '', /max-age=3600/);
    });

    it('a 401 says what the page shows', async () => {
      const response = await ask('/mcp');
      assert.equal(response.status, 401);
      assert.equal(
        response.headers.get('www-authenticate'),
        `Bearer scope="profile email", resource_metadata="${app.url}/.well-known/oauth-protected-resource/mcp"`,
      );
    });

    it("the app's own pages are still for those with a session", async () => {
      assert.notEqual((await ask('/', { redirect: 'manual' })).status, 200);
    });
  });

  /** The first line of the example says where it goes; `*` is each of the folders that are there. */
  function writeModule(text: string): void {
    const [, path = ''] = /^\/\/ (\S+)\n/.exec(text) ?? assert.fail(`no path in: ${text}`);
    const at = path.indexOf('*');
    const wild = at > 0 && path[at - 1] === '/';
    const paths = wild
      ? globSync(`${path.slice(0, at)}*`, { cwd: folder }).map((found) => found + path.slice(at + 1))
      : [path];
    assert.ok(paths.length > 0, path);
    for (const each of paths) {
      mkdirSync(dirname(join(folder, each)), { recursive: true });
      writeFileSync(join(folder, each), text);
    }
  }
});
