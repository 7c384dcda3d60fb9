// Keys are replaced under instances that work, on every store: what was made with the older ones goes on working, in
// every instance, and what is taken away stops in every instance.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Storage } from '@sallyport/storage';
import { supersededSigningKeySeconds } from '@sallyport/storage';
import { openBrowserAt, pageOf, leftTo } from '../house/browser.ts';
import {
  askMcp,
  authorizationUrl,
  connect,
  errorOf,
  redeem,
  refresh,
  register,
  signInAt,
  type Registered,
  type Tokens,
} from '../house/client.ts';
import type { House } from '../house/open-house.ts';
import { deploy, eventually, kidOf, publishedBy, stores } from './deployment.ts';

async function refreshed(house: House, client: Registered, { refresh_token }: Tokens): Promise<Tokens> {
  const response = await refresh(house, client, refresh_token);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Tokens;
}

const statusAt = async (house: House, { access_token }: Tokens): Promise<number> =>
  (await askMcp(house, access_token)).status;

/** Until the instance uses this derivation key for what it makes. */
async function untilDerivedUnder(keyId: string, house: House): Promise<void> {
  await eventually(async () => {
    const before = (await house.storage.countRefreshTokensByKey(house.clock.now)).get(keyId);
    await connect(house);
    return (await house.storage.countRefreshTokensByKey(house.clock.now)).get(keyId) !== before;
  });
}

/** Never hears what other processes change. */
const deaf = (storage: Storage): Storage => ({ ...storage, onChange: () => () => {} });

for (const { name, options, urlIn } of stores) {
  describe(`on ${name}`, options, () => {
    test('a signing key is published everywhere at once, signs ten minutes later, and signs nobody out', async (t) => {
      const deployment = await deploy(t, urlIn);
      const [one, two] = [await deployment.open(), await deployment.open()];
      const { client, tokens: first } = await connect(one);
      const old = kidOf(first);
      const { id: next, from } = await deployment.rotate();
      await eventually(async () => (await publishedBy(one)).length === 2);
      await eventually(async () => (await publishedBy(two)).length === 2);
      assert.deepEqual(await publishedBy(two), [next, old]);

      const second = await refreshed(two, client, first);
      assert.equal(kidOf(second), old);
      for (const house of [one, two]) house.clock.now = from - 1;
      const third = await refreshed(one, client, second);
      assert.equal(kidOf(third), old);
      for (const house of [one, two]) house.clock.now = from;
      const fourth = await refreshed(two, client, third);
      assert.equal(kidOf(fourth), next);
      for (const house of [one, two])
        for (const tokens of [first, second, third, fourth]) assert.equal(await statusAt(house, tokens), 200);
    });

    test('a key that signs at once is believed by an instance that has not heard of it', async (t) => {
      const deployment = await deploy(t, urlIn);
      const one = await deployment.open();
      const two = await deployment.open({ rig: deaf });
      const { client, tokens } = await connect(one);
      const { id: next, from } = await deployment.rotate('--now');
      await eventually(async () => (await publishedBy(one)).includes(next));
      one.clock.now = from;
      const signedNow = await refreshed(one, client, tokens);
      assert.equal(kidOf(signedNow), next);
      assert.ok(!(await publishedBy(two)).includes(next), 'it has not heard');
      two.clock.now = one.clock.now;
      assert.equal(await statusAt(two, signedNow), 200);
      assert.ok((await publishedBy(two)).includes(next));
    });

    test('what a retired key signed is refused everywhere, though it was believed before', async (t) => {
      const deployment = await deploy(t, urlIn);
      const [one, two] = [await deployment.open(), await deployment.open()];
      const { client, tokens } = await connect(one);
      for (const house of [one, two]) assert.equal(await statusAt(house, tokens), 200);
      const { from } = await deployment.rotate('--now');
      await deployment.keys('retire', kidOf(tokens));
      for (const house of [one, two]) await eventually(async () => (await statusAt(house, tokens)) === 401);
      for (const house of [one, two]) house.clock.now = from;
      const renewed = await refreshed(two, client, tokens);
      assert.notEqual(kidOf(renewed), kidOf(tokens));
      for (const house of [one, two]) assert.equal(await statusAt(house, renewed), 200);
    });

    test('an outdated key is swept once nothing that it signed can be alive', async (t) => {
      const deployment = await deploy(t, urlIn);
      const house = await deployment.open();
      const { tokens } = await connect(house);
      const { id: next, from } = await deployment.rotate('--now');
      await eventually(async () => (await publishedBy(house)).length === 2);
      const sweepAt = (now: number) => house.storage.sweep({ now, unusedClientsBefore: 0, limit: 100 });
      await sweepAt(from + supersededSigningKeySeconds - 1);
      assert.deepEqual(await publishedBy(house), [next, kidOf(tokens)]);
      await sweepAt(from + supersededSigningKeySeconds);
      await eventually(async () => (await publishedBy(house)).length === 1);
      assert.deepEqual(await publishedBy(house), [next]);
    });

    test('refresh tokens survive a new derivation key, and a repeat gets the same answer across it', async (t) => {
      const deployment = await deploy(t, urlIn);
      const [one, two] = [await deployment.open(), await deployment.open()];
      const { client, tokens: first } = await connect(one);
      const second = await refreshed(one, client, first);
      const { id: next, from } = await deployment.rotate('derivation', '--now');
      for (const house of [one, two]) house.clock.now = from;
      for (const house of [one, two]) await untilDerivedUnder(next, house);
      // Under the key of its row, in either instance.
      for (const house of [one, two])
        assert.equal((await refreshed(house, client, first)).refresh_token, second.refresh_token);
      const third = await refreshed(two, client, second);
      const fourth = await refreshed(one, client, third);
      assert.equal((await refreshed(two, client, third)).refresh_token, fourth.refresh_token);
    });

    test('an answer that is given twice gets the same code, also when the key was replaced in between', async (t) => {
      const deployment = await deploy(t, urlIn);
      const [one, two] = [await deployment.open(), await deployment.open()];
      const client = await register(one);
      const asked = authorizationUrl(client);
      const browser = openBrowserAt(one);
      const consent = pageOf(await signInAt(browser, await browser.open(asked.url)));
      const code = leftTo(await browser.submit(consent, { decision: 'allow' })).searchParams.get('code');
      const { id: next, from } = await deployment.rotate('derivation', '--now');
      for (const house of [one, two]) house.clock.now = from;
      await untilDerivedUnder(next, one);
      const again = leftTo(await browser.submit(consent, { decision: 'allow' })).searchParams.get('code');
      assert.equal(again, code);
      const elsewhere = openBrowserAt(two);
      for (const [cookie, value] of browser.cookies) elsewhere.cookies.set(cookie, value);
      const third = leftTo(await elsewhere.submit(consent, { decision: 'allow' })).searchParams.get('code');
      assert.equal(third, code);
      await redeem(two, client, code ?? '', asked.code_verifier);
    });

    test('forms that were open before a new cookies key, or come from another instance, are accepted', async (t) => {
      const deployment = await deploy(t, urlIn);
      const [one, two] = [await deployment.open(), await deployment.open()];
      const client = await register(one);
      const browser = openBrowserAt(one);
      const { url } = authorizationUrl(client);
      const form = pageOf(await browser.open(url));
      const { id: old } = (await deployment.listed()).find(({ purpose }) => purpose === 'cookies') ?? {};
      assert.ok(old);
      const { from } = await deployment.rotate('cookies', '--after', '2');
      for (const house of [one, two]) house.clock.now = from;
      const csrfOf = async (house: House): Promise<string> => {
        const reader = openBrowserAt(house);
        for (const [cookie, value] of browser.cookies) reader.cookies.set(cookie, value);
        return /name="csrf" value="([^"]+)"/.exec(pageOf(await reader.open(url)).html)?.[1] ?? '';
      };
      const before = /name="csrf" value="([^"]+)"/.exec(form.html)?.[1];
      for (const house of [one, two]) await eventually(async () => (await csrfOf(house)) !== before);
      assert.equal(await csrfOf(one), await csrfOf(two));
      const consent = pageOf(await signInAt(browser, form));
      assert.match(consent.html, /Allow/);
      const other = openBrowserAt(two);
      for (const [cookie, value] of browser.cookies) other.cookies.set(cookie, value);
      assert.ok(leftTo(await other.submit(consent, { decision: 'allow' })).searchParams.has('code'));
    });
  });
}

describe('an instance whose secrets.json is older than that of the others', () => {
  const [sqlite] = stores;
  assert.ok(sqlite);

  test('answers 503 where it lacks a key, never invalid_grant, and goes on once it has the file', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const one = await deployment.open();
    const own = join(deployment.folder, 'own.json');
    copyFileSync(deployment.secretsFile, own);
    const two = await deployment.open({ environment: { SALLYPORT_SECRETS_FILE: own } });
    const { id: next, from } = await deployment.rotate('derivation', '--now');
    one.clock.now = from;
    await untilDerivedUnder(next, one);
    const { client, tokens } = await connect(one);
    const response = await refresh(two, client, tokens.refresh_token);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '2');
    assert.equal(await errorOf(response), 'temporarily_unavailable');
    const line = two.events.find(({ event }) => event === 'secrets_outdated');
    assert.equal(line?.facts['keyId'], next);
    assert.match(String(line.facts['next']), /secrets\.json/);
    // An older file in the place of a newer one is not taken.
    copyFileSync(deployment.secretsFile, own);
    const renewed = await refreshed(two, client, tokens);
    assert.equal(await statusAt(one, renewed), 200);
  });

  test('goes on signing with the key that it has, and believes the one that it cannot open', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const one = await deployment.open();
    const own = join(deployment.folder, 'own.json');
    copyFileSync(deployment.secretsFile, own);
    const two = await deployment.open({ environment: { SALLYPORT_SECRETS_FILE: own } });
    const { client, tokens } = await connect(one);
    await deployment.keys('reseal');
    const { id: next, from } = await deployment.rotate('--now');
    for (const house of [one, two]) {
      await eventually(async () => (await publishedBy(house)).includes(next));
      house.clock.now = from;
    }
    assert.ok(two.events.some(({ event }) => event === 'secrets_outdated'));
    const byTwo = await refreshed(two, client, tokens);
    assert.equal(kidOf(byTwo), kidOf(tokens));
    const byOne = await refreshed(one, client, byTwo);
    assert.equal(kidOf(byOne), next);
    for (const house of [one, two])
      for (const each of [byOne, byTwo]) assert.equal(await statusAt(house, each), 200);
    copyFileSync(deployment.secretsFile, own);
    await eventually(async () => kidOf(await refreshed(two, client, byOne)) === next);
  });

  test('that lacks what every key is sealed under does not start, and says what to do', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const one = await deployment.open();
    await connect(one);
    const own = join(deployment.folder, 'own.json');
    copyFileSync(deployment.secretsFile, own);
    await deployment.keys('reseal');
    await assert.rejects(
      deployment.open({ environment: { SALLYPORT_SECRETS_FILE: own } }),
      /secrets\.json does not belong to this database/,
    );
  });

  test('takes no file that has lost keys, and none that is damaged', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const house = await deployment.open();
    const before = readFileSync(deployment.secretsFile, 'utf8');
    const { client, tokens } = await connect(house);
    const { id: next, from } = await deployment.rotate('derivation', '--now');
    house.clock.now = from;
    await eventually(() => house.events.some(({ event }) => event === 'secrets_changed'));
    const second = await refreshed(house, client, tokens);
    assert.ok((await house.storage.countRefreshTokensByKey(house.clock.now)).has(next));
    const newest = readFileSync(deployment.secretsFile, 'utf8');
    writeFileSync(deployment.secretsFile, before);
    await eventually(() => house.events.some(({ event }) => event === 'secrets_lost_keys'));
    writeFileSync(deployment.secretsFile, newest.slice(0, 100));
    await eventually(() => house.events.some(({ event }) => event === 'secrets_unreadable'));
    const third = await refreshed(house, client, second);
    assert.equal(await statusAt(house, third), 200);
    writeFileSync(deployment.secretsFile, newest);
    assert.equal((await refresh(house, client, third.refresh_token)).status, 200);
    const told = JSON.stringify(house.events.map(({ event, facts }) => [event, facts]));
    for (const [, key = ''] of newest.matchAll(/"key": "([^"]+)"/g)) assert.ok(!told.includes(key));
  });
});

describe('a derivation key that is retired', () => {
  const [sqlite] = stores;
  assert.ok(sqlite);

  test('signs out whoever still needed it, and nobody else', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const house = await deployment.open();
    const { client, tokens } = await connect(house);
    const [older = ''] = (await deployment.listed())
      .filter(({ purpose }) => purpose === 'derivation')
      .map(({ id }) => id);
    const { id: next, from } = await deployment.rotate('derivation', '--now');
    house.clock.now = from;
    await untilDerivedUnder(next, house);
    const { client: other, tokens: theirs } = await connect(house);
    makeOlder(deployment.secretsFile);
    await deployment.keys('retire', '--force', older);
    await eventually(async () => (await refresh(house, client, tokens.refresh_token)).status !== 200);
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    assert.equal((await refresh(house, other, theirs.refresh_token)).status, 200);
    assert.ok(!house.events.some(({ event }) => event === 'secrets_outdated'));
  });
});

/** As if its keys had been in use for an hour. */
function makeOlder(secretsFile: string): void {
  const text = readFileSync(secretsFile, 'utf8');
  const older = text.replaceAll(/"usedFromAt": (\d+)/g, (_, at) => `"usedFromAt": ${Number(at) - 3600}`);
  writeFileSync(secretsFile, older);
}
