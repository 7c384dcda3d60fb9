// As whom this server is registered at other parties (RFC 7591): once for each issuer and redirect URI, by one instance at
// a time, written before it is used, and remembered until the other party has forgotten it.
import { setTimeout as wait } from 'node:timers/promises';
import { digest, EnvelopeError } from '@sallyport/crypto';
import { isRefusal, type Log } from '@sallyport/protocol';
import type { OutboundRegistration, Storage } from '@sallyport/storage';
import { clockFrom, type Clock } from './clock.ts';
import * as limits from './limits.ts';
import { finalityOf, refuse } from './refusals.ts';
import type { RegisteredClient } from './registration-answer.ts';
import type { Sealing } from './sealing.ts';

/** Where this server is registered, or is to be. */
export interface RegisteredAt {
  /** Exact. */
  readonly issuer: string;
  readonly redirect_uri: string;
}

/** What is sealed. */
export interface KeptClient extends RegisteredClient, RegisteredAt {
  /** Epoch seconds. */
  readonly registeredAt: number;
}

export interface RegistrationsOptions {
  readonly storage: Pick<
    Storage,
    | 'claim'
    | 'releaseClaim'
    | 'keepOutboundRegistration'
    | 'findOutboundRegistration'
    | 'listOutboundRegistrations'
    | 'forgetOutboundRegistration'
  >;
  readonly sealing: Sealing;
  readonly log: Log;
  /** How long another instance is waited for, in place of the limit. */
  readonly waitMilliseconds?: number | undefined;
}

export interface Registrations {
  /**
   * The client that this server is there; registered now if it is none, or its secret is about to end.
   * @param register asks once, and settles within seconds; many who need one share it, among all instances
   * @throws {Refusal} what `register` throws, again for a while without asking; `provider_registration_under_way`
   */
  obtain(
    at: RegisteredAt,
    register: (now: number) => Promise<RegisteredClient>,
    now: number,
  ): Promise<KeptClient>;
  /** As it is, or was until a moment ago; registers nothing. */
  find(at: RegisteredAt): Promise<KeptClient | undefined>;
  /**
   * The client of this id at that issuer, whatever its redirect URI: tokens are good for the one that they were issued to.
   * @throws {Refusal} `provider_client_refused` while it is there and cannot be opened
   */
  findClient(of: { readonly issuer: string; readonly client_id: string }): Promise<KeptClient | undefined>;
  /** Only while it is this client; whoever needs one next registers it. */
  forget(client: KeptClient): Promise<void>;
}

/** Follows from both, so that what is sealed for it opens nowhere else. */
export function registrationIdOf({ issuer, redirect_uri }: RegisteredAt): string {
  return digest(JSON.stringify([issuer, redirect_uri]));
}

export function outboundRegistrations(options: RegistrationsOptions): Registrations {
  const { storage, sealing, log, waitMilliseconds = limits.waitMilliseconds } = options;
  const underWay = new Map<string, Promise<KeptClient>>();
  /** Registered there, and not yet written here: to register once more would leave this one behind. */
  const unwritten = new Map<string, KeptClient>();
  const failures = new Map<
    string,
    { readonly error: unknown; readonly until: number; readonly times: number }
  >();
  return { obtain, find, findClient, forget };

  async function obtain(...asked: Parameters<Registrations['obtain']>): Promise<KeptClient> {
    const [at, , now] = asked;
    const id = registrationIdOf(at);
    const found = await look(at);
    if (found !== undefined) unwritten.delete(id);
    if (found?.client !== undefined && isUsable(found.client, now)) return found.client;
    const failed = failures.get(id);
    if (failed !== undefined && now < failed.until) throw failed.error;
    const shared = underWay.get(id) ?? underLease(...asked).finally(() => underWay.delete(id));
    underWay.set(id, shared);
    return shared;
  }

  /** Until this instance has it, or has seen what another one brought. */
  async function underLease(
    ...[at, register, now]: Parameters<Registrations['obtain']>
  ): Promise<KeptClient> {
    const clock = clockFrom(now);
    const start = performance.now();
    const id = registrationIdOf(at);
    for (;;) {
      const lease = {
        kind: 'outbound_registration',
        id,
        expiresAt: clock() + limits.registrationLeaseSeconds,
      } as const;
      // It may be ours though the answer was lost.
      let isOurs = true;
      try {
        isOurs = (await storage.claim({ ...lease, now: clock() })) === 'claimed';
        if (isOurs) return await registerAndKeep(at, register, clock);
      } finally {
        if (isOurs) await release(lease);
      }
      if (performance.now() - start > waitMilliseconds)
        throw refuse('provider_registration_under_way', { issuer: at.issuer });
      await wait(limits.longestLookMilliseconds / 2);
      const found = await look(at);
      if (found?.client !== undefined && isUsable(found.client, clock())) return found.client;
    }
  }

  async function release(lease: Parameters<Storage['releaseClaim']>[0]): Promise<void> {
    await storage.releaseClaim(lease).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      log('warn', 'registration_lease_kept', { registrationId: lease.id, message });
    });
  }

  async function registerAndKeep(
    at: RegisteredAt,
    register: (now: number) => Promise<RegisteredClient>,
    clock: Clock,
  ): Promise<KeptClient> {
    const id = registrationIdOf(at);
    // Another one may have been here just before.
    const there = await look(at);
    if (there?.client !== undefined && isUsable(there.client, clock())) return there.client;
    const held = unwritten.get(id);
    const client = held !== undefined && isUsable(held, clock()) ? held : await registerNow();
    unwritten.set(id, client);
    const { client_id, registeredAt, client_secret_expires_at: expiresAt } = client;
    const sealed = await sealing.seal(`outbound_registration:${id}`, JSON.stringify(client));
    const times = { registeredAt, ...(expiresAt !== undefined && { expiresAt }) };
    const registration: OutboundRegistration = { id, ...at, client_id, sealed, ...times };
    const outcome = await storage.keepOutboundRegistration({ registration, replaces: there?.row.client_id });
    unwritten.delete(id);
    log('info', 'registered_at_provider', { ...at, client_id, outcome });
    if (outcome === 'kept') return client;
    // A lease was over before its holder had written.
    return (await find(at)) ?? Promise.reject(refuse('provider_registration_under_way', { why: outcome }));

    async function registerNow(): Promise<KeptClient> {
      const now = clock();
      try {
        const registered = await register(now);
        failures.delete(id);
        return { ...registered, ...at, registeredAt: now };
      } catch (error) {
        const times = (failures.get(id)?.times ?? 0) + 1;
        failures.set(id, { error, until: clock() + pauseAfter(error, times), times });
        throw error;
      }
    }
  }

  async function find(at: RegisteredAt): Promise<KeptClient | undefined> {
    return (await look(at))?.client;
  }

  async function findClient({ issuer, client_id }: { issuer: string; client_id: string }) {
    const rows = await storage.listOutboundRegistrations();
    const row = rows.find((one) => one.issuer === issuer && one.client_id === client_id);
    if (row === undefined) return undefined;
    // Its key may come back; what was issued to it is not to end before.
    return (
      (await open(row)) ??
      Promise.reject(refuse('provider_client_refused', { why: 'registration_unreadable' }))
    );
  }

  async function forget({ issuer, redirect_uri, client_id }: KeptClient): Promise<void> {
    const id = registrationIdOf({ issuer, redirect_uri });
    unwritten.delete(id);
    const outcome = await storage.forgetOutboundRegistration({ id, client_id });
    log('warn', 'registration_forgotten', { issuer, redirect_uri, client_id, outcome });
  }

  async function look(at: RegisteredAt) {
    const row = await storage.findOutboundRegistration(registrationIdOf(at));
    return row === undefined ? undefined : { row, client: await open(row) };
  }

  /** @returns nothing of what was damaged or moved, or whose key was taken away */
  async function open(row: OutboundRegistration): Promise<KeptClient | undefined> {
    try {
      const id = registrationIdOf(row);
      const client = JSON.parse(
        await sealing.unseal(`outbound_registration:${id}`, row.sealed),
      ) as KeptClient;
      if (row.id === id && client.client_id === row.client_id) return client;
      throw new EnvelopeError('of another registration');
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      const { issuer, redirect_uri } = row;
      log('error', 'registration_unreadable', { issuer, redirect_uri, message: error.message });
      return undefined;
    }
  }
}

/** Whether its secret lasts for as long as a browser may be away; of a short life, for the second half of it. */
function isUsable({ registeredAt, client_secret_expires_at: end }: KeptClient, now: number): boolean {
  if (end === undefined) return true;
  return now < end - Math.min(limits.secretLeftSeconds, (end - registeredAt) / 2);
}

/**
 * What a press of a button may cause at the provider must have an end: it may have made a client of which nothing is known
 * here, surely so when it gave one that cannot be worked with, and perhaps whenever it failed on the way.
 */
function pauseAfter(error: unknown, times: number): number {
  const { registrationAgainSeconds: first, registrationInVainSeconds, mostPostponedSeconds } = limits;
  if (!isRefusal(error)) return first;
  const { reason, facts } = error;
  const isInVain = ['provider_registration_unusable', 'provider_answer_unreadable'].includes(reason);
  if (isInVain || facts['why'] === 'fetch_timed_out') return registrationInVainSeconds;
  // Whoever was refused has made none, and mends it meanwhile.
  if (finalityOf(reason) !== 'passing') return first;
  return Math.min(first * 2 ** (times - 1), mostPostponedSeconds);
}
