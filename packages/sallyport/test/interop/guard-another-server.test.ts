// docs/guard-another-server.md does what it says: its server, as it stands there, in a process of its own, guarded by a
// house on another port.
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { addResourceServer } from '@sallyport/authorization-server';
import { readChallenge } from '@sallyport/protocol';
import {
  INTROSPECTION_TIMEOUT_MILLISECONDS,
  MAX_INTROSPECTIONS_AT_ONCE,
  REMEMBERED_SECONDS,
} from '../../../resource-server/src/limits.ts';
import { readDocuments } from '../../../../tools/docs.ts';
import { connect, EMAIL, PASSWORD } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { startNode, temporaryFolder } from '../program/run.ts';
import { revoke } from './revocation.ts';

const root = join(import.meta.dirname, '../../../..');
const [document] = readDocuments(root).filter(({ path }) => path === 'docs/guard-another-server.md');
const source = document?.fences.find(({ language }) => language === 'js')?.text;
assert.ok(source);

/** What a revocation may take to arrive there (docs), and what a busy machine may add to it. */
const soon = 5000 + 10_000;

interface Guarded {
  readonly house: ListeningHouse;
  readonly url: string;
  readonly call: (access_token?: string) => Promise<Response>;
}

async function openGuarded(t: TestContext, format: string): Promise<Guarded> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const scopes = [{ name: 'read', description: 'read your notes' }];
  const notes = { name: 'notes', title: 'Notes', resource: url, scopes, defaultScopes: ['read'] };
  const house = await openListeningHouse({
    environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format },
    configure: (config) => ({ ...config, resources: [notes] }),
  });
  t.after(() => house.close());
  await house.addPerson(EMAIL, PASSWORD);
  const asker = { introspects: [url] };
  const { client, client_secret } = await addResourceServer(house.storage, asker, house.clock.now);

  const folder = temporaryFolder(t);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'server.mjs'), source!);
  const server = startNode(['--conditions=@sallyport/source', 'server.mjs'], {
    cwd: folder,
    environment: {
      ISSUER: house.origin,
      MCP_URL: url,
      CLIENT_ID: client.client_id,
      CLIENT_SECRET: client_secret,
      PORT: String(port),
    },
  });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  const call = (access_token?: string) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(access_token !== undefined && { authorization: `Bearer ${access_token}` }),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'list_notes', arguments: {} },
      }),
    });
  while (server.output().code === null && (await call().catch(() => undefined)) === undefined) await wait(50);
  assert.equal(server.output().code, null, server.output().stderr);
  return { house, url, call };
}

async function statusUntil(wanted: number, ask: () => Promise<Response>): Promise<number> {
  const deadline = performance.now() + soon;
  for (;;) {
    const { status } = await ask();
    if (status === wanted || performance.now() > deadline) return status;
    await wait(100);
  }
}

it('docs/guard-another-server.md names the numbers that hold', () => {
  for (const words of [
    `for ${REMEMBERED_SECONDS} seconds at most`,
    `within ${INTROSPECTION_TIMEOUT_MILLISECONDS / 1000} seconds`,
    `no more than ${MAX_INTROSPECTIONS_AT_ONCE} questions`,
  ])
    assert.ok(document?.prose.includes(words), words);
});

for (const format of ['jwt', 'opaque']) {
  describe(`the server of docs/guard-another-server.md, with ${format} tokens`, () => {
    it('is found from its own URL, lets in who was allowed, and closes within seconds of a revocation', async (t) => {
      const { house, url, call } = await openGuarded(t, format);
      const challenged = await call();
      assert.equal(challenged.status, 401);
      const { resource_metadata, scope } = readChallenge(challenged.headers.get('www-authenticate'))!;
      assert.equal(scope, 'read');
      assert.equal(challenged.headers.get('access-control-allow-origin'), '*');
      const metadata = (await (await fetch(resource_metadata!)).json()) as Record<string, unknown>;
      assert.deepEqual([metadata['resource'], metadata['authorization_servers']], [url, [house.origin]]);

      const { client, tokens } = await connect(house, { resource: url });
      const answer = await call(tokens.access_token);
      assert.equal(answer.status, 200);
      const person = await house.storage.findUserByEmail(EMAIL);
      assert.ok((await answer.text()).includes(`The notes of ${person!.id}: none yet`));

      const elsewhere = await connect(house, { resource: house.mcpUrl.href });
      for (const token of [elsewhere.tokens.access_token, tokens.refresh_token, 'nonsense', 'a.b.c'])
        assert.equal((await call(token)).status, 401, token.slice(0, 8));

      await revoke(house, { client_id: client.client_id, token: tokens.refresh_token });
      assert.equal(await statusUntil(401, () => call(tokens.access_token)), 401);
    });

    it('says 503 while nobody answers it, and lets people in again afterwards', async (t) => {
      const { house, url, call } = await openGuarded(t, format);
      const known = await connect(house, { resource: url });
      const fresh = await connect(house, { resource: url });
      assert.equal((await call(known.tokens.access_token)).status, 200);
      const { findClient } = house.storage as { findClient: unknown };
      Object.assign(house.storage, { findClient: () => Promise.reject(new Error('away')) });
      assert.equal((await call(fresh.tokens.access_token)).status, 503);
      assert.equal(await statusUntil(503, () => call(known.tokens.access_token)), 503);
      Object.assign(house.storage, { findClient });
      for (const { tokens } of [known, fresh]) assert.equal((await call(tokens.access_token)).status, 200);
    });
  });
}
