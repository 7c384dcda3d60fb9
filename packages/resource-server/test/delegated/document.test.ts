// docs/resource-server.md does what it says: its servers, as they stand there, each in a process of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ResourceServer } from '@sallyport/resource-server';
import { readDocuments } from '../../../../tools/docs.ts';
import { freePort } from '../../../sallyport/test/program/free-port.ts';
import {
  CLOCK_SKEW_SECONDS,
  DOCUMENT_FRESH_SECONDS,
  ISSUER_TIMEOUT_MILLISECONDS,
  KEYS_STALE_SECONDS,
  MAX_DOCUMENT_BYTES,
  METADATA_STALE_SECONDS,
  REMEMBERED_SECONDS,
  UNKNOWN_KEY_SECONDS,
} from '../../src/limits.ts';
import { claims, newKey } from './issuer.ts';

const root = join(import.meta.dirname, '../../../..');
const documents = readDocuments(root);
const pageOf = (name: string) => documents.find(({ path }) => path === name)!;
const page = pageOf('docs/resource-server.md');
const sources = page.fences.filter(({ language }) => language === 'ts').map(({ text }) => text);
const [guardFile, ...others] = sources;
/** Those that listen, by the adapter that they import. */
const servers = others.filter((text) => text.includes('process.env.PORT'));
const nameOf = (text: string): string => /resource-server\/(\w+)'/.exec(text)?.[1] ?? '';

describe('docs/resource-server.md', () => {
  let folder: string;
  let issuer: string;
  let close: () => void;
  const key = newKey('one');
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-document-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'guard.ts'), guardFile!);
    for (const [index, text] of others.entries()) writeFileSync(join(folder, `${index}.ts`), text);
    const { jwk } = await key;
    const server = createServer((req, res) => {
      const document = req.url === '/jwks' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` };
      res.setHeader('content-type', 'application/json').end(JSON.stringify(document));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => server.close();
  });
  after(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tokenFor = async (resource: string): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    return (await key).sign({ ...claims, iss: issuer, aud: resource, iat: now, exp: now + 60 });
  };

  it('has a server for each adapter that listens', () => {
    assert.deepEqual(servers.map(nameOf), ['express', 'hono', 'fastify', 'node']);
  });

  for (const text of servers)
    it(`shows a server for ${nameOf(text)} that lets in who has a token, and nobody else`, async () => {
      const port = await freePort();
      const resource = `http://localhost:${port}/mcp`;
      const child = spawn(
        process.execPath,
        ['--conditions=@sallyport/source', `${others.indexOf(text)}.ts`],
        {
          cwd: folder,
          stdio: 'inherit',
          env: { ...process.env, ISSUER: issuer, RESOURCE: resource, PORT: String(port) },
        },
      );
      try {
        const challenged = await answerOf(resource);
        assert.equal(challenged.status, 401);
        const location = /resource_metadata="([^"]+)"/.exec(
          challenged.headers.get('www-authenticate') ?? '',
        )?.[1];
        const metadata = (await (await fetch(location ?? '')).json()) as Record<string, unknown>;
        assert.deepEqual(metadata['authorization_servers'], [issuer]);
        const headers = { authorization: `Bearer ${await tokenFor(resource)}` };
        const answer = await fetch(resource, { method: 'POST', headers });
        assert.deepEqual([answer.status, await answer.json()], [200, { hello: 'person' }]);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    });

  it('shows routes for Next.js that do the same, and guards that can be made', async () => {
    const rest = others.filter((text) => !servers.includes(text));
    assert.equal(rest.length, 5);
    for (const text of rest) {
      const exported = (await import(
        pathToFileURL(join(folder, `${others.indexOf(text)}.ts`)).href
      )) as Record<string, unknown>;
      const { GET, POST } = exported as Record<string, (request: Request) => Promise<Response>>;
      const guards = ['guard', 'notes', 'files'].flatMap((name) => (exported[name] as ResourceServer) ?? []);
      for (const guard of guards) assert.equal(guard.metadata().status, 200);
      if (guards.length > 0) continue;
      const resource = 'https://notes.example.com';
      if (POST !== undefined)
        assert.equal((await POST(new Request(`${resource}/mcp`, { method: 'POST' }))).status, 401);
      else {
        const document = '/.well-known/oauth-protected-resource/mcp';
        assert.equal((await GET!(new Request(`${resource}${document}`))).status, 200);
      }
    }
  });

  it('names the numbers that hold, and so does the decision', () => {
    for (const words of [
      `believed for ${REMEMBERED_SECONDS} seconds`,
      `every ${DOCUMENT_FRESH_SECONDS / 60} minutes`,
      `at most every ${UNKNOWN_KEY_SECONDS} seconds`,
    ])
      assert.ok(page.prose.includes(words), words);
    assert.deepEqual([METADATA_STALE_SECONDS, KEYS_STALE_SECONDS], [86_400, 3600]);
    assert.match(page.prose, /the metadata for a day, the keys for an hour/);
    const { prose } = pageOf('docs/decisions/delegated-mode.md');
    for (const words of [
      `no more than ${CLOCK_SKEW_SECONDS} seconds`,
      `up to ${MAX_DOCUMENT_BYTES / 1024} KB, within ${ISSUER_TIMEOUT_MILLISECONDS / 1000} seconds`,
    ])
      assert.ok(prose.includes(words), words);
  });
});

async function answerOf(url: string): Promise<Response> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const response = await fetch(url, { method: 'POST' }).catch(() => undefined);
    if (response !== undefined) return response;
    await wait(50);
  }
  throw new Error(`nobody answers at ${url}`);
}
