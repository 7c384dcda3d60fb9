// What ends there ends here, and what ends here ends there: with a provider that somebody else wrote, whose own answers say
// what it honours, on each store.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { leftTo, openBrowserAt, pageOf, type Browser } from '../house/browser.ts';
import { askMcp, authorizationUrl, redeem, refresh, register } from '../house/client.ts';
import { storesOfHouse, type StoreOfHouse } from '../house/stores.ts';
import { oidcWay, openUpstreamHouse, signInUpstream, type UpstreamHouse } from './upstream-house.ts';

const PASSWORD = 'correct horse battery';

/** With a second provider of the same house and passwords; `people` of the first may be changed while it runs. */
async function openHouse(t: TestContext, store: StoreOfHouse, change: Parameters<typeof oidcWay>[1] = {}) {
  const people: {
    -readonly [Key in keyof NonNullable<typeof change.people>]: NonNullable<typeof change.people>[Key];
  } = { accounts: 'just-in-time', linkByVerifiedEmail: true };
  const house = await openUpstreamHouse({
    storageUrl: await store.urlFor(t),
    change: { people, ...change },
    more: (issuer) => [
      oidcWay(issuer, { id: 'second', title: 'Second ID', people: { ...people } }),
      { provider: 'password', signUp: true },
    ],
  });
  t.after(() => house.close());
  await house.addPerson('operator@example.com', PASSWORD);
  return { house, people };
}

async function signIn(house: UpstreamHouse, as = 'ada', id = 'oidc'): Promise<Browser> {
  const browser = openBrowserAt(house);
  await signInUpstream(house, browser, await browser.open('/sign-in?return_to=/account'), { as, id });
  return browser;
}

/** An app of somebody who signs in for it. */
async function connectApp(house: UpstreamHouse, as = 'ada', id = 'oidc') {
  const client = await register(house);
  const asked = authorizationUrl(client);
  const browser = openBrowserAt(house);
  const consent = pageOf(await signInUpstream(house, browser, await browser.open(asked.url), { as, id }));
  const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
  const tokens = await redeem(house, client, back.searchParams.get('code') ?? '', asked.code_verifier);
  const { traceId } = (await house.storage.findClient(client.client_id)) ?? assert.fail();
  return {
    traceId,
    isLet: async () => (await askMcp(house, tokens.access_token)).status !== 401,
    refreshes: async () => (await refresh(house, client, tokens.refresh_token)).status === 200,
  };
}

const userOf = async ({ storage }: UpstreamHouse, subject = 'ada', provider = 'oidc') =>
  (await storage.findIdentity({ provider, subject }))?.user.id ?? assert.fail('nobody signed in');

async function tokenOf({ assembled, clock }: UpstreamHouse, userId: string, provider = 'oidc') {
  const found = await assembled.vault.accessToken({ userId, provider }, clock.now);
  return found.outcome === 'token' ? found.access_token : found.outcome;
}

/** What the provider itself says of a token. */
const isHonoured = async ({ provider }: UpstreamHouse, token: string): Promise<boolean> =>
  (await provider.ask('/me', { headers: { authorization: `Bearer ${token}` } })).status === 200;

const isSignedIn = async (browser: Browser): Promise<boolean> =>
  pageOf(await browser.open('/account')).url.pathname === '/account';

const unlink = async ({ storage, clock }: UpstreamHouse, userId: string) =>
  storage.unlinkIdentity({
    userId,
    provider: 'oidc',
    subject: 'ada',
    ways: ['second', 'password'],
    now: clock.now,
  });

for (const store of storesOfHouse) {
  describe(`what ends here ends there, on ${store.name}:`, store.options, () => {
    for (const [how, end] of [
      ['an identity that is unlinked', unlink],
      [
        'an account that is removed',
        ({ storage }: UpstreamHouse, userId: string) => storage.removeUser(userId),
      ],
    ] as const)
      it(`the tokens of ${how} are revoked there, and those of other ways are not`, async (t) => {
        const { house } = await openHouse(t, store);
        await signIn(house);
        await signIn(house, 'ada', 'second');
        await signIn(house, 'eve');
        const userId = await userOf(house);
        assert.equal(await userOf(house, 'ada', 'second'), userId);
        const mine = await tokenOf(house, userId);
        const other = await tokenOf(house, userId, 'second');
        const eves = await tokenOf(house, await userOf(house, 'eve'));
        for (const token of [mine, other, eves]) assert.ok(await isHonoured(house, token));
        await end(house, userId);
        assert.equal(await tokenOf(house, userId), 'none');
        const isAll = how.includes('account');
        assert.deepEqual(await house.assembled.vault.revokeForgotten(house.clock.now), {
          revoked: isAll ? 2 : 1,
        });
        assert.equal(await isHonoured(house, mine), false);
        assert.equal(await isHonoured(house, other), !isAll);
        assert.ok(await isHonoured(house, eves));
        const told = JSON.stringify(house.events);
        for (const token of [mine, other, eves]) assert.ok(!told.includes(token));
      });

    it('a provider that is away holds up nobody, and is told when it is back', async (t) => {
      const { house } = await openHouse(t, store);
      await signIn(house);
      await signIn(house, 'ada', 'second');
      const userId = await userOf(house);
      const token = await tokenOf(house, userId);
      house.provider.answerWith((path) => (path.includes('/revocation') ? 503 : undefined));
      assert.equal(await unlink(house, userId), 'unlinked');
      assert.deepEqual(await house.assembled.vault.revokeForgotten(house.clock.now), { postponed: 1 });
      assert.equal(await tokenOf(house, userId), 'none');
      house.provider.answerWith(() => undefined);
      assert.ok(await isHonoured(house, token));
      assert.deepEqual(await house.assembled.vault.revokeForgotten(house.clock.now + 60), { revoked: 1 });
      assert.equal(await isHonoured(house, token), false);
    });

    it('signing in again replaces what was kept, and revokes nothing', async (t) => {
      const { house } = await openHouse(t, store);
      await signIn(house);
      const first = await tokenOf(house, await userOf(house));
      await signIn(house);
      const second = await tokenOf(house, await userOf(house));
      assert.notEqual(first, second);
      assert.deepEqual(await house.assembled.vault.revokeForgotten(house.clock.now), {});
      for (const token of [first, second]) assert.ok(await isHonoured(house, token));
    });
  });

  describe(`what ends there ends here, on ${store.name}:`, store.options, () => {
    it('whose account there is closed, loses the apps that came by it with the next refresh', async (t) => {
      const { house } = await openHouse(t, store, { endsWithProvider: true });
      const [here, app, other] = [
        await signIn(house),
        await connectApp(house),
        await connectApp(house, 'ada', 'second'),
      ];
      const eves = await connectApp(house, 'eve');
      const { vault } = house.assembled;
      house.provider.disable('ada');
      house.provider.answerWith((path) => (path.includes('/token') ? 503 : undefined));
      house.clock.now += 3400;
      assert.deepEqual(await vault.refreshDue(house.clock.now), { postponed: 3 });
      assert.ok(await app.refreshes(), 'while the provider is away, nothing ends');
      house.provider.answerWith(() => undefined);
      // What it answered then may have been lost; those who sign in anew have tokens that nobody has shown.
      house.provider.disable('ada', false);
      await signIn(house);
      house.provider.disable('ada');
      house.clock.now += 3400;
      await vault.refreshDue(house.clock.now);
      assert.equal(await app.refreshes(), false);
      assert.equal(await isSignedIn(here), false);
      assert.ok(await other.refreshes(), 'the other provider was not asked to');
      assert.ok(await eves.refreshes());
      await house.noteLogins();
      const steps = await house.storage.findLoginEvents(app.traceId);
      const revoked = steps.filter(({ event }) => event === 'revoked').map(({ reason }) => reason);
      assert.deepEqual(revoked, ['provider_grant_refused']);
    });

    it('a secret of this server that was replaced there ends nobody', async (t) => {
      const { house } = await openHouse(t, store, { endsWithProvider: true });
      const [here, app] = [await signIn(house), await connectApp(house)];
      house.provider.replaceSecrets('another-secret-of-this-house-at-the-provider');
      house.clock.now += 3400;
      assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { postponed: 1 });
      const refused = house.events.findLast(({ event }) => event === 'vault_refresh_failed');
      assert.equal(refused?.facts['providerError'], 'invalid_client');
      assert.ok(await app.refreshes());
      assert.ok(await isSignedIn(here));
    });

    it('whom the rules let in no more, loses the apps that came by this way, at that moment', async (t) => {
      const { house, people } = await openHouse(t, store);
      const [here, app, other] = [
        await signIn(house),
        await connectApp(house),
        await connectApp(house, 'ada', 'second'),
      ];
      const eves = await connectApp(house, 'eve');
      people.deny = { emails: ['ada@example.com'] };
      assert.ok(await app.isLet());
      assert.ok(await isSignedIn(here));
      const late = pageOf(await (await signIn(house)).open('/account'));
      assert.equal(late.url.pathname, '/sign-in');
      assert.equal(await app.isLet(), false);
      assert.equal(await app.refreshes(), false);
      assert.equal(await isSignedIn(here), false);
      assert.ok(await other.isLet());
      assert.ok(await eves.isLet());
      await house.noteLogins();
      const revoked = (await house.storage.findLoginEvents(app.traceId)).filter(
        ({ event }) => event === 'revoked',
      );
      assert.deepEqual(
        revoked.map(({ reason }) => reason),
        ['person_denied'],
      );
    });
  });
}
