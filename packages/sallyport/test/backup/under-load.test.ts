// Backups of a server at work, one after another: no request fails for them, and each of them, restored, has what clients
// were told before it began.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readSecrets } from '@sallyport/crypto';
import { freshSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { startWork } from '../fleet/work.ts';
import { openBrowserAt, type Browser, type Site } from '../house/browser.ts';
import {
  askMcp,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  register,
  type Registered,
  type Tokens,
} from '../house/client.ts';
import { openHouse } from '../house/open-house.ts';
import { openLedger } from '../kill/ledger.ts';
import { call } from '../program/call.ts';
import { freePort } from '../program/free-port.ts';
import { run, start, temporaryFolder } from '../program/run.ts';

const BACKUPS = 4;
/** Clients at work, and what they must at least have been answered meanwhile. */
const WORKERS = 6;
const ANSWERS = 100;

/** What was told before a backup began. */
interface Told {
  readonly live: readonly Tokens[];
  readonly ended: readonly Tokens[];
}

interface Kept {
  readonly file: string;
  readonly told: Told;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

for (const [name, skip, urlFor] of [
  ['SQLite', false, async () => 'sqlite:sallyport.db'],
  ['PostgreSQL', onPostgres.skip, async (t: TestContext) => (await freshSchema(t)).url],
] as const) {
  test(`${name}: no request fails while backups are made, and each backup is good`, { skip }, async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const environment = { SALLYPORT_LISTEN_PORT: String(port), SALLYPORT_STORAGE_URL: await urlFor(t) };
    const added = await run(['users', 'add', EMAIL, '--password', PASSWORD], { cwd, environment });
    assert.equal(added.code, 0, added.stderr);
    const server = start(['serve'], { cwd, environment });
    t.after(async () => {
      server.kill('SIGKILL');
      await server.ended;
    });
    await server.says(/is running at/);
    const site: Site = {
      origin,
      ask: (path, init) => fetch(new URL(path, origin), { redirect: 'manual', ...init }),
    };
    const browser = openBrowserAt(site);
    const client = await register(site);
    await authorizeAndAllow(site, client, {}, browser);

    const work = startWork({ site, browser, client, ledger: openLedger() }, WORKERS);
    const backups: Kept[] = [];
    for (let n = 0; n < BACKUPS; n++) {
      const told = await tellThings(site, client, browser);
      const file = join(cwd, `${n}.backup`);
      const made = await run(['backup', file, '--json'], { cwd, environment });
      assert.equal(made.code, 0, made.stderr);
      const { tables } = JSON.parse(made.stdout) as Kept;
      backups.push({ file, told, tables });
      await work.answersMore(10);
    }
    await work.answersMore(ANSWERS);
    const { answers, unanswered } = await work.stop();
    assert.equal(unanswered, 0, 'requests failed');
    assert.ok(answers >= ANSWERS + 10 * BACKUPS);
    server.kill('SIGTERM');
    await server.ended;
    for (const kept of backups) await checkRestored(t, kept, { client, browser, port });
  });
}

/** Grants that nobody touches until they are looked at in the restored store. */
async function tellThings(site: Site, client: Registered, browser: Browser): Promise<Told> {
  const one = async (): Promise<Tokens> => {
    const { code, code_verifier } = await authorizeAndAllow(site, client, { scope: 'read' }, browser);
    return redeem(site, client, code, code_verifier);
  };
  const rotated = (await (await refresh(site, client, (await one()).refresh_token)).json()) as Tokens;
  const ended = await one();
  const body = new URLSearchParams({ token: ended.refresh_token, client_id: client.client_id }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal((await site.ask('/oauth/revoke', { method: 'POST', headers, body })).status, 200);
  return { live: [await one(), rotated], ended: [ended] };
}

async function checkRestored(
  t: TestContext,
  { file, told, tables }: Kept,
  { client, browser, port }: { client: Registered; browser: Browser; port: number },
): Promise<void> {
  const cwd = temporaryFolder(t);
  const restored = await call(['restore', file], { cwd });
  assert.equal(restored.code, 0, restored.stderr);
  const path = join(cwd, 'data', 'sallyport.db');
  checkRows(path, tables);

  const secrets = readSecrets(JSON.parse(readFileSync(join(cwd, 'data', 'secrets.json'), 'utf8')));
  const environment = { SALLYPORT_LISTEN_PORT: String(port) };
  const house = await openHouse({ storageUrl: `sqlite:${path}`, secrets, environment });
  t.after(() => house.close());
  house.clock.now = Math.floor(Date.now() / 1000);
  for (const { access_token, refresh_token } of told.live) {
    assert.equal((await askMcp(house, access_token)).status, 200, 'an access token is refused');
    assert.equal((await refresh(house, client, refresh_token)).status, 200, 'a refresh token is refused');
  }
  for (const { access_token, refresh_token } of told.ended) {
    assert.equal((await askMcp(house, access_token)).status, 401, 'a revoked access token works');
    assert.equal(await errorOf(await refresh(house, client, refresh_token)), 'invalid_grant');
  }
  // The person is signed in, and the consent is remembered: a code comes without a page.
  const there = openBrowserAt(house);
  for (const [name, value] of browser.cookies) there.cookies.set(name, value);
  const arrived = await there.open(authorizationUrl(client, { scope: 'read' }).url);
  assert.ok(
    'left' in arrived && arrived.left.searchParams.has('code'),
    'the person has to do something again',
  );
}

/** Nothing refers to what is not there, and there is as much of everything as the backup said. */
function checkRows(path: string, tables: Kept['tables']): void {
  const database = new DatabaseSync(path);
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
  assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
  const count = (name: string) => database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.['n'];
  assert.deepEqual(
    tables.map(({ name }) => ({ name, rows: count(name) })),
    tables.map(({ name, rows }) => ({ name, rows })),
  );
  const filled = tables.filter(({ rows }) => rows > 0).map(({ name }) => name);
  for (const name of [
    'users',
    'clients',
    'sessions',
    'consents',
    'grants',
    'refresh_tokens',
    'signing_keys',
  ]) {
    assert.ok(filled.includes(name), `the load left ${name} empty`);
  }
  database.close();
}
