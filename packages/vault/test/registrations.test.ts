// As whom this server is registered at other parties: asked for once, written before it is used, and never lost.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Keychain, type NamedKey, seal, unseal } from '@sallyport/crypto';
import { isRefusal } from '@sallyport/protocol';
import { openStorage, StorageUnavailable, type Storage } from '@sallyport/storage';
import {
  finalityOf,
  outboundRegistrations,
  registrationIdOf,
  sealingUnder,
  type Registrations,
} from '@sallyport/vault';
import { refuse } from '../src/refusals.ts';
import { aKey, keychain, now } from './house.ts';

const at = { issuer: 'https://id.example.com', redirect_uri: 'https://mcp.example.com/oidc/callback' };
const other = { ...at, redirect_uri: 'https://other.example.com/oidc/callback' };
const id = registrationIdOf(at);

interface House {
  readonly storage: Storage;
  readonly registrations: Registrations;
  readonly another: (wrap?: (storage: Storage) => Storage, under?: Keychain) => Registrations;
  /** The first seals. */
  readonly keys: readonly [NamedKey, NamedKey];
  /** How often a client was registered. */
  readonly asked: () => number;
  /** Registers `client-1` and so on. */
  readonly register: (at: number) => Promise<{
    readonly client_id: string;
    readonly client_secret: string;
    readonly client_secret_expires_at?: number;
    readonly token_endpoint_auth_method: 'client_secret_basic';
  }>;
  /** Of the secrets that are given; 0: they last. */
  lifetimeSeconds: number;
  readonly events: string[];
}

async function open(t: TestContext): Promise<House> {
  const storage = await openStorage('sqlite::memory:');
  t.after(() => storage.close());
  const keys = [aKey('key-1'), aKey('key-2')] as const;
  const events: string[] = [];
  let asked = 0;
  const another = (wrap = (same: Storage) => same, under = keychain(keys[0])) =>
    outboundRegistrations({
      storage: wrap(storage),
      sealing: sealingUnder(under),
      log: (_level, event) => void events.push(event),
      waitMilliseconds: 300,
    });
  const house: House = {
    storage,
    registrations: another(),
    another,
    keys,
    asked: () => asked,
    async register(when) {
      asked += 1;
      const client_id = `client-${asked}`;
      const { lifetimeSeconds } = house;
      return {
        client_id,
        client_secret: `secret-of-${client_id}`,
        token_endpoint_auth_method: 'client_secret_basic',
        ...(lifetimeSeconds > 0 && { client_secret_expires_at: when + lifetimeSeconds }),
      };
    },
    lifetimeSeconds: 0,
    events,
  };
  return house;
}

const idOf = async (obtained: Promise<{ readonly client_id: string } | undefined>) =>
  (await obtained)?.client_id;

describe('a registration', () => {
  it('is made once for each address, by whoever is first in any instance', async (t) => {
    const { registrations, another, register, asked } = await open(t);
    const second = another();
    const all = Array.from({ length: 20 }, (_, i) =>
      idOf((i % 2 === 0 ? registrations : second).obtain(at, register, now)),
    );
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['client-1']));
    assert.equal(asked(), 1);
    assert.equal(await idOf(second.obtain(other, register, now)), 'client-2');
    assert.equal(await idOf(registrations.find(other)), 'client-2');
    assert.equal(
      await idOf(registrations.findClient({ issuer: at.issuer, client_id: 'client-1' })),
      'client-1',
    );
    assert.equal(
      await registrations.findClient({ issuer: 'https://other.example', client_id: 'client-1' }),
      undefined,
    );
  });

  it('is sealed for its address: moved to another row, it is none', async (t) => {
    const { storage, registrations, register, events } = await open(t);
    await registrations.obtain(at, register, now);
    const row = (await storage.findOutboundRegistration(id)) ?? assert.fail();
    assert.ok(!Buffer.from(row.sealed).toString('latin1').includes('secret-of'));
    const moved = { ...row, ...other, id: registrationIdOf(other) };
    await storage.keepOutboundRegistration({ registration: moved });
    assert.equal(await registrations.find(other), undefined);
    assert.ok(events.includes('registration_unreadable'));
    // Whoever needs one there gets one of its own.
    assert.equal(await idOf(registrations.obtain(other, register, now)), 'client-2');
    assert.equal(await idOf(registrations.find(other)), 'client-2');
  });

  it('is sealed anew under another key by what its row says that it is', async (t) => {
    const { storage, registrations, register, keys, another } = await open(t);
    await registrations.obtain(at, register, now);
    const kind = 'outbound_registration';
    const [value] = await storage.listSealedValues({ kind, limit: 9 });
    const { id: rowId, sealed: from } = value ?? assert.fail();
    const [older, newer] = keys;
    const to = seal(newer, `${kind}:${rowId}`, unseal([older], `${kind}:${rowId}`, from));
    assert.equal(await storage.replaceSealedValue({ kind, id: rowId, from, to }), 'replaced');
    assert.equal(await idOf(another(undefined, keychain(newer)).find(at)), 'client-1');
  });

  it('whose secret is about to end is made anew, and no sooner', async (t) => {
    const house = await open(t);
    const { registrations, register } = house;
    house.lifetimeSeconds = 10 * 24 * 3600;
    const end = now + house.lifetimeSeconds;
    assert.equal(await idOf(registrations.obtain(at, register, now)), 'client-1');
    assert.equal(await idOf(registrations.obtain(at, register, end - 1801)), 'client-1');
    assert.equal(await idOf(registrations.obtain(at, register, end - 1800)), 'client-2');
    // One that lasts for seconds is good for half of them.
    house.lifetimeSeconds = 20;
    assert.equal(await idOf(registrations.obtain(other, register, now)), 'client-3');
    assert.equal(await idOf(registrations.obtain(other, register, now + 9)), 'client-3');
    assert.equal(await idOf(registrations.obtain(other, register, now + 10)), 'client-4');
  });

  it('is forgotten only as the client that it was', async (t) => {
    const { registrations, register } = await open(t);
    const first = await registrations.obtain(at, register, now);
    await registrations.forget(first);
    assert.equal(await idOf(registrations.obtain(at, register, now)), 'client-2');
    await registrations.forget(first);
    assert.equal(await idOf(registrations.find(at)), 'client-2');
  });

  it('that was refused is not asked for again at once', async (t) => {
    const { registrations, register } = await open(t);
    let asked = 0;
    const refused = async () => {
      asked += 1;
      throw refuse('provider_registration_refused', { asked });
    };
    for (const seconds of [0, 1, 9])
      await assert.rejects(
        registrations.obtain(at, refused, now + seconds),
        (error) => isRefusal(error) && error.facts['asked'] === 1,
      );
    assert.equal(await idOf(registrations.obtain(at, register, now + 12)), 'client-1');
  });

  it('that may have been made there in vain is not made again for ten minutes', async (t) => {
    for (const failure of [
      refuse('provider_registration_unusable', { why: 'redirect_uris' }),
      refuse('provider_answer_unreadable'),
      refuse('provider_unreachable', { why: 'fetch_timed_out' }),
    ]) {
      const { registrations, register } = await open(t);
      let asked = 0;
      const inVain = async () => {
        asked += 1;
        throw failure;
      };
      for (let seconds = 0; seconds < 3600; seconds += 5)
        await assert.rejects(registrations.obtain(at, inVain, now + seconds), (error) => error === failure);
      assert.equal(asked, 6, failure.reason);
      assert.equal(await idOf(registrations.obtain(at, register, now + 3600)), 'client-1');
    }
  });

  it('that fails for a provider in trouble is asked for ever more rarely, though it may be made each time', async (t) => {
    const { registrations, register } = await open(t);
    let asked = 0;
    const failing = async () => {
      asked += 1;
      throw refuse('provider_failing', { status: 504 });
    };
    for (let seconds = 0; seconds < 3600; seconds += 5)
      await assert.rejects(registrations.obtain(at, failing, now + seconds));
    assert.ok(asked > 10 && asked <= 16, `${asked} times within an hour`);
    assert.equal(await idOf(registrations.obtain(at, register, now + 3900)), 'client-1');
    await registrations.forget((await registrations.find(at)) ?? assert.fail());
    await assert.rejects(registrations.obtain(at, failing, now + 4000));
    assert.equal(await idOf(registrations.obtain(at, register, now + 4012)), 'client-2');
  });

  it('that cannot be opened now is not said to be gone: its key may come back', async (t) => {
    const { storage, registrations, register, another, events } = await open(t);
    const { issuer } = await registrations.obtain(at, register, now);
    const keyless = outboundRegistrations({
      storage,
      sealing: sealingUnder(keychain(aKey('key-2'))),
      log: (_level, event) => void events.push(event),
    });
    await assert.rejects(
      keyless.findClient({ issuer, client_id: 'client-1' }),
      (error) => isRefusal(error) && finalityOf(error.reason) === 'for_the_operator',
    );
    assert.ok(events.includes('registration_unreadable'));
    assert.equal(await idOf(another().findClient({ issuer, client_id: 'client-1' })), 'client-1');
  });

  it('that another instance is at is waited for, but not for ever, and taken over when its lease is over', async (t) => {
    const { storage, registrations, register, asked } = await open(t);
    const lease = { kind: 'outbound_registration', id, expiresAt: now + 60 } as const;
    await storage.claim({ ...lease, now });
    await assert.rejects(
      registrations.obtain(at, register, now),
      (error) => isRefusal(error) && error.reason === 'provider_registration_under_way',
    );
    assert.equal(asked(), 0);
    assert.equal(await idOf(registrations.obtain(at, register, now + 60)), 'client-1');
  });

  it('of who was too slow gives way to the one that is there', async (t) => {
    const { registrations, another, register } = await open(t);
    const slow = registrations.obtain(
      at,
      async (when) => {
        // Its lease is over, and another instance has registered meanwhile.
        await another().obtain(at, register, now + 121);
        return { ...(await register(when)), client_id: 'client-of-the-slow-one' };
      },
      now,
    );
    assert.equal(await idOf(slow), 'client-1');
    assert.equal(await idOf(registrations.find(at)), 'client-1');
  });
});

describe('a store that fails at each call', () => {
  const failing = (n: number, when: 'before' | 'after') => {
    let calls = 0;
    const rig = (storage: Storage): Storage =>
      new Proxy(storage, {
        get(target, name, receiver) {
          const operation: unknown = Reflect.get(target, name, receiver);
          if (typeof operation !== 'function') return operation;
          return async (...args: unknown[]): Promise<unknown> => {
            const isRigged = ++calls === n;
            if (isRigged && when === 'before') throw new StorageUnavailable('rigged before the call');
            const answer: unknown = await Reflect.apply(operation, target, args);
            if (isRigged) throw new StorageUnavailable('rigged after the call');
            return answer;
          };
        },
      });
    return { rig, calls: () => calls };
  };

  for (const when of ['before', 'after'] as const)
    it(`${when} it has happened: the next one goes through at once, and nobody registers a second time`, async (t) => {
      let failed = 0;
      for (let n = 1; ; n += 1) {
        const { another, register, asked } = await open(t);
        const { rig, calls } = failing(n, when);
        const registrations = another(rig);
        const first = await registrations.obtain(at, register, now).catch((error: unknown) => error);
        if (calls() < n) break;
        failed += Number(first instanceof StorageUnavailable);
        assert.equal(await idOf(registrations.obtain(at, register, now + 1)), 'client-1', `call ${n}`);
        assert.equal(asked(), 1, `call ${n}`);
        assert.equal(await idOf(another().obtain(at, register, now + 1)), 'client-1', `call ${n}`);
        // What could not be written is not brought back once it was forgotten. A lease that nobody gave back is over then.
        await another().forget((await registrations.find(at)) ?? assert.fail());
        assert.equal(await idOf(registrations.obtain(at, register, now + 121)), 'client-2', `call ${n}`);
      }
      assert.ok(failed >= 4, `${failed} calls failed`);
    });
});
