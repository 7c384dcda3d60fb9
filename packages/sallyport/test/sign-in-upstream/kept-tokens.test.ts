// What a provider gives when people sign in with it: kept sealed, refreshed there, gone when it is not wanted, and good for
// nothing here.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openBrowserAt } from '../house/browser.ts';
import { askMcp } from '../house/client.ts';
import {
  browserAtProvider,
  openUpstreamHouse,
  signInUpstream,
  type UpstreamHouse,
} from './upstream-house.ts';

const subject = 'ada';

async function signIn(house: UpstreamHouse): Promise<string> {
  const browser = openBrowserAt(house);
  await signInUpstream(house, browser, await browser.open('/sign-in'), { at: browserAtProvider(house) });
  const found = await house.storage.findIdentity({ provider: 'oidc', subject });
  return found?.user.id ?? assert.fail('nobody signed in');
}

async function tokenOf({ assembled, clock }: UpstreamHouse, userId: string): Promise<string> {
  const found = await assembled.vault.accessToken({ userId, provider: 'oidc' }, clock.now);
  return found.outcome === 'token' ? found.access_token : found.outcome;
}

const userinfoStatus = async ({ provider }: UpstreamHouse, token: string): Promise<number> =>
  (await provider.ask('/me', { headers: { authorization: `Bearer ${token}` } })).status;

it('is kept, and refreshed by the provider before it expires', async (t) => {
  const house = await openUpstreamHouse();
  t.after(() => house.close());
  await house.addPerson('operator@example.com', 'correct horse battery');
  const userId = await signIn(house);
  const first = await tokenOf(house, userId);
  assert.equal(await userinfoStatus(house, first), 200);
  assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), {});
  house.clock.now += 3400;
  assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { refreshed: 1 });
  const second = await tokenOf(house, userId);
  assert.notEqual(second, first);
  assert.equal(await userinfoStatus(house, second), 200);
  const told = JSON.stringify(house.events);
  for (const token of [first, second]) assert.ok(!told.includes(token));
});

it('is good for nothing here', async (t) => {
  const house = await openUpstreamHouse();
  t.after(() => house.close());
  await house.addPerson('operator@example.com', 'correct horse battery');
  const token = await tokenOf(house, await signIn(house));
  assert.equal((await askMcp(house, token)).status, 401);
  for (const path of ['/oauth/validate', '/oauth/userinfo', '/api/v1/user/profile']) {
    const response = await house.ask(path, { headers: { authorization: `Bearer ${token}` } });
    assert.ok([401, 404, 405].includes(response.status), `${path} ${response.status}`);
  }
});

it('is not kept where the operator does not want it, and what was kept before goes', async (t) => {
  const house = await openUpstreamHouse({ change: { storeTokens: false } });
  t.after(() => house.close());
  await house.addPerson('operator@example.com', 'correct horse battery');
  const userId = await signIn(house);
  assert.equal(await tokenOf(house, userId), 'none');
  const tokens = { access_token: 'from-before', token_type: 'Bearer', rest: {} };
  await house.assembled.vault.keep({ userId, provider: 'oidc', subject, tokens, now: house.clock.now });
  await signIn(house);
  assert.equal(await tokenOf(house, userId), 'none');
});

it('goes with the identity that it came with', async (t) => {
  const house = await openUpstreamHouse();
  t.after(() => house.close());
  await house.addPerson('operator@example.com', 'correct horse battery');
  const userId = await signIn(house);
  assert.notEqual(await tokenOf(house, userId), 'none');
  const unlinked = { userId, provider: 'oidc', subject, ways: ['password', 'second'], now: house.clock.now };
  await house.storage.setPassword({ userId, passwordHash: 'x', now: house.clock.now });
  assert.equal(await house.storage.unlinkIdentity(unlinked), 'unlinked');
  assert.equal(await tokenOf(house, userId), 'none');
});
