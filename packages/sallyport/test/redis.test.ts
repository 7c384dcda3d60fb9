// Two instances of the whole product on one PostgreSQL and one Redis: what is once is once, wherever it is asked. And with
// a Redis that is away: logins wait, whoever has tokens notices nothing, and it comes back by itself.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecrets, readSecrets } from '@sallyport/crypto';
import { onPostgres, readySchema } from '../../storage/test/postgres/schema.ts';
import { ownRedis, withOwnRedis } from '../../storage/test/redis/own-server.ts';
import { onRedis, ownPlace } from '../../storage/test/redis/server.ts';
import { slowly } from '../../storage/test/rigged.ts';
import { leftTo, openBrowserAt, pageOf } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  refresh,
  register,
  signInAt,
  type Registered,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const redeeming = (client: Registered, code: string, code_verifier: string) => ({
  grant_type: 'authorization_code',
  client_id: client.client_id,
  code,
  code_verifier,
});

for (const slowness of [0, 5]) {
  describe(
    `PostgreSQL and Redis, ${slowness} ms added to every storage call`,
    {
      skip: onPostgres.skip || onRedis.skip,
    },
    () => {
      /** Asks one house, then the other. */
      async function twoHouses(t: TestContext): Promise<House> {
        const { url } = await readySchema(t);
        const { ephemeral } = await ownPlace(t);
        const options: HouseOptions = {
          storageUrl: url,
          ephemeral,
          secrets: readSecrets(createSecrets(0)),
          environment: { SALLYPORT_STORAGE_POOL_SIZE: '3' },
          ...(slowness > 0 && { rig: (storage) => slowly(storage, slowness) }),
        };
        const [here, there] = [await openHouse(options), await openHouse(options)];
        t.after(() => here.close());
        t.after(() => there.close());
        await here.addPerson(EMAIL, PASSWORD);
        let asked = 0;
        return { ...here, ask: (...request) => ((asked += 1) % 2 === 0 ? here : there).ask(...request) };
      }

      it('a code that is redeemed 20 times at once gives tokens once, and the replays end them', async (t) => {
        const house = await twoHouses(t);
        const client = await register(house);
        const { code, code_verifier } = await authorizeAndAllow(house, client);
        const responses = await Promise.all(
          Array.from({ length: 20 }, () => askToken(house, redeeming(client, code, code_verifier))),
        );
        const won = responses.filter(({ status }) => status === 200);
        assert.equal(won.length, 1);
        for (const lost of responses.filter((response) => !won.includes(response)))
          assert.equal(await errorOf(lost), 'invalid_grant');
        const tokens = (await won[0]!.json()) as Tokens;
        assert.equal((await askMcp(house, tokens.access_token)).status, 401);
        assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
      });

      it('a page that is submitted 20 times at once gives one code, and one access', async (t) => {
        const house = await twoHouses(t);
        const client = await register(house);
        const browser = openBrowserAt(house);
        const asked = authorizationUrl(client);
        const consent = pageOf(await signInAt(browser, await browser.open(asked.url)));
        const arrived = await Promise.all(
          Array.from({ length: 20 }, () => browser.submit(consent, { decision: 'allow' })),
        );
        const [code, ...others] = new Set(arrived.map((one) => leftTo(one).searchParams.get('code')));
        assert.deepEqual(others, []);
        const response = await askToken(house, redeeming(client, code ?? '', asked.code_verifier));
        assert.equal(response.status, 200);
        const [person] = await house.storage.listUsers();
        const access = await house.storage.listClientAccess(person!.id, house.clock.now);
        assert.equal(access.length, 1);
      });
    },
  );
}

describe('a Redis that is away', withOwnRedis, () => {
  it('keeps logins waiting and nobody else, and what waited goes on afterwards', async (t) => {
    const redis = await ownRedis(
      t,
      ['--appendonly', 'yes', '--appendfsync', 'always', '--requirepass', 'hidden'],
      ':hidden@',
    );
    const url = redis.url.replace('//', '//:hidden@');
    const house = await openHouse({ ephemeral: { url, deployment: 'test' } });
    t.after(() => house.close());
    await house.addPerson(EMAIL, PASSWORD);
    const { client, browser, tokens } = await connect(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client, {}, browser);
    const asked = authorizationUrl(client, { prompt: 'consent' });
    const consent = pageOf(await browser.open(asked.url));
    const stateAt = async (path: string) => {
      const response = await house.ask(path);
      return [response.status, await response.json()];
    };

    await redis.kill();
    const failed = await askToken(house, redeeming(client, code, code_verifier));
    assert.equal(failed.status, 503);
    assert.ok(Number(failed.headers.get('retry-after')) > 0);
    assert.equal(await errorOf(failed), 'temporarily_unavailable');
    for (const page of [
      pageOf(await browser.open(asked.url)),
      pageOf(await browser.open(consent.url.href)),
      pageOf(await browser.submit(consent, { decision: 'allow' })),
      pageOf(await browser.submit(consent, { decision: 'deny' })),
    ]) {
      assert.equal(page.status, 503);
      assert.ok(Number(page.headers.get('retry-after')) > 0);
      assert.doesNotMatch(page.html, /redis|127\.0\.0\.1|hidden/i);
    }
    assert.deepEqual(await stateAt('/ready'), [200, { status: 'ok', ephemeral: 'unavailable' }]);
    assert.deepEqual(await stateAt('/health'), [503, { status: 'unavailable', ephemeral: 'unavailable' }]);

    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const refreshed = await refresh(house, client, tokens.refresh_token);
    assert.equal(refreshed.status, 200);
    const { access_token } = (await refreshed.json()) as Tokens;
    assert.equal((await askMcp(house, access_token)).status, 200);
    assert.equal(pageOf(await browser.open('/account')).status, 200);

    await redis.start();
    for (const deadline = performance.now() + 30_000; (await house.ask('/health')).status !== 200;) {
      assert.ok(performance.now() < deadline, 'it did not come back');
      await wait(50);
    }
    assert.equal((await askToken(house, redeeming(client, code, code_verifier))).status, 200);
    const left = leftTo(await browser.submit(consent, { decision: 'allow' }));
    const late = redeeming(client, left.searchParams.get('code') ?? '', asked.code_verifier);
    assert.equal((await askToken(house, late)).status, 200);
    assert.equal(await errorOf(await askToken(house, late)), 'invalid_grant');

    assert.ok(house.events.some(({ event }) => event === 'storage_unavailable'));
    assert.doesNotMatch(JSON.stringify(house.events), /hidden/);
  });
});
