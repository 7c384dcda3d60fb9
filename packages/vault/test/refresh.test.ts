// The refresh: one at a time whoever wants it, written before it is used, and nothing lost that the provider honours.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { refusalsOf } from '@sallyport/protocol';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { sealingUnder, type TokenAnswer } from '@sallyport/vault';
import { failingAt, slowly } from '../../storage/test/rigged.ts';
import * as limits from '../src/limits.ts';
import { refuse } from '../src/refusals.ts';
import { aKey, keychain, now, of, openHouse, type House } from './house.ts';

/** The access token of the tests lasts an hour: due, and still good. */
const due = now + 3500;
const over = now + 3600;

async function tokenAt(vault: House['vault'], at: number): Promise<string> {
  const found = await vault.accessToken(of, at);
  return found.outcome === 'token' ? (/^access-\d+/.exec(found.access_token)?.[0] ?? '') : found.outcome;
}

/** What the provider honours is what is kept. */
async function assertNothingLost({ provider, another }: House, at: number): Promise<void> {
  provider.before = provider.after = async () => undefined;
  const asked = provider.asked.length;
  const fresh = another();
  assert.deepEqual(await fresh.refreshDue(at), { refreshed: 1 });
  assert.equal(provider.asked.length, asked + 1);
}

describe('a token that is due', () => {
  test('is handed out at once while it is good, and refreshed meanwhile', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    let answer: () => void = () => assert.fail();
    provider.before = () => new Promise<void>((resolve) => (answer = resolve));
    assert.equal(await tokenAt(vault, due), 'access-1');
    assert.equal(await tokenAt(vault, due), 'access-1');
    while (provider.asked.length === 0) await wait(1);
    answer();
    while ((await tokenAt(vault, due)) === 'access-1') await wait(1);
    assert.equal(await tokenAt(vault, due), 'access-2');
    assert.equal(provider.asked.length, 1);
  });

  test('is refreshed by the job before anybody asks, and what is not due is left alone', async (t) => {
    const { vault, provider, signIn, told } = await openHouse(t);
    await signIn();
    assert.deepEqual(await vault.refreshDue(now + 2999), {});
    assert.deepEqual(await vault.refreshDue(due), { refreshed: 1 });
    assert.deepEqual(await vault.refreshDue(due), {});
    assert.equal(await tokenAt(vault, due), 'access-2');
    assert.deepEqual(provider.asked, [`refresh-1-${'r'.repeat(40)}`]);
    const { facts } = told.find(({ event }) => event === 'vault_refreshed') ?? assert.fail();
    assert.deepEqual(
      [facts['userId'], facts['provider'], facts['expiresAt']],
      ['user-1', 'example', due + 3600],
    );
  });

  test('is refreshed as early as is configured', async (t) => {
    const { vault, signIn } = await openHouse(t, { refreshBeforeSeconds: 600 });
    await signIn();
    assert.deepEqual(await vault.refreshDue(now + 3600 - 1201), {});
    assert.deepEqual(await vault.refreshDue(now + 3600 - 600), { refreshed: 1 });
  });

  test('keeps the refresh token that it has when the provider gives no other one', async (t) => {
    const { vault, provider, storage, signIn } = await openHouse(t);
    await signIn();
    const refresh = provider.refresh;
    const stingy = async (refresh_token: string, at: number) => {
      const { refresh_token: _, scope: __, ...tokens } = await refresh(refresh_token, at);
      provider.newest = 1;
      return tokens;
    };
    Object.assign(provider, { refresh: stingy });
    assert.deepEqual(await vault.refreshDue(due), { refreshed: 1 });
    assert.deepEqual(await vault.refreshDue(due + 3600), { refreshed: 1 });
    assert.equal(new Set(provider.asked).size, 1);
    const found = await vault.accessToken(of, due + 3600);
    assert.ok(found.outcome === 'token' && found.scope === 'read');
    assert.equal((await storage.listVaultEntries(of)).length, 1);
  });
});

test('who waits behind slow ones is claimed from when its turn comes, for as long as the others', async (t) => {
  const claimed: { expiresAt: number; now: number }[] = [];
  const wrap = (storage: Storage): Storage => ({
    ...storage,
    claim(asked) {
      claimed.push(asked);
      return storage.claim(asked);
    },
  });
  const { vault, provider } = await openHouse(t, { wrap });
  for (let i = 0; i < limits.refreshesAtOnce + 1; i++)
    await vault.keep({ ...of, subject: String(i), tokens: provider.issue(now), now });
  provider.before = () => wait(1100);
  const began = performance.now();
  await vault.refreshDue(due);
  const tookSeconds = (performance.now() - began) / 1000;
  const last = claimed.at(-1) ?? assert.fail();
  assert.equal(claimed[0]?.now, due);
  assert.ok(last.now >= due + 1 && last.now <= due + tookSeconds, `${last.now - due} s of ${tookSeconds}`);
  assert.equal(last.expiresAt, last.now + limits.leaseSeconds);
});

describe('a token that is over', () => {
  test('is refreshed once for all who wait, in this instance and in others', async (t) => {
    const { vault, provider, another, signIn } = await openHouse(t);
    await signIn();
    provider.before = () => wait(60);
    const instances = [vault, another(), another()];
    const asked = Array.from({ length: 60 }, (_, i) => tokenAt(instances[i % 3] ?? vault, over));
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['access-2']));
    assert.equal(provider.asked.length, 1);
  });

  test('is waited for as long as a person would wait, and comes all the same', async (t) => {
    const { vault, provider, another, signIn } = await openHouse(t, { timing: { waitMilliseconds: 80 } });
    await signIn();
    let answer: () => void = () => assert.fail();
    provider.before = () => new Promise<void>((resolve) => (answer = resolve));
    const later = { outcome: 'unavailable', reason: 'refresh_under_way', retryAfterSeconds: 5 };
    const elsewhere = another();
    assert.deepEqual(await vault.accessToken(of, over), later);
    assert.deepEqual(await elsewhere.accessToken(of, over), later);
    answer();
    while ((await tokenAt(elsewhere, over)) !== 'access-2') await wait(5);
    assert.equal(provider.asked.length, 1);
  });

  test('is refreshed by another one when the lease of a refresher that died is over', async (t) => {
    const { vault, provider, storage, another, signIn } = await openHouse(t);
    const impatient = another({ timing: { waitMilliseconds: 80 } });
    await signIn();
    const [entry] = await storage.listVaultEntries(of);
    assert.ok(entry);
    const lease = { kind: 'vault_refresh', id: entry.id, expiresAt: over + 120 } as const;
    assert.equal(await storage.claim({ ...lease, now: over }), 'claimed');
    assert.deepEqual(await vault.refreshDue(over + 60), { elsewhere: 1 });
    assert.equal(await tokenAt(impatient, over + 119), 'unavailable');
    assert.deepEqual(provider.asked, []);
    assert.equal(await tokenAt(vault, over + 120), 'access-2');
    // The lease was given back, so nobody waits for it.
    assert.deepEqual(await vault.refreshDue(over + 4000), { refreshed: 1 });
  });

  test('of a provider that answers with tokens that are over, does not have it asked without end', async (t) => {
    const { vault, provider, signIn } = await openHouse(t, { timing: { waitMilliseconds: 300 } });
    await signIn();
    provider.lifetimeSeconds = 0;
    assert.equal(await tokenAt(vault, over), 'unavailable');
    assert.ok(provider.asked.length < 8, `${provider.asked.length}`);
  });
});

describe('a refresh that fails', () => {
  test('is tried three times when it may work the next time', async (t) => {
    const { vault, provider, signIn, told } = await openHouse(t);
    await signIn();
    for (const failures of [1, 2]) {
      let left = failures;
      provider.asked = [];
      provider.before = async () => {
        if (left-- > 0) throw refuse('provider_failing');
      };
      assert.deepEqual(await vault.refreshDue(due + (failures - 1) * 3600), { refreshed: 1 });
      assert.equal(provider.asked.length, failures + 1);
    }
    const levels = told.filter(({ event }) => event === 'vault_refresh_failed').map(({ level }) => level);
    assert.deepEqual(levels, ['info', 'info', 'info']);
  });

  test('three times is put off; what is still good is handed out meanwhile, and afterwards it is said when to come back', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    provider.before = async () => {
      throw refuse('provider_unreachable');
    };
    assert.deepEqual(await vault.refreshDue(due), { postponed: 1 });
    assert.equal(provider.asked.length, 3);
    assert.deepEqual(await vault.refreshDue(due), {});
    assert.equal(await tokenAt(vault, due), 'access-1');
    assert.equal(await tokenAt(vault, over), 'unavailable');
    const found = await vault.accessToken(of, over + 1);
    assert.ok(found.outcome === 'unavailable' && found.reason === 'refresh_postponed');
    assert.ok(found.retryAfterSeconds > 0 && found.retryAfterSeconds <= 30);
    const asked = provider.asked.length;
    provider.before = async () => undefined;
    assert.equal(await tokenAt(vault, over + 300), 'access-2');
    assert.equal(provider.asked.length, asked + 1);
  });

  test('is tried again when the provider wants that, at once or much later', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    let retryAfterSeconds = 1;
    provider.before = async () => {
      if (provider.asked.length % 2 === 1) throw refuse('provider_busy', { retryAfterSeconds });
    };
    const start = performance.now();
    assert.deepEqual(await vault.refreshDue(due), { refreshed: 1 });
    assert.ok(performance.now() - start >= 990);
    retryAfterSeconds = 500;
    assert.deepEqual(await vault.refreshDue(due + 3600), { postponed: 1 });
    assert.equal(provider.asked.length, 3);
    assert.deepEqual(await vault.refreshDue(due + 3600 + 499), {});
    assert.deepEqual(await vault.refreshDue(due + 3600 + 510), { refreshed: 1 });
  });

  test('for good is not tried again: the person has to sign in', async (t) => {
    const { vault, provider, signIn, told } = await openHouse(t);
    await signIn();
    provider.newest = 7;
    assert.deepEqual(await vault.accessToken(of, over), {
      outcome: 'dead',
      reason: 'provider_grant_refused',
    });
    assert.equal(provider.asked.length, 1);
    assert.deepEqual(await vault.refreshDue(over + 10 ** 6), {});
    assert.equal(told.at(-1)?.event, 'vault_entry_dead');
  });

  test('after the provider took the refresh token for another one is for good: shown twice, it is a thief’s', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    provider.after = async () => {
      throw refusalsOf({ not_theirs: { error: 'access_denied', status: 403, sentence: 'No.' } })(
        'not_theirs',
        { isSpent: true },
      );
    };
    assert.deepEqual(await vault.accessToken(of, over), { outcome: 'dead', reason: 'not_theirs' });
    assert.equal(provider.asked.length, 1);
  });

  test('for the operator to mend is put off: what is kept may be as good as ever', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    provider.before = async () => {
      throw refuse('provider_client_refused', { providerError: 'invalid_client' });
    };
    assert.deepEqual(await vault.refreshDue(due), { postponed: 1 });
    assert.equal(provider.asked.length, 1);
    provider.before = async () => undefined;
    assert.deepEqual(await vault.refreshDue(due + 299), {});
    assert.deepEqual(await vault.refreshDue(due + 300), { refreshed: 1 });
  });

  test('without a refusal is passing too', async (t) => {
    const { vault, provider, signIn, told } = await openHouse(t);
    await signIn();
    provider.before = async () => {
      throw new TypeError('a mistake of ours');
    };
    assert.deepEqual(await vault.refreshDue(due), { postponed: 1 });
    assert.equal(told.at(-1)?.facts['message'], 'a mistake of ours');
  });

  test('time and again leaves the rest of that provider for later, so that others do not wait for each of them', async (t) => {
    const { vault, provider, another, signIn, told, storage } = await openHouse(t);
    const away = {
      refresh: (): Promise<TokenAnswer> => Promise.reject(refuse('provider_unreachable')),
      asked: 0,
    };
    const refreshers = {
      [of.provider]: provider,
      away: { refresh: () => ((away.asked += 1), away.refresh()) },
    };
    await signIn();
    for (let i = 0; i < 60; i++) {
      const entry = { ...of, provider: 'away', subject: String(i), tokens: provider.issue(now), now };
      await vault.keep(entry);
    }
    provider.newest = 1;
    assert.deepEqual(await another({ refreshers }).refreshDue(due), { refreshed: 1, postponed: 60 });
    const most = (limits.failuresInARow + limits.refreshesAtOnce) * limits.tries;
    assert.ok(away.asked <= most, `${away.asked}`);
    assert.equal(told.filter(({ event }) => event === 'vault_provider_away').length, 1);
    assert.deepEqual(await storage.listDueVaultEntries({ now: due, limit: 9 }), []);
    // One that works again is asked again.
    away.refresh = async () => provider.issue(due);
    const later = await another({ refreshers }).refreshDue(due + 30);
    assert.deepEqual(later, { refreshed: 60 });
  });

  test('because nobody knows the provider any more, is put off, and does not stand in the way of others', async (t) => {
    const { vault, provider, another, signIn } = await openHouse(t);
    await signIn();
    for (let i = 0; i < 120; i++)
      await vault.keep({
        ...of,
        provider: 'constructor',
        subject: String(i),
        tokens: provider.issue(now - 9),
        now: now - 9,
      });
    provider.newest = 1;
    const counts = [await vault.refreshDue(over), await vault.refreshDue(over)];
    assert.deepEqual(
      counts.map(({ postponed = 0, refreshed = 0 }) => postponed + refreshed),
      [100, 21],
    );
    assert.equal(provider.asked.length, 1);
    const unknown = await another().accessToken({ ...of, provider: 'constructor', subject: '0' }, over + 10);
    assert.ok(unknown.outcome === 'unavailable' && unknown.reason === 'provider_not_configured');
  });
});

describe('new tokens', () => {
  test('are handed out only when they are written, and the write is tried until it works', async (t) => {
    let isAway = false;
    const wrap = (storage: Storage): Storage => ({
      ...storage,
      replaceVaultTokens: async (replaced) => {
        if (isAway) throw new StorageUnavailable('rigged');
        return storage.replaceVaultTokens(replaced);
      },
    });
    const house = await openHouse(t, { wrap, timing: { waitMilliseconds: 50 } });
    const { vault, provider, signIn, events } = house;
    await signIn();
    isAway = true;
    assert.equal(await tokenAt(vault, due), 'access-1');
    assert.equal(await tokenAt(vault, over), 'unavailable');
    assert.equal(await tokenAt(house.another(), over), 'unavailable');
    while (events().filter((event) => event === 'vault_write_failed').length < 3) await wait(5);
    isAway = false;
    while ((await tokenAt(vault, due)) === 'access-1') await wait(5);
    assert.equal(await tokenAt(vault, over), 'access-2');
    assert.equal(provider.asked.length, 1);
  });

  test('that could not be written are written when the vault closes', async (t) => {
    let isAway = true;
    const wrap = (storage: Storage): Storage => ({
      ...storage,
      replaceVaultTokens: async (replaced) => {
        if (isAway) throw new StorageUnavailable('rigged');
        return storage.replaceVaultTokens(replaced);
      },
    });
    const house = await openHouse(t, { wrap });
    const { vault, events } = house;
    await house.signIn();
    const refreshing = vault.refreshDue(due);
    // By then the pauses are long.
    while (events().filter((event) => event === 'vault_write_failed').length < 5) await wait(5);
    const closing = vault.close();
    isAway = false;
    await closing;
    assert.deepEqual(await refreshing, { refreshed: 1 });
    assert.equal(await tokenAt(house.another(), due), 'access-2');
    assert.equal(await tokenAt(vault, due + 3600), 'unavailable');
  });

  test('that the provider is about to give are waited for when the vault closes', async (t) => {
    const house = await openHouse(t);
    const { vault, provider, signIn } = house;
    await signIn();
    provider.after = () => wait(100);
    const refreshing = vault.refreshDue(due);
    while (provider.newest === 1) await wait(1);
    await vault.close();
    assert.equal(await tokenAt(house.another(), due), 'access-2');
    assert.deepEqual(await refreshing, { refreshed: 1 });
    assert.deepEqual(await vault.refreshDue(due + 3600), {});
  });

  test('that no store takes before closing is over are told as lost, and nothing waits for ever', async (t) => {
    const wrap = (storage: Storage): Storage => ({
      ...storage,
      replaceVaultTokens: () => Promise.reject(new StorageUnavailable('rigged')),
    });
    const { vault, signIn, told, events } = await openHouse(t, { wrap, timing: { closeMilliseconds: 200 } });
    await signIn();
    const refreshing = vault.refreshDue(due);
    while (!events().includes('vault_write_failed')) await wait(5);
    await vault.close();
    assert.deepEqual(await refreshing, { lost: 1 });
    assert.ok(told.some(({ event, level }) => event === 'vault_tokens_lost' && level === 'error'));
  });

  test('a pause between two tries is not waited for when the vault closes, and others go on', async (t) => {
    const house = await openHouse(t, { timing: { firstPauseMilliseconds: 60_000 } });
    const { vault, provider, signIn } = house;
    await signIn();
    provider.before = async () => {
      throw refuse('provider_failing');
    };
    const refreshing = vault.refreshDue(due);
    while (provider.asked.length === 0) await wait(1);
    await vault.close();
    assert.deepEqual(await refreshing, { closing: 1 });
    await assertNothingLost(house, due);
  });
});

describe('who comes too late', () => {
  test('does not end what signing in brought meanwhile', async (t) => {
    const { vault, provider, signIn } = await openHouse(t);
    await signIn();
    provider.before = async () => {
      await signIn(due);
      throw refuse('provider_grant_refused');
    };
    assert.deepEqual(await vault.refreshDue(due), { not_due: 1 });
    assert.equal(await tokenAt(vault, due), 'access-2');
  });

  test('does not replace what signing in brought meanwhile', async (t) => {
    const house = await openHouse(t);
    const { vault, provider, signIn } = house;
    await signIn();
    provider.after = () => signIn(due);
    assert.deepEqual(await vault.refreshDue(due), { not_due: 1 });
    assert.equal(await tokenAt(vault, due), 'access-3');
    await assertNothingLost(house, due + 3600);
  });

  test('brings what signing in has not brought: the refresh token that was kept for it is over', async (t) => {
    const house = await openHouse(t);
    const { vault, provider, signIn } = house;
    await signIn();
    provider.after = async () => {
      const tokens = {
        access_token: 'access-of-signing-in',
        token_type: 'Bearer',
        expiresAt: due + 99,
        rest: {},
      };
      await vault.keep({ ...of, tokens, now: due });
    };
    assert.deepEqual(await vault.refreshDue(due), { refreshed: 1 });
    assert.equal(await tokenAt(vault, due), 'access-2');
    await assertNothingLost(house, due + 3600);
  });

  test('leaves what was removed meanwhile removed, also when it was kept anew', async (t) => {
    const { vault, provider, storage, signIn } = await openHouse(t);
    await signIn();
    provider.after = () => vault.remove(of);
    assert.deepEqual(await vault.refreshDue(due), { not_due: 1 });
    assert.deepEqual(await storage.listVaultEntries(of), []);
    await signIn();
    provider.after = async () => {
      await vault.remove(of);
      await signIn(due);
    };
    assert.deepEqual(await vault.refreshDue(due), { not_due: 1 });
    assert.equal(await tokenAt(vault, due), `access-${provider.newest}`);
  });
});

test('whichever call of the store fails, nothing is lost', async (t) => {
  for (let n = 1; ; n++) {
    const house = await openHouse(t, { timing: { waitMilliseconds: 500 } });
    await house.signIn();
    const failing = failingAt(house.storage, n);
    const vault = house.another({ storage: failing });
    // Each is one that anybody may meet: the store was away at that moment.
    await vault.refreshDue(due).catch((error: unknown) => assert.ok(error instanceof StorageUnavailable));
    await vault
      .accessToken(of, over)
      .catch((error: unknown) => assert.ok(error instanceof StorageUnavailable));
    await vault.close();
    // A lease that could not be given back is waited for.
    await assertNothingLost(house, over + 3600);
    if (failing.calls() < n) {
      assert.ok(n > 6, `only ${n} calls were rigged`);
      return;
    }
  }
});

test('instances on a slow store ask once', async (t) => {
  const { provider, storage, another, signIn } = await openHouse(t);
  await signIn();
  const instances = [1, 2, 3].map(() => another({ storage: slowly(storage, 5) }));
  const counts = await Promise.all(instances.map((each) => each.refreshDue(due)));
  assert.equal(provider.asked.length, 1);
  assert.equal(counts.filter(({ refreshed }) => refreshed === 1).length, 1);
});

test('a key service that is away for a moment costs nothing either', async (t) => {
  const own = sealingUnder(keychain(aKey('key')));
  let isAway = false;
  const sealing: typeof own = {
    unseal: (identity, envelope) => own.unseal(identity, envelope),
    async seal(identity, plaintext) {
      if (isAway) throw new Error('the key service is away');
      return own.seal(identity, plaintext);
    },
  };
  const house = await openHouse(t, { sealing });
  await house.signIn();
  isAway = true;
  const refreshing = house.vault.refreshDue(due);
  while (!house.events().includes('vault_write_failed')) await wait(5);
  isAway = false;
  assert.deepEqual(await refreshing, { refreshed: 1 });
  await assertNothingLost(house, due + 3600);
});
