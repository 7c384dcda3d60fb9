// Four processes on one PostgreSQL behind nginx: the whole job, whichever instance each request meets.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { openBrowserAt, pageOf, type Site } from '../house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  errorOf,
  REDIRECT_URI,
  refresh,
  register,
  signInAt,
  type Tokens,
} from '../house/client.ts';
import { run } from '../program/run.ts';
import { checkLedger } from './checks.ts';
import { openFleet, type Fleet } from './fleet.ts';
import { beginWork, fleetUnderKills } from './fleet-under-kills.ts';
import { hasNginx } from './nginx.ts';

const isMissing = onPostgres.skip || (!hasNginx() && 'there is no nginx here: apt-get install nginx');
assert.ok(isMissing === false || process.env['CI'] === undefined, String(isMissing));

/** Whatever was changed on one instance holds on all of them within this. */
const EVERYWHERE_MILLISECONDS = 5_000;
/** A busy fleet, and not one that is kept from starting an instance; `npm run fleet` is without it. */
const PAUSE_MILLISECONDS = 50;

describe('four processes on one PostgreSQL behind nginx', { skip: isMissing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-fleet-'));
  let opened: Fleet | undefined;
  let fleet: Fleet;
  let schema: Awaited<ReturnType<typeof makeSchema>> | undefined;
  before(async () => {
    schema = await makeSchema();
    opened = await openFleet({
      folder,
      balance: 'in turn',
      environment: { SALLYPORT_STORAGE_URL: schema.url, SALLYPORT_STORAGE_POOL_SIZE: '4' },
    });
    fleet = opened;
  });
  after(async () => {
    await opened?.close();
    await schema?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The instances in turn. */
  const spread = (): Site[] => fleet.instances.map(({ site }) => site);

  it('does the whole job with each request on another instance', async () => {
    const { site } = fleet;
    const { client, tokens } = await connect(site);
    for (const { site: one } of fleet.instances)
      assert.equal((await askMcp(one, tokens.access_token)).status, 200);
    const renewed = (await (await refresh(site, client, tokens.refresh_token)).json()) as Tokens;
    assert.equal((await askMcp(site, renewed.access_token)).status, 200);
  });

  it('takes each step of one login on the instance after the last one', async () => {
    const [first, second, third, fourth] = spread() as [Site, Site, Site, Site];
    const client = await register(first);
    const asked = authorizationUrl(client, { scope: 'read' });
    const browser = openBrowserAt(second);
    const signIn = pageOf(await browser.open(asked.url));
    // The same browser, now at another instance.
    const there = openBrowserAt(third);
    for (const [name, value] of browser.cookies) there.cookies.set(name, value);
    const consent = pageOf(await signInAt(there, signIn));
    const elsewhere = openBrowserAt(fourth);
    for (const [name, value] of there.cookies) elsewhere.cookies.set(name, value);
    const arrived = await elsewhere.submit(consent, { decision: 'allow' });
    assert.ok('left' in arrived);
    const form = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      code: arrived.left.searchParams.get('code') ?? '',
      code_verifier: asked.code_verifier,
    };
    const response = await askToken(first, form);
    assert.equal(response.status, 200, await response.clone().text());
    const { access_token } = (await response.json()) as Tokens;
    assert.equal((await askMcp(second, access_token)).status, 200);
  });

  it('lets one of 20 simultaneous redemptions win, and the valid replays end its grant everywhere', async () => {
    const client = await register(fleet.site);
    const { code, code_verifier } = await authorizeAndAllow(fleet.site, client);
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code, code_verifier };
    const sites = spread();
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => askToken(sites[i % sites.length]!, form)),
    );
    const won = responses.filter(({ status }) => status === 200);
    assert.equal(won.length, 1);
    for (const lost of responses.filter((response) => !won.includes(response)))
      assert.equal(await errorOf(lost), 'invalid_grant');
    const tokens = (await won[0]!.json()) as Tokens;
    for (const site of sites) {
      await refusedWithin(site, tokens.access_token, EVERYWHERE_MILLISECONDS);
      assert.equal(await errorOf(await refresh(site, client, tokens.refresh_token)), 'invalid_grant');
    }
  });

  it('answers 20 simultaneous refreshes with one successor', async () => {
    const { client, tokens } = await connect(fleet.site);
    const sites = spread();
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => refresh(sites[i % sites.length]!, client, tokens.refresh_token)),
    );
    assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
    const answers = (await Promise.all(responses.map((response) => response.json()))) as Tokens[];
    const successors = new Set(answers.map(({ refresh_token }) => refresh_token));
    assert.equal(successors.size, 1);
    for (const [i, { access_token }] of answers.entries())
      assert.equal((await askMcp(sites[i % sites.length]!, access_token)).status, 200);
    assert.equal((await refresh(fleet.site, client, [...successors][0]!)).status, 200);
    assert.equal(await errorOf(await refresh(fleet.site, client, tokens.refresh_token)), 'invalid_grant');
  });

  it('knows everywhere within five seconds what was revoked on one instance', async () => {
    const [first, ...others] = spread() as [Site, ...Site[]];
    const { client, tokens } = await connect(fleet.site);
    // Remembered by each of them.
    for (const site of spread()) assert.equal((await askMcp(site, tokens.access_token)).status, 200);
    const body = new URLSearchParams({ token: tokens.access_token, client_id: client.client_id }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await first.ask('/oauth/revoke', { method: 'POST', headers, body })).status, 200);
    assert.equal((await askMcp(first, tokens.access_token)).status, 401);
    await Promise.all(
      others.map((site) => refusedWithin(site, tokens.access_token, EVERYWHERE_MILLISECONDS)),
    );
  });

  const maintenance: readonly (readonly [what: string, ...args: string[]])[] = [
    ['a backup', 'backup', join(folder, 'backup')],
    ['a new signing key, at once', 'keys', 'rotate', '--now'],
    ['a new derivation key, in two seconds', 'keys', 'rotate', 'derivation', '--after', '2'],
    ['a new cookie key, in two seconds', 'keys', 'rotate', 'cookies', '--after', '2'],
    ['everything sealed anew', 'keys', 'reseal'],
    ['another backup', 'backup', join(folder, 'another')],
  ];
  it('is maintained under load without one failed request', async (t) => {
    const { client, ledger, ...work } = await beginWork(fleet, PAUSE_MILLISECONDS);
    for (const [what, ...args] of maintenance) {
      const done = await run(args, { cwd: folder, environment: fleet.environment });
      assert.equal(done.code, 0, done.stderr);
      await work.answersMore(40);
      t.diagnostic(`${what}: ${JSON.stringify(work.worked())}`);
    }
    const { answers, unanswered } = await work.stop();
    assert.deepEqual([answers >= 240, unanswered], [true, 0]);
    assert.ok((await checkLedger(fleet, client, ledger)).live > 0);
  });

  it('keeps what clients were told while instances are killed under load', async () => {
    const report = await fleetUnderKills(fleet, { kills: 4, pauseMilliseconds: PAUSE_MILLISECONDS });
    assert.deepEqual(report.kills, { 'an instance': 4 });
    assert.ok(report.checkedLive > 0 && report.answers > 160, JSON.stringify(report));
  });
});

async function refusedWithin(site: Site, token: string, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const asked = performance.now();
    const { status } = await askMcp(site, token);
    if (status === 401) return;
    assert.equal(status, 200);
    assert.ok(asked < deadline, 'a revoked token still works');
    await wait(20);
  }
}
