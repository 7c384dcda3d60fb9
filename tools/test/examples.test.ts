// The examples as somebody else gets them: our packages are packed, each example is installed in an empty folder, its types
// are checked, it is started, and an MCP client signs in through an authorization server that others wrote.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { MemoryProvider, REDIRECT_URL } from '../../packages/sallyport/test/interop/memory-provider.ts';
import { freePort } from '../../packages/sallyport/test/program/free-port.ts';
import { fromTarballs, install, node, outsideEnvironment, pack, tsc, type Packed } from '../packed.ts';
import { followRedirects, introspecting, openOidcIssuer, type OidcIssuer } from './oidc-issuer.ts';

const root = join(import.meta.dirname, '../..');
const ours = ['@sallyport/protocol', '@sallyport/crypto', '@sallyport/resource-server'];
const scope = 'notes:read';

let tarballs: string;
let packed: readonly Packed[];
before(async () => {
  tarballs = mkdtempSync(join(tmpdir(), 'sallyport-examples-'));
  packed = await pack(ours, tarballs);
});
after(() => rmSync(tarballs, { recursive: true, force: true }));

for (const name of ['express', 'hono'])
  describe(`examples/${name}`, () => {
    let folder: string;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), `sallyport-example-${name}-`));
      cpSync(join(root, 'examples', name), folder, {
        recursive: true,
        filter: (path) => !path.includes('node_modules'),
      });
      for (const { filename } of packed) cpSync(join(tarballs, filename), join(folder, filename));
      const manifest = join(folder, 'package.json');
      const written = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> };
      assert.ok(written.dependencies['@sallyport/resource-server']);
      const dependencies = { ...written.dependencies, ...fromTarballs(packed) };
      writeFileSync(manifest, JSON.stringify({ ...written, dependencies }));
      await install(folder);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('is written in types that fit', async () => {
      const options = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2024',
      ];
      await node([tsc, ...options, '--types', 'node', 'server.ts'], folder);
    });

    for (const format of ['jwt', 'opaque'] as const)
      it(`lets people in who signed in elsewhere, with ${format} tokens`, async () => {
        const port = await freePort();
        const resource = `http://127.0.0.1:${port}/mcp`;
        const issuer = await openOidcIssuer({ scope, accessTokenFormat: format });
        const child = spawn(process.execPath, ['server.ts'], {
          cwd: folder,
          stdio: ['ignore', 'pipe', 'inherit'],
          env: {
            ...outsideEnvironment(),
            ISSUER: issuer.issuer,
            RESOURCE: resource,
            SCOPES: scope,
            PORT: String(port),
            ...(format === 'opaque' && {
              CLIENT_ID: introspecting.client_id,
              CLIENT_SECRET: introspecting.client_secret,
            }),
          },
        });
        try {
          await answers(resource);
          await signInAndCall(resource, issuer, format);
        } finally {
          child.kill('SIGKILL');
          await issuer.close();
        }
      });
  });

async function signInAndCall(resource: string, { issuer }: OidcIssuer, format: string): Promise<void> {
  const provider = new MemoryProvider({ application_type: 'native' });
  const connect = async () => {
    const client = new Client({ name: 'example', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: provider });
    return { client, transport, connected: client.connect(transport) };
  };
  const first = await connect();
  await assert.rejects(first.connected, UnauthorizedError);
  const sentTo = provider.lastSentTo();
  assert.equal(sentTo.origin, issuer);
  assert.equal(sentTo.searchParams.get('resource'), resource);
  assert.equal(sentTo.searchParams.get('scope')?.split(' ')[0], scope);
  const answer = await followRedirects(sentTo, REDIRECT_URL);
  provider.judgeState(answer);
  await first.transport.finishAuth(answer.searchParams);
  assert.equal(provider.tokensNow.access_token.includes('.'), format === 'jwt');

  const { client, connected } = await connect();
  await connected;
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(), ['count_words', 'whoami']);
  const text = async (name: string, args: Record<string, unknown>) => {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as readonly { text: string }[])[0]?.text;
  };
  assert.match((await text('whoami', {})) ?? '', new RegExp(`^ann \\(ann\\), through \\S+, may: ${scope}$`));
  assert.equal(await text('count_words', { text: 'three small words' }), '3');
  // Longer than Express takes unless told otherwise.
  assert.equal(await text('count_words', { text: 'word '.repeat(40_000) }), '40000');
  await client.close();

  // What the clients of 2025-03-26 look for, and a token that is none.
  const metadata = await fetch(new URL('/.well-known/oauth-authorization-server', resource));
  assert.equal(((await metadata.json()) as { issuer: string }).issuer, issuer);
  const refused = await fetch(resource, { method: 'POST', headers: { authorization: 'Bearer nonsense' } });
  assert.equal(refused.status, 401);
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const response = await fetch(url, { method: 'POST' }).catch(() => undefined);
    if (response !== undefined) return assert.equal(response.status, 401);
    await wait(50);
  }
  throw new Error(`nobody answers at ${url}`);
}
