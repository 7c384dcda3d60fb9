// What was forgotten here is revoked at its provider: afterwards, a bounded number of times, and by one of several.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test, type TestContext } from 'node:test';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import { requestRevocation, type RevokedTokens, type RevokedThere } from '@sallyport/vault';
import { failingAt } from '../../storage/test/rigged.ts';
import { revocationPausesSeconds } from '../src/limits.ts';
import { refuse } from '../src/refusals.ts';
import { now, of, openHouse } from './house.ts';
import { answering, openProvider, type Provider } from './provider.ts';

const DAY = 24 * 3600;

/** A vault whose provider can be told, and remembers what it was told. */
async function openTelling(t: TestContext, changes: Parameters<typeof openHouse>[1] = {}) {
  const asked: { readonly tokens: RevokedTokens; readonly at: number }[] = [];
  const there = { answer: async (): Promise<RevokedThere> => 'revoked' };
  const revoke = (tokens: RevokedTokens, at: number) => {
    asked.push({ tokens, at });
    return there.answer();
  };
  const house = await openHouse(t, { revokers: { [of.provider]: { revoke } }, ...changes });
  return { ...house, asked, there };
}

describe('what is forgotten', () => {
  test('is gone at once, and revoked by one of several instances, once', async (t) => {
    const { vault, another, signIn, storage, asked, told } = await openTelling(t);
    await signIn();
    await vault.remove(of);
    assert.deepEqual(await vault.accessToken(of, now), { outcome: 'none' });
    assert.equal(asked.length, 0, 'nobody waits for the provider');
    const instances = [vault, another(), another(), another()];
    const counts = await Promise.all(instances.map((one) => one.revokeForgotten(now)));
    assert.equal(counts.filter(({ revoked }) => revoked === 1).length, 1);
    assert.equal(asked.length, 1);
    const [{ tokens } = assert.fail()] = asked;
    assert.match(`${tokens.access_token} ${tokens.refresh_token}`, /^access-1-a+ refresh-1-r+$/);
    assert.deepEqual(await vault.revokeForgotten(now + DAY), {});
    assert.deepEqual(await storage.listDueRevocations({ now: now + 9 * DAY, limit: 9 }), []);
    assert.deepEqual(told.at(-1)?.facts['outcome'], 'revoked');
  });

  test('is tried seven times within a day while its provider is away, and then given up', async (t) => {
    const { vault, signIn, asked, there, told } = await openTelling(t);
    there.answer = async () => {
      throw refuse('provider_unreachable');
    };
    await signIn();
    await vault.remove(of);
    for (let at = now; at < now + 3 * DAY; at += 30) await vault.revokeForgotten(at);
    assert.equal(asked.length, 7);
    assert.ok((asked.at(-1)?.at ?? Infinity) <= now + DAY);
    assert.deepEqual([told.at(-1)?.level, told.at(-1)?.facts['outcome']], ['warn', 'given_up']);
  });

  test('is revoked when the provider is back', async (t) => {
    const { vault, signIn, asked, there } = await openTelling(t);
    there.answer = async () => {
      if (asked.length < 3) throw new Error('a slip of ours');
      return 'not_there';
    };
    await signIn();
    await vault.remove(of);
    assert.deepEqual(await vault.revokeForgotten(now), { postponed: 1 });
    assert.deepEqual(await vault.revokeForgotten(now + 59), {});
    assert.deepEqual(await vault.revokeForgotten(now + 60), { postponed: 1 });
    assert.deepEqual(await vault.revokeForgotten(now + 360), { not_there: 1 });
    assert.deepEqual(await vault.revokeForgotten(now + DAY), {});
  });

  test('is revoked as whom it was issued to, also without a refresh token', async (t) => {
    const { vault, provider, asked } = await openTelling(t);
    const { refresh_token: _none, ...tokens } = provider.issue(now);
    for (const client_id of ['client-1', 'client-2'])
      assert.equal(await vault.keep({ ...of, tokens: { ...tokens, client_id }, now }), 'kept');
    await vault.remove(of);
    assert.deepEqual(await vault.revokeForgotten(now), { revoked: 1 });
    assert.equal(asked[0]?.tokens.client_id, 'client-2');
  });

  test('while it is refreshed is revoked with what the refresh brought, which nobody else knows', async (t) => {
    const { vault, provider, signIn, asked, told } = await openTelling(t);
    await signIn();
    provider.after = () => vault.remove(of);
    assert.deepEqual(await vault.refreshDue(now + 3600), { not_due: 1 });
    await vault.revokeForgotten(now + 3600);
    const revoked = asked.map(({ tokens }) => tokens.refresh_token?.slice(0, 9));
    assert.deepEqual(new Set(revoked), new Set(['refresh-1', 'refresh-2']));
    assert.equal(told.filter(({ event }) => event === 'vault_forgotten').length, 2);
  });

  test('while it is refreshed is revoked as it was when what the refresh brought cannot be', async (t) => {
    const { vault, provider, signIn, asked, there } = await openTelling(t);
    await signIn();
    provider.after = () => vault.remove(of);
    there.answer = async () => {
      throw refuse('provider_unreachable');
    };
    assert.deepEqual(await vault.refreshDue(now + 3600), { not_due: 1 });
    there.answer = async () => 'revoked';
    assert.deepEqual(await vault.revokeForgotten(now + 3600), { revoked: 1 });
    assert.equal(asked.length, 2);
  });

  test('is not revoked any more once the person has signed in there again', async (t) => {
    const { vault, signIn, asked } = await openTelling(t);
    await signIn();
    await signIn();
    assert.deepEqual(await vault.revokeForgotten(now), {}, 'what a sign-in replaces is not forgotten');
    await vault.remove(of);
    await signIn();
    assert.deepEqual(await vault.revokeForgotten(now + DAY), {});
    assert.equal(asked.length, 0);
    assert.equal((await vault.accessToken(of, now)).outcome, 'token');
  });

  test('is only forgotten where the provider cannot be told, or honours it no more anyway', async (t) => {
    const { vault, provider, signIn, storage, told } = await openTelling(t, { revokers: {} });
    await signIn();
    await vault.remove(of);
    assert.deepEqual(await vault.revokeForgotten(now), { not_offered: 1 });
    assert.equal(told.at(-1)?.level, 'info');
    await signIn();
    provider.newest = 9;
    assert.deepEqual(await vault.refreshDue(now + 3600), { dead: 1 });
    await vault.remove(of);
    assert.deepEqual(await storage.listDueRevocations({ now: now + DAY, limit: 9 }), []);
  });

  test('is not lost by a store that fails at any call, nor tried more often than told', async (t) => {
    for (let n = 1; n <= 4; n++) {
      const { vault, another, storage, signIn, asked } = await openTelling(t);
      await signIn();
      await vault.remove(of);
      const failing = failingAt(storage, n);
      await another({ storage: failing })
        .revokeForgotten(now)
        .catch(() => undefined);
      const wasAsked = asked.length;
      for (let at = now; at < now + 2 * DAY; at += 60) await vault.revokeForgotten(at);
      assert.ok(asked.length >= 1 && asked.length <= wasAsked + 1, `call ${n}: ${asked.length}`);
      assert.deepEqual(await storage.listDueRevocations({ now: now + 9 * DAY, limit: 9 }), []);
    }
  });

  test('is given up when its last try broke off, and when its envelope is of another row', async (t) => {
    const { vault, storage, signIn, asked } = await openTelling(t);
    await signIn();
    await vault.remove(of);
    const [{ id } = assert.fail()] = await storage.listDueRevocations({ now, limit: 1 });
    for (const tries of revocationPausesSeconds.keys())
      await storage.beginRevocation({ id, tries, tryAt: now });
    assert.deepEqual(await vault.revokeForgotten(now), { given_up: 1 });
    await signIn();
    const moved = { ...of, subject: 'other', id: 'moved', generation: 1, now };
    const [entry = assert.fail()] = await storage.listVaultEntries(of);
    await storage.keepVaultEntry({ ...moved, sealed: entry.sealed });
    await storage.removeVaultEntry('moved');
    assert.deepEqual(await vault.revokeForgotten(now), { given_up: 1 });
    assert.equal(asked.length, 0);
  });
});

describe('the revocation endpoint', () => {
  let provider: Provider;
  beforeEach(async () => {
    provider = await openProvider();
  });
  afterEach(() => provider.close());

  const fetch = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true });
  const clientAuth = {
    method: 'client_secret_basic',
    client_id: 'a:b',
    client_secret: 'client secret',
  } as const;
  const ask = (tokens: RevokedTokens = { access_token: 'access-secret', refresh_token: 'refresh-secret' }) =>
    requestRevocation(fetch, { endpoint: provider.endpoint, tokens, clientAuth }, now);

  test('gets the refresh token, and the access token where there is no other', async () => {
    provider.answer = answering('');
    assert.equal(await ask(), 'revoked');
    assert.equal(await ask({ access_token: 'access-secret' }), 'revoked');
    const forms = provider.asked.map(({ form }) => Object.fromEntries(form));
    assert.deepEqual(forms, [
      { token: 'refresh-secret', token_type_hint: 'refresh_token' },
      { token: 'access-secret', token_type_hint: 'access_token' },
    ]);
    const [{ headers } = assert.fail()] = provider.asked;
    const pair = Buffer.from('a%3Ab:client+secret').toString('base64');
    assert.equal(headers.authorization, `Basic ${pair}`);
  });

  test('is done with what it does not know, and asked again after anything else', async () => {
    for (const error of ['invalid_token', 'invalid_grant']) {
      provider.answer = answering({ error }, 400);
      assert.equal(await ask(), 'not_there');
    }
    for (const [body, status, reason] of [
      ['', 503, 'provider_failing'],
      [{ error: 'invalid_token' }, 500, 'provider_failing'],
      [{ error: 'invalid_grant' }, 429, 'provider_busy'],
      [{ error: 'invalid_client' }, 401, 'provider_client_refused'],
      [{ error: 'unsupported_token_type' }, 400, 'provider_request_refused'],
      ['<html>', 404, 'provider_answer_unreadable'],
      ['', 302, 'provider_endpoint_refused'],
    ] as const) {
      provider.answer = answering(body, status, status === 302 ? { location: '/elsewhere' } : undefined);
      const failure = await ask().catch((error: unknown) => error);
      assert.ok(isRefusal(failure));
      assert.equal(failure.reason, reason);
      assert.ok(!JSON.stringify(failure.facts).includes('secret'));
    }
  });
});
