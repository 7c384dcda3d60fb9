// Design rule 3 under races, on the whole product; again with every storage call made slow.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { assertionBy, assertionForm, clientKey } from '../../authorization-server/test/assertions.ts';
import { onRedis, ownPlace } from '../../storage/test/redis/server.ts';
import { slowly } from '../../storage/test/rigged.ts';
import { StorageUnavailable } from '@sallyport/storage';
import {
  askMcp,
  askToken,
  authorizeAndAllow,
  codeForm,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  refresh,
  register,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';

const [sqlite, postgres] = storesOfHouse;
const kinds = [
  { ...sqlite!, slowness: 0 },
  { ...sqlite!, slowness: 5 },
  { ...postgres!, slowness: 0 },
];

for (const { name, options, urlFor, slowness } of kinds) {
  describe(`codes and refresh tokens on ${name}, with ${slowness} ms added to every call`, options, () => {
    async function open(t: TestContext): Promise<House> {
      const house = await openHouse({
        storageUrl: await urlFor(t),
        rig: (storage) => (slowness === 0 ? storage : slowly(storage, slowness)),
      });
      t.after(() => house.close());
      await house.addPerson(EMAIL, PASSWORD);
      return house;
    }

    it('lets one of 20 simultaneous redemptions of a code win, and the valid replays kill the grant', async (t) => {
      const house = await open(t);
      const client = await register(house);
      const { code, code_verifier } = await authorizeAndAllow(house, client);
      const form = codeForm(client, { code, code_verifier });
      const responses = await Promise.all(Array.from({ length: 20 }, () => askToken(house, form)));
      const won = responses.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      for (const lost of responses.filter((response) => !won.includes(response))) {
        assert.equal(lost.status, 400);
        assert.equal(await errorOf(lost), 'invalid_grant');
      }
      const tokens = (await won[0]!.json()) as Tokens;
      assert.equal((await askMcp(house, tokens.access_token)).status, 401);
      assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    });

    it('answers 20 simultaneous refreshes with one successor, until that is used; then the old one kills the grant', async (t) => {
      const house = await open(t);
      const { client, tokens } = await connect(house);
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => refresh(house, client, tokens.refresh_token)),
      );
      const answers = (await Promise.all(responses.map((response) => response.json()))) as Tokens[];
      assert.deepEqual(
        responses.map(({ status }) => status),
        Array.from({ length: 20 }, () => 200),
      );
      const successors = new Set(answers.map(({ refresh_token }) => refresh_token));
      assert.equal(successors.size, 1);
      const [successor] = successors;
      assert.notEqual(successor, tokens.refresh_token);
      for (const { access_token } of answers) assert.equal((await askMcp(house, access_token)).status, 200);

      const next = await refresh(house, client, successor!);
      assert.equal(next.status, 200);
      const { access_token, refresh_token } = (await next.json()) as Tokens;
      assert.equal((await askMcp(house, access_token)).status, 200);
      assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
      assert.equal((await askMcp(house, access_token)).status, 401);
      assert.equal(await errorOf(await refresh(house, client, refresh_token)), 'invalid_grant');
    });
  });
}

const shared = storesOfHouse.flatMap(({ name, options, urlFor }) => [
  { name, options, urlFor, ephemeralFor: async () => undefined },
  {
    name: `${name} with Redis`,
    options: { skip: options.skip ?? onRedis.skip },
    urlFor,
    ephemeralFor: async (t: TestContext) => (await ownPlace(t)).ephemeral,
  },
]);

for (const { name, options, urlFor, ephemeralFor } of shared) {
  describe(`assertions on ${name}`, options, () => {
    it('let one of 20 simultaneous requests in that bring the same, at whichever endpoint', async (t) => {
      const ephemeral = await ephemeralFor(t);
      const house = await openHouse({
        storageUrl: await urlFor(t),
        ...(ephemeral && { ephemeral }),
      });
      t.after(() => house.close());
      const key = clientKey();
      const { client_id } = await register(house, {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [key.jwk] },
      });
      const asserted = { client_id, issuer: house.origin, now: house.clock.now };
      const proof = assertionForm(assertionBy(key, asserted));
      const paths = ['/oauth/token', '/oauth/revoke', '/oauth/introspect'];
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          house.ask(paths[i % 3]!, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({
              grant_type: 'refresh_token',
              refresh_token: 'nothing',
              token: 'nothing',
              ...proof,
            }).toString(),
          }),
        ),
      );
      const refused = responses.filter(({ status }) => status === 401);
      assert.equal(refused.length, 19);
      for (const response of refused) assert.match(await response.text(), /was used before/);
      const replayed = house.events.filter(({ facts }) => facts['reason'] === 'assertion_replayed');
      assert.equal(replayed.length, 19);
    });

    it('let nobody in while it cannot be kept that they were used', async (t) => {
      const house = await openHouse({
        storageUrl: await urlFor(t),
        rig: (storage) => ({
          ...storage,
          claim: async () => {
            throw new StorageUnavailable('away');
          },
        }),
      });
      t.after(() => house.close());
      const key = clientKey();
      const { client_id } = await register(house, {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [key.jwk] },
      });
      const asserted = { client_id, issuer: house.origin, now: house.clock.now };
      const proof = assertionForm(assertionBy(key, asserted));
      const response = await askToken(house, { grant_type: 'refresh_token', refresh_token: 'x', ...proof });
      assert.equal(response.status, 503);
      assert.equal(await errorOf(response), 'temporarily_unavailable');
    });
  });
}
