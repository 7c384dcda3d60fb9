// The vault in the product: its job runs, its keys are replaced like all others, and what becomes of refreshes is counted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { heardBy } from '../src/hearing.ts';
import { loadConfig } from '../src/config/index.ts';
import { openMetrics } from '../src/metrics/index.ts';
import { startServer } from '../src/server.ts';
import { openHouse as openVaultHouse } from '../../vault/test/house.ts';
import { deploy, eventually, nowOf, stores } from './keys/deployment.ts';
import { EMAIL } from './house/client.ts';
import { freePort } from './program/free-port.ts';
import { temporaryFolder } from './program/run.ts';

const at = { provider: 'example', subject: '1' } as const;
const tokens = (now: number) => ({
  access_token: 'access-secret',
  token_type: 'Bearer',
  refresh_token: 'refresh-secret',
  expiresAt: now + 3600,
  rest: {},
});

for (const { name, options, urlIn } of stores) {
  describe(`on ${name}`, options, () => {
    test('keys reseal takes the tokens of providers along, and the older key can go', async (t) => {
      const deployment = await deploy(t, urlIn);
      const house = await deployment.open();
      const now = nowOf();
      const userId = (await house.storage.findUserByEmail(EMAIL))?.id ?? '';
      const { vault } = house.assembled;
      assert.equal(await vault.keep({ userId, ...at, tokens: tokens(now), now }), 'kept');
      const { stdout } = await deployment.keys('reseal', '--json');
      const { resealed, older } = JSON.parse(stdout) as { resealed: number; older: string[] };
      assert.equal(resealed, 2, 'the signing key, and this');
      // The instance that was there reads the new key by itself.
      await eventually(async () => (await vault.accessToken({ userId, ...at }, now)).outcome === 'token');
      // A clock that is a minute on: an instance could still have worked with the older key.
      assert.equal(older.length, 1);
      const another = await deployment.open();
      const found = await another.assembled.vault.accessToken({ userId, ...at }, now);
      assert.ok(found.outcome === 'token' && found.access_token === 'access-secret');
    });
  });
}

test('a running server looks after what is due', async (t) => {
  const folder = temporaryFolder(t);
  const environment = { SALLYPORT_DATA: folder, SALLYPORT_LISTEN_PORT: String(await freePort()) };
  const config = loadConfig({ environment, cwd: folder });
  const told: string[] = [];
  const log = (_level: string, event: string, facts: object = {}) =>
    void told.push(`${event} ${JSON.stringify(facts)}`);
  const first = await startServer(config, { log, now: nowOf });
  const now = nowOf();
  const user = { id: 'u', email: EMAIL, name: 'A', role: 'member', createdAt: now, updatedAt: now } as const;
  await first.storage.addUser(user);
  const entry = { id: 'e', userId: 'u', ...at, sealed: new Uint8Array(9), generation: 1, refreshAt: now - 9 };
  await first.storage.keepVaultEntry({ ...entry, now });
  await first.close();
  // Of a provider that nobody configured: it is put off.
  const second = await startServer(config, { log, now: nowOf });
  t.after(() => second.close());
  await eventually(async () => ((await second.storage.findVaultEntry('e'))?.refreshAt ?? 0) > now + 3000);
});

test('what becomes of refreshes is counted, and no provider can make a series of its own', async (t) => {
  const metrics = openMetrics();
  const { vault, provider, signIn, told } = await openVaultHouse(t);
  await signIn();
  await vault.refreshDue(1_800_003_600);
  provider.newest = 9;
  await vault.refreshDue(1_800_007_200);
  const log = heardBy(() => {}, [metrics.hear]);
  for (const { event, facts } of told) log('info', event, facts);
  log('warn', 'vault_refresh_failed', { reason: 'a word of the provider' });
  const { text } = await metrics.print();
  const lines = text.split('\n').filter((line) => line.startsWith('sallyport_vault'));
  assert.deepEqual(lines.toSorted(), [
    'sallyport_vault_refreshes_total{outcome="other"} 1',
    'sallyport_vault_refreshes_total{outcome="provider_grant_refused"} 1',
    'sallyport_vault_refreshes_total{outcome="refreshed"} 1',
  ]);
});

test('how early tokens are refreshed is configured', () => {
  const load = (seconds: string) =>
    loadConfig({
      environment: { SALLYPORT_VAULT_REFRESH_BEFORE_SECONDS: seconds },
      cwd: join('/nonexistent'),
    });
  assert.equal(load('600').vault.refreshBeforeSeconds, 600);
  assert.throws(() => load('29'), /vault\.refreshBeforeSeconds/);
  assert.throws(() => load('86401'), /vault\.refreshBeforeSeconds/);
});
