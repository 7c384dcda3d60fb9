// Two instances that share a store share their counts, and without it nobody is let through.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecrets, readSecrets } from '@sallyport/crypto';
import { onPostgres, readySchema } from '../../storage/test/postgres/schema.ts';
import { ownRedis, withOwnRedis } from '../../storage/test/redis/own-server.ts';
import { onRedis, ownPlace } from '../../storage/test/redis/server.ts';
import { openBrowserAt, pageOf, type Site } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  connect,
  EMAIL,
  PASSWORD,
  REDIRECT_URI,
  refresh,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const limits = { registrationsPerMinute: 3, authorizationsPerMinute: 3, refusalsPerMinute: 3 };

async function twoHouses(t: TestContext, options: HouseOptions): Promise<readonly [House, House]> {
  const secrets = readSecrets(createSecrets(0));
  const open = async () => {
    const house = await openHouse({
      ...options,
      secrets,
      configure: (config) => ({ ...config, rateLimits: { ...config.rateLimits, ...limits } }),
    });
    t.after(() => house.close());
    return house;
  };
  const first = await open();
  const second = await open();
  await first.addPerson(EMAIL, PASSWORD);
  return [first, second];
}

const askRegister = (house: Site) =>
  house.ask('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
  });

async function guessPassword(house: Site): Promise<number> {
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  return pageOf(await browser.submit(page, { email: EMAIL, password: 'wrong password' })).status;
}

/** Each request at one house and then at the other, until both refuse. */
async function assertShared(t: TestContext, options: HouseOptions): Promise<void> {
  const [one, other] = await twoHouses(t, options);
  const { client } = await connect(one);
  const turns = async (ask: (house: Site) => Promise<number>, count: number): Promise<number[]> => {
    const statuses = [];
    for (let index = 0; index < count; index += 1) statuses.push(await ask(index % 2 === 0 ? other : one));
    return statuses;
  };
  const statusOf = async (response: Promise<Response>) => (await response).status;
  // `connect` has registered and asked once.
  assert.deepEqual(await turns((house) => statusOf(askRegister(house)), 4), [201, 201, 429, 429]);
  const { url } = authorizationUrl(client);
  assert.deepEqual(await turns((house) => statusOf(house.ask(url)), 4), [303, 303, 429, 429]);
  assert.deepEqual(await turns((house) => statusOf(askMcp(house, 'x')), 5), [401, 401, 401, 429, 429]);
  const failing = { grant_type: 'refresh_token', client_id: 'nobody', refresh_token: 'x' };
  assert.deepEqual(await turns((house) => statusOf(askToken(house, failing)), 5), [401, 401, 401, 429, 429]);
  assert.deepEqual(await turns(guessPassword, 7), [403, 403, 403, 403, 403, 429, 429]);
  assert.equal(await statusOf(askRegister(other.from('198.51.100.1'))), 201);
}

suite('two houses on one PostgreSQL', onPostgres, () => {
  test('count together', async (t) => assertShared(t, { storageUrl: (await readySchema(t)).url }));

  test('count together in Redis what needs it', onRedis, async (t) => {
    const { ephemeral, client } = await ownPlace(t);
    await assertShared(t, { storageUrl: (await readySchema(t)).url, ephemeral });
    const keys = await client.keys(`sallyport:${ephemeral.deployment}:count:*`);
    const names = new Set(keys.map((key) => key.split(':')[3]));
    assert.deepEqual(
      [...names].filter((name) => name?.startsWith('authorization') !== true),
      [],
      'the rest must work without Redis',
    );
    assert.ok(names.has('authorization'));
  });
});

suite('a house whose Redis goes away', withOwnRedis, () => {
  test('begins no authorization, does all else, and goes on when it is back', async (t) => {
    const redis = await ownRedis(t);
    const [house] = await twoHouses(t, { ephemeral: { url: redis.url, deployment: 'test' } });
    const { client, tokens } = await connect(house);
    await redis.kill();
    const { url } = authorizationUrl(client);
    const away = await house.ask(url);
    assert.equal(away.status, 503, await away.clone().text());
    assert.match(away.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal((await askRegister(house)).status, 201);
    assert.equal(await guessPassword(house), 403);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await askMcp(house, 'x')).status, 401);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
    await redis.start();
    for (let tries = 0; (await house.ask(url)).status !== 303; tries += 1) {
      assert.ok(tries < 100, 'it did not come back');
      await wait(200);
    }
  });
});
