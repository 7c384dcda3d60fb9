// Storage that fails at the n-th call, for every n of the token and refresh flows: a clean error, no half-made state, and
// the same request works afterwards.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  PASSWORD,
  refresh,
  register,
  signInAt,
  type Registered,
  type Tokens,
} from './house/client.ts';
import { leftTo, openBrowserAt, pageOf } from './house/browser.ts';
import { faultRig, type Rig } from './house/fault-rig.ts';
import { openHouse, type House } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';

async function houseWith(faults: Rig, format: 'jwt' | 'opaque', storageUrl: string): Promise<House> {
  const environment = { SALLYPORT_TOKENS_ACCESS_FORMAT: format };
  const house = await openHouse({ rig: faults.rig, environment, storageUrl });
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

/**
 * Runs `attempt` with the first, the second … call of its request failing, until no call is left to fail.
 * @param attempt answers how many calls its request made
 * @returns how many requests failed
 */
async function failEachCall(attempt: (n: number) => Promise<number>): Promise<number> {
  for (let n = 1; n <= 50; n += 1) if ((await attempt(n)) < n) return n - 1;
  throw new Error('there is no end of calls');
}

async function cleanError(response: Response): Promise<void> {
  assert.equal(response.status, 503);
  assert.ok(Number(response.headers.get('retry-after')) > 0);
  const body = (await response.json()) as Record<string, unknown>;
  assert.equal(body['error'], 'temporarily_unavailable');
  assert.deepEqual(Object.keys(body).sort(), ['error', 'error_description']);
}

async function tokensOf(response: Response): Promise<Tokens> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Tokens;
}

const redeeming = (client: Registered, code: string, code_verifier: string) => ({
  grant_type: 'authorization_code',
  client_id: client.client_id,
  code,
  code_verifier,
});

const kinds = storesOfHouse.flatMap((store) =>
  (['jwt', 'opaque'] as const).map((format) => ({ ...store, format })),
);

for (const { name, options, urlFor, format } of kinds) {
  describe(`${name} that fails, with ${format} access tokens`, options, () => {
    it('leaves a code as it was, and the same request redeems it afterwards', async (t) => {
      const faults = faultRig();
      const house = await houseWith(faults, format, await urlFor(t));
      const failed = await failEachCall(async (n) => {
        const client = await register(house);
        const { code, code_verifier } = await authorizeAndAllow(house, client);
        faults.arm(n, 'before');
        const first = await askToken(house, redeeming(client, code, code_verifier));
        const calls = faults.disarm();
        if (calls >= n) await cleanError(first);
        const again = calls >= n ? await askToken(house, redeeming(client, code, code_verifier)) : first;
        const tokens = await tokensOf(again);
        assert.equal((await askMcp(house, tokens.access_token)).status, 200);
        await tokensOf(await refresh(house, client, tokens.refresh_token));
        return calls;
      });
      assert.ok(failed >= 3, `only ${failed} calls were made to fail`);
      await house.close();
    });

    for (const fault of ['before', 'after'] as const) {
      it(`lets a refresh be repeated when a call failed ${fault} it was done`, async (t) => {
        const faults = faultRig();
        const house = await houseWith(faults, format, await urlFor(t));
        const failed = await failEachCall(async (n) => {
          const { client, tokens } = await connect(house);
          faults.arm(n, fault);
          const first = await refresh(house, client, tokens.refresh_token);
          const calls = faults.disarm();
          if (calls >= n) await cleanError(first);
          const next = await tokensOf(
            calls >= n ? await refresh(house, client, tokens.refresh_token) : first,
          );
          assert.equal((await askMcp(house, next.access_token)).status, 200);
          await tokensOf(await refresh(house, client, next.refresh_token));
          return calls;
        });
        assert.ok(failed >= 3, `only ${failed} calls were made to fail`);
        await house.close();
      });
    }

    it('lets nobody through the gate while it cannot tell, and everybody afterwards', async (t) => {
      const faults = faultRig();
      const house = await houseWith(faults, format, await urlFor(t));
      const failed = await failEachCall(async (n) => {
        const { tokens } = await connect(house);
        faults.arm(n, 'before');
        const first = await askMcp(house, tokens.access_token);
        const calls = faults.disarm();
        assert.equal(first.status, calls >= n ? 503 : 200);
        assert.equal((await askMcp(house, tokens.access_token)).status, 200);
        return calls;
      });
      assert.ok(failed >= 1);
      await house.close();
    });
  });
}

describe('storage that fails while a person decides', () => {
  for (const fault of ['before', 'after'] as const) {
    it(`gives one code to the same answer again, when a call failed ${fault} it was done`, async () => {
      const faults = faultRig();
      const house = await houseWith(faults, 'jwt', 'sqlite::memory:');
      const failed = await failEachCall(async (n) => {
        const client = await register(house);
        const browser = openBrowserAt(house);
        const asked = authorizationUrl(client);
        const consent = pageOf(await signInAt(browser, await browser.open(asked.url)));
        faults.arm(n, fault);
        const first = await browser.submit(consent, { decision: 'allow' });
        const calls = faults.disarm();
        if (calls >= n) assert.equal(pageOf(first).status, 503);
        const left = leftTo(calls >= n ? await browser.submit(consent, { decision: 'allow' }) : first);
        const code = left.searchParams.get('code') ?? '';
        const tokens = await tokensOf(await askToken(house, redeeming(client, code, asked.code_verifier)));
        assert.equal((await askMcp(house, tokens.access_token)).status, 200);
        return calls;
      });
      assert.ok(failed >= 3, `only ${failed} calls were made to fail`);
      await house.close();
    });
  }
});
