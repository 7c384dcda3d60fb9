// Keys of every kind are replaced, and everything is sealed anew, under processes that work: not one request fails. The
// one that seals anew is killed in the middle, and goes on.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createSigningKey, readSecrets, sealedUnder, sealSigningKey, type Secrets } from '@sallyport/crypto';
import { openStorage, type Storage } from '@sallyport/storage';
import { openFleet, type Fleet } from '../fleet/fleet.ts';
import { beginWork } from '../fleet/fleet-under-kills.ts';
import { hasNginx } from '../fleet/nginx.ts';
import { askMcp, connect, refresh, type Tokens } from '../house/client.ts';
import { call } from '../program/call.ts';
import { start, temporaryFolder, type Ended } from '../program/run.ts';
import { kidOf, stores, type Listed } from './deployment.ts';

const withoutNginx = !hasNginx() && 'there is no nginx here: apt-get install nginx';
assert.ok(withoutNginx === false || process.env['CI'] === undefined, String(withoutNginx));

/** So many that a command can be stopped among them. */
const MANY = 400;
/** A busy server, and not one that keeps the commands beside it from their work. */
const PAUSE_MILLISECONDS = 50;

for (const { name, options, urlIn } of stores) {
  const skip = options.skip || withoutNginx;
  describe(`two processes on ${name}`, { skip }, () => {
    test('fail no request while keys of every kind are replaced', async (t) => {
      const { fleet, keys, listed } = await serving(t, urlIn);
      const connected = await connect(fleet.site);
      const work = await beginWork(fleet, PAUSE_MILLISECONDS);
      t.after(() => work.stop().catch(() => {}));
      await work.answersMore(20);
      for (const args of [
        ['rotate', '--now'],
        ['rotate', 'derivation', '--after', '2'],
        ['rotate', 'cookies', '--after', '2'],
        ['reseal'],
        ['rotate', '--now'],
        ['rotate', 'derivation', '--now'],
        ['rotate'],
      ]) {
        await keys(...args);
        await work.answersMore(30);
      }
      const { answers, unanswered } = await work.stop();
      assert.deepEqual([answers >= 200, unanswered], [true, 0]);
      const signing = (await listed()).filter(({ purpose }) => purpose === 'signing');
      assert.deepEqual(
        signing.map(({ state }) => state),
        ['next', 'current', 'accepted', 'accepted'],
      );

      // Whoever was there before all of it is there still, and loses nothing but an access token when its key is retired.
      const { client, tokens } = connected;
      for (const { site } of fleet.instances)
        assert.equal((await askMcp(site, tokens.access_token)).status, 200);
      await keys('retire', kidOf(tokens));
      for (const { site } of fleet.instances)
        await until(async () => (await askMcp(site, tokens.access_token)).status === 401);
      const renewed = (await (await refresh(fleet.site, client, tokens.refresh_token)).json()) as Tokens;
      for (const { site } of fleet.instances)
        assert.equal((await askMcp(site, renewed.access_token)).status, 200);
      for (const { running } of fleet.instances)
        assert.doesNotMatch(running().output().stderr, /secrets_outdated/);
    });

    test('fail no request while everything is sealed anew, by a command that is killed in the middle and called again', async (t) => {
      const { fleet, keys, storage, secretsFile } = await serving(t, urlIn);
      await addManyKeys(storage, secretsOf(secretsFile));
      const work = await beginWork(fleet, PAUSE_MILLISECONDS);
      t.after(() => work.stop().catch(() => {}));
      await work.answersMore(20);
      const { folder } = fleet;
      const killed = start(['keys', 'reseal'], { cwd: folder, environment: fleet.environment });
      const [before] = secretsOf(secretsFile).sealing.keys;
      await until(async () => (await countUnder(storage, before?.id)) < MANY - 20);
      killed.kill('SIGKILL');
      await killed.ended;
      const left = await countUnder(storage, before?.id);
      assert.ok(left > 0 && left < MANY, `${left} are left`);
      await work.answersMore(40);

      const end = await keys('reseal');
      // The key that signs may have been the first or the last.
      const resealed = Number(/^✓ (\d+) values are sealed under /.exec(end.stdout)?.[1]);
      assert.ok(resealed === left || resealed === left + 1, `${resealed} of ${left}`);
      assert.equal(await countUnder(storage, before?.id), 0);
      assert.equal(secretsOf(secretsFile).sealing.keys.length, 2, 'it went on to the same key');
      await work.answersMore(40);
      const { unanswered } = await work.stop();
      assert.equal(unanswered, 0);

      makeOlder(secretsFile);
      await keys('retire', before?.id ?? '');
      const [instance] = fleet.instances;
      await instance?.kill();
      await instance?.restart();
      await fleet.isReady();
      const { tokens } = await connect(fleet.site);
      assert.equal((await askMcp(fleet.site, tokens.access_token)).status, 200);
    });
  });
}

interface Serving {
  readonly fleet: Fleet & { readonly folder: string };
  readonly storage: Storage;
  readonly secretsFile: string;
  readonly keys: (...args: readonly string[]) => Promise<Ended>;
  readonly listed: () => Promise<readonly Listed[]>;
}

async function serving(t: TestContext, urlIn: (typeof stores)[number]['urlIn']): Promise<Serving> {
  const folder = temporaryFolder(t);
  const url = await urlIn(t, folder);
  const fleet = await openFleet({
    folder,
    size: 2,
    balance: 'in turn',
    environment: { SALLYPORT_STORAGE_URL: url, SALLYPORT_STORAGE_POOL_SIZE: '4' },
  });
  t.after(() => fleet.close());
  const storage = await openStorage(url, { poolSize: 2 });
  t.after(() => storage.close());
  const keys = async (...args: readonly string[]): Promise<Ended> => {
    const end = await call(['keys', ...args], { cwd: folder, environment: fleet.environment });
    assert.equal(end.code, 0, end.stderr);
    return end;
  };
  return {
    fleet: { ...fleet, folder },
    storage,
    secretsFile: join(folder, 'secrets.json'),
    keys,
    listed: async () => JSON.parse((await keys('list', '--json')).stdout) as Listed[],
  };
}

const secretsOf = (path: string): Secrets => readSecrets(JSON.parse(readFileSync(path, 'utf8')));

/** Keys that will sign in a hundred years. */
async function addManyKeys(storage: Storage, secrets: Secrets): Promise<void> {
  const [sealing] = secrets.sealing.keys;
  assert.ok(sealing);
  const key = await createSigningKey('ES256');
  const far = 4_900_000_000;
  let after = (await storage.listSigningKeys())[0]?.kid;
  for (let i = 0; i < MANY; i += 1) {
    const kid = `many-${i}`;
    const sealed = sealSigningKey({ ...key, kid }, sealing, { createdAt: 0, signsFromAt: far });
    assert.equal(await storage.addSigningKey({ key: sealed, after }), 'added');
    after = kid;
  }
}

async function countUnder(storage: Storage, id: string | undefined): Promise<number> {
  const values = await storage.listSealedValues({ kind: 'signing_key', limit: 10 * MANY });
  return values.filter(({ id: kid, sealed }) => kid.startsWith('many-') && sealedUnder(sealed) === id).length;
}

/** As if its keys had been in use for an hour. */
function makeOlder(path: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replaceAll(/"usedFromAt": (\d+)/g, (_, at) => `"usedFromAt": ${Number(at) - 3600}`),
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, 'it never came');
    await wait(2);
  }
}
