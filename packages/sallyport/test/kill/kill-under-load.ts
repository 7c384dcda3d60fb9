// `kill -9` at a random moment under load, again and again on one database: what a client was told stays true.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openBrowserAt, pageOf, type Site } from '../house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  errorOf,
  PASSWORD,
  refresh,
  register,
  type Registered,
  type Tokens,
} from '../house/client.ts';
import { freePort } from '../program/free-port.ts';
import { run, start, type Running } from '../program/run.ts';
import { openLedger, type Chain, type Ledger } from './ledger.ts';
import { WORKERS, workUntilItDies } from './load.ts';

/** Chains that are looked at after each kill; the others wait for a later one. */
const CHECKED = 24;
/** So many answers the server gives before it is killed, at least and at most; and then so much longer it works. */
const LIFE_ANSWERS = [WORKERS, 60] as const;
const AFTERWARDS_MILLISECONDS = [0, 30] as const;
/** A server that has not started by then never will. */
const START_MILLISECONDS = 90_000;

export interface KillReport {
  readonly kills: number;
  readonly answers: number;
  readonly checkedLive: number;
  readonly checkedEnded: number;
}

/** @param folder for the database; empty */
export async function killUnderLoad(
  kills: number,
  folder: string,
  tell: (line: string) => void = () => undefined,
): Promise<KillReport> {
  const port = await freePort();
  const environment = { SALLYPORT_DATA: folder, SALLYPORT_LISTEN_PORT: String(port) };
  const origin = `http://localhost:${port}`;
  const site: Site = {
    origin,
    ask: (path, init) => fetch(new URL(path, origin), { redirect: 'manual', ...init }),
  };
  const serve = async (): Promise<Running> => {
    const server = start(['serve'], { cwd: folder, environment });
    const giveUp = setTimeout(() => {
      server.kill('SIGKILL');
    }, START_MILLISECONDS);
    await server.says(/is running at/);
    clearTimeout(giveUp);
    return server;
  };
  const added = await run(['users', 'add', EMAIL, '--password', PASSWORD], { cwd: folder, environment });
  assert.equal(added.code, 0, added.stderr);

  const ledger = openLedger();
  const browser = openBrowserAt(site);
  let server = await serve();
  const client = await register(site);
  await authorizeAndAllow(site, client, {}, browser);
  const report = { kills: 0, answers: 0, checkedLive: 0, checkedEnded: 0 };
  try {
    for (; report.kills < kills; report.kills += 1) {
      const doomed = server;
      report.answers += await workUntilItDies(
        { site, browser, client, ledger },
        randomInt(...LIFE_ANSWERS),
        () => {
          setTimeout(
            () => {
              doomed.kill('SIGKILL');
            },
            randomInt(...AFTERWARDS_MILLISECONDS),
          );
        },
      );
      await server.ended;
      checkDatabase(join(folder, 'sallyport.db'));
      server = await serve();
      await checkSession(browser, client);
      report.checkedLive += await checkLive(site, client, ledger);
      report.checkedEnded += await checkEnded(site, client, ledger);
      if ((report.kills + 1) % 10 === 0)
        tell(`${report.kills + 1} of ${kills} kills: ${report.answers} answers held so far`);
    }
  } finally {
    server.kill('SIGKILL');
    await server.ended;
  }
  return report;
}

function checkDatabase(path: string): void {
  const database = new DatabaseSync(path);
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
  assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
  database.close();
}

/** The person is still signed in and the client still has its consent: a code comes without a page. */
async function checkSession(browser: ReturnType<typeof openBrowserAt>, client: Registered): Promise<void> {
  const arrived = await browser.open(authorizationUrl(client, { scope: 'read' }).url);
  assert.ok('left' in arrived, 'html' in arrived ? pageOf(arrived).html : '');
  assert.ok(arrived.left.searchParams.has('code'));
}

/** Access tokens open the gate, and refresh tokens refresh, also when the answer of the last refresh was lost. */
async function checkLive(site: Site, client: Registered, ledger: Ledger): Promise<number> {
  const chains = [...ledger.live].slice(0, CHECKED);
  for (const chain of chains) {
    assert.equal(
      (await askMcp(site, chain.tokens.access_token)).status,
      200,
      'a received access token is refused',
    );
    const response = await refresh(site, client, chain.tokens.refresh_token);
    assert.equal(response.status, 200, 'a received refresh token is refused');
    chain.tokens = (await response.json()) as Tokens;
  }
  const [spent] = chains;
  if (spent !== undefined) await checkReplay(site, client, ledger, spent);
  // Seen once is enough for half of them, so that the ledger does not only grow.
  for (const chain of chains.slice(0, CHECKED / 2)) ledger.live.delete(chain);
  return chains.length;
}

/** A code that was redeemed before the kill stays redeemed. */
async function checkReplay(site: Site, client: Registered, ledger: Ledger, chain: Chain): Promise<void> {
  const { code, asked } = chain;
  const form = {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    code,
    code_verifier: asked.code_verifier,
  };
  assert.equal(await errorOf(await askToken(site, form)), 'invalid_grant');
  ledger.live.delete(chain);
  ledger.ended.add(chain);
}

/** What was revoked stays revoked. */
async function checkEnded(site: Site, client: Registered, ledger: Ledger): Promise<number> {
  const chains = [...ledger.ended].slice(0, CHECKED);
  for (const chain of chains) {
    assert.equal((await askMcp(site, chain.tokens.access_token)).status, 401, 'a revoked access token works');
    const error = await errorOf(await refresh(site, client, chain.tokens.refresh_token));
    assert.equal(error, 'invalid_grant', 'a revoked refresh token works');
    ledger.ended.delete(chain);
  }
  return chains.length;
}
