// What is kept, what is handed out, and what nobody finds in the store.
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { keychainsOf, SecretsOutdated, type Keychain } from '@sallyport/crypto';
import { copyOut } from '@sallyport/storage';
import { sealingUnder } from '@sallyport/vault';
import { temporaryFolder } from '../../storage/test/folder.ts';
import { aKey, keychain, now, of, openHouse } from './house.ts';

const { subject: _subject, ...atProvider } = of;

test('what was kept is handed out while it is good, without anybody being asked', async (t) => {
  const { vault, provider, signIn } = await openHouse(t);
  assert.deepEqual(await vault.accessToken(of, now), { outcome: 'none' });
  await signIn();
  const token = {
    outcome: 'token',
    access_token: `access-1-${'a'.repeat(40)}`,
    token_type: 'Bearer',
    scope: 'read',
    expiresAt: now + 3600,
  };
  assert.deepEqual(await vault.accessToken(of, now), token);
  assert.deepEqual(await vault.accessToken(atProvider, now + 2999), token);
  for (const other of [{ subject: '6' }, { userId: 'user-2' }, { provider: 'other' }])
    assert.deepEqual(await vault.accessToken({ ...of, ...other }, now), { outcome: 'none' });
  assert.deepEqual(provider.asked, []);
});

test('of several accounts at one provider, the newest that is alive is meant', async (t) => {
  const { vault, storage, provider } = await openHouse(t);
  for (const [subject, at] of [
    ['a', now + 1],
    ['b', now + 2],
    ['c', now],
  ] as const)
    await vault.keep({ ...of, subject, tokens: { ...provider.issue(at), scope: subject }, now: at });
  const meant = async () => {
    const found = await vault.accessToken(atProvider, now + 9);
    return found.outcome === 'token' ? found.scope : found.outcome;
  };
  assert.equal(await meant(), 'b');
  for (const expected of ['a', 'c', 'dead']) {
    const entries = await storage.listVaultEntries(atProvider);
    const [entry] = entries
      .filter(({ dead }) => dead === undefined)
      .toSorted((a, b) => b.createdAt - a.createdAt);
    assert.ok(entry);
    await storage.markVaultEntryDead({ id: entry.id, generation: entry.generation, reason: 'x', now });
    assert.equal(await meant(), expected);
  }
});

test('a token without an end is good for ever, and one that nothing can refresh for as long as it lasts', async (t) => {
  const { vault, provider } = await openHouse(t);
  const { expiresAt: _, refresh_token, ...tokens } = provider.issue(now);
  await vault.keep({ ...of, tokens, now });
  assert.equal((await vault.accessToken(of, now + 10 ** 9)).outcome, 'token');
  await vault.keep({ ...of, tokens: { ...tokens, refresh_token }, now });
  assert.equal((await vault.accessToken(of, now + 10 ** 9)).outcome, 'token');
  await vault.keep({ ...of, subject: 'other', tokens: { ...tokens, expiresAt: now + 60 }, now });
  const other = { ...of, subject: 'other' };
  assert.equal((await vault.accessToken(other, now + 53)).outcome, 'token');
  assert.deepEqual(await vault.accessToken(other, now + 60), {
    outcome: 'dead',
    reason: 'access_token_expired',
  });
  assert.deepEqual(await vault.refreshDue(now + 10 ** 9), {});
  assert.deepEqual(provider.asked, []);
});

test('signing in again replaces everything, and what it does not bring stays: Google gives a refresh token once', async (t) => {
  const { vault, provider, signIn } = await openHouse(t);
  await signIn();
  const { refresh_token: _, ...second } = provider.issue(now + 100);
  provider.newest = 1;
  await vault.keep({ ...of, tokens: { ...second, access_token: 'access-second' }, now: now + 100 });
  const found = await vault.accessToken(of, now + 100);
  assert.ok(found.outcome === 'token');
  assert.equal(found.access_token, 'access-second');
  assert.deepEqual(await vault.refreshDue(now + 3600), { refreshed: 1 });
  assert.deepEqual(provider.asked, [`refresh-1-${'r'.repeat(40)}`]);
});

test('a dead account lives again when its person signs in, and its old refresh token is not brought back', async (t) => {
  const { vault, provider, signIn } = await openHouse(t);
  await signIn();
  provider.newest = 9;
  assert.deepEqual(await vault.refreshDue(now + 3600), { dead: 1 });
  assert.deepEqual(await vault.accessToken(of, now), { outcome: 'dead', reason: 'provider_grant_refused' });
  const { refresh_token: _, ...tokens } = provider.issue(now);
  await vault.keep({ ...of, tokens, now });
  assert.equal((await vault.accessToken(of, now)).outcome, 'token');
  assert.deepEqual(await vault.accessToken(of, now + 9999), {
    outcome: 'dead',
    reason: 'access_token_expired',
  });
});

test('nothing is kept for a person who is gone, and nothing is left of what was removed', async (t) => {
  const { vault, storage, provider, signIn } = await openHouse(t);
  const tokens = provider.issue(now);
  assert.equal(await vault.keep({ ...of, userId: 'nobody', tokens, now }), 'user_gone');
  await signIn();
  await vault.keep({ ...of, subject: 'second', tokens, now });
  await vault.remove({ ...of, subject: 'second' });
  assert.equal((await storage.listVaultEntries(of)).length, 1);
  await vault.keep({ ...of, subject: 'second', tokens, now });
  await vault.remove(atProvider);
  assert.deepEqual(await storage.listVaultEntries(of), []);
  assert.deepEqual(await vault.accessToken(of, now), { outcome: 'none' });
});

test('whoever steals the database or a backup reads no token in it', async (t) => {
  const path = `${temporaryFolder(t)}/test.db`;
  const { vault, provider, signIn, storage } = await openHouse(t, {}, `sqlite:${path}`);
  await signIn();
  await vault.refreshDue(now + 3600);
  provider.newest = 99;
  await vault.refreshDue(now + 3 * 3600);
  await signIn();
  const backup: Buffer[] = [];
  const to = new Writable({ write: (part: Buffer, _encoding, done) => (backup.push(part), done()) });
  await copyOut(`sqlite:${path}`, to, { program: 'test', now, secrets: async () => ({}) });
  const dump = new DatabaseSync(path);
  const rows = dump.prepare('SELECT * FROM vault_entries').all();
  dump.close();
  const [entry] = await storage.listVaultEntries(of);
  const texts = [
    gunzipSync(Buffer.concat(backup)).toString('latin1'),
    JSON.stringify(rows),
    Buffer.from(entry?.sealed ?? []).toString('latin1'),
  ];
  assert.ok(texts[0]?.includes('"vault_entries"') && texts[0].includes(of.subject) && rows.length === 1);
  for (const secret of ['access-', 'refresh-', 'identity-token', 'cloud-secret', 'Bearer'])
    for (const text of texts)
      for (const spelled of [secret, Buffer.from(secret).toString('base64').slice(0, 8)])
        assert.ok(!text.includes(spelled), `${spelled} can be read`);
});

test("an envelope opens in its own row only: moved to another person's, it is refused and told", async (t) => {
  const path = `${temporaryFolder(t)}/test.db`;
  const { vault, storage, told, signIn } = await openHouse(t, {}, `sqlite:${path}`);
  await storage.addUser({
    id: 'thief',
    email: 't@example.com',
    name: 'T',
    role: 'member',
    createdAt: now,
    updatedAt: now,
  });
  await signIn();
  const moves = [
    `UPDATE vault_entries SET user_id = 'thief'`,
    `INSERT INTO vault_entries SELECT 'made-up', 'thief', provider, subject, sealed, generation, expires_at,
      refresh_at, dead_at, dead_reason, created_at, updated_at, asked_at FROM vault_entries WHERE user_id = 'user-1'`,
  ];
  for (const move of moves) {
    const database = new DatabaseSync(path);
    database.exec(move);
    database.close();
    const found = await vault.accessToken({ ...atProvider, userId: 'thief' }, now);
    assert.deepEqual(found, { outcome: 'dead', reason: 'vault_entry_unreadable' });
    assert.equal(told.at(-1)?.event, 'vault_entry_unreadable');
    await vault.remove({ ...atProvider, userId: 'thief' });
    await signIn();
  }
});

test('an entry of a key that is gone is read no more; one of a key that this instance has not got yet, later', async (t) => {
  const first = aKey('first');
  const { vault, provider, signIn, another, told } = await openHouse(t, {
    sealing: sealingUnder(keychain(first)),
  });
  await signIn();
  const without = another({ sealing: sealingUnder(keychain(aKey('second'))) });
  assert.deepEqual(await without.accessToken(of, now), { outcome: 'dead', reason: 'vault_entry_unreadable' });
  assert.deepEqual(await without.refreshDue(now + 3600), { postponed: 1 });
  const outdated: Keychain = {
    ...keychain(aKey('third')),
    find: async (id) => {
      throw new SecretsOutdated(id);
    },
  };
  const early = another({ sealing: sealingUnder(outdated) });
  const found = await early.accessToken(of, now);
  assert.deepEqual(found, { outcome: 'unavailable', reason: 'secrets_outdated', retryAfterSeconds: 5 });
  // Nothing was lost by it: whoever has the key goes on, also after others have sealed under a newer one.
  const newer = another({ sealing: sealingUnder(keychain(aKey('fourth'), first)) });
  assert.deepEqual(await newer.refreshDue(now + 2 * 3600), { refreshed: 1 });
  assert.equal(provider.asked.length, 1);
  assert.deepEqual(await vault.accessToken(of, now), { outcome: 'dead', reason: 'vault_entry_unreadable' });
  assert.ok(told.some(({ event }) => event === 'vault_entry_unreadable'));
});

test('keys of the secrets document seal and open, as they are found at that moment', async (t) => {
  const at = (id: string, usedFromAt: number) => ({
    id,
    key: createSecretKey(randomBytes(32)),
    createdAt: 0,
    usedFromAt,
  });
  let clock = 0;
  const keys = { keys: [at('a', 0), at('b', 10)], retired: [] };
  const { sealing } = keychainsOf({
    read: () => ({ sealing: keys, cookies: keys, derivation: keys }),
    now: () => clock,
  });
  const { vault, storage, signIn } = await openHouse(t, { sealing: sealingUnder(sealing) });
  const keyId = async () => {
    const [entry] = await storage.listVaultEntries(of);
    return Buffer.from(entry?.sealed ?? []).toString('latin1', 2, 3);
  };
  await signIn();
  assert.equal(await keyId(), 'a');
  clock = 10;
  assert.equal((await vault.accessToken(of, now)).outcome, 'token');
  await signIn();
  assert.equal(await keyId(), 'b');
  assert.equal((await vault.accessToken(of, now)).outcome, 'token');
});
