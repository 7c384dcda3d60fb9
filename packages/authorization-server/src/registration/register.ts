// POST /oauth/register (RFC 7591 §3). What is registered is worth nothing until a person consents; who may register at all
// the mode says (policy.ts).
import { randomToken, digest } from '@sallyport/crypto';
import { jsonResponse, learn, readBody, type Arrival } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { makeClient, type ClientOrigin, type NewClient } from '../clients.ts';
import {
  EVICTABLE_AFTER_SECONDS,
  FOUND_UNUSED_SECONDS,
  MAX_REGISTRATION_BYTES,
  MAX_UNUSED_REGISTRATIONS,
  MAX_UNUSED_REGISTRATIONS_OF_TOKEN,
  MAX_WAITING_CLIENTS,
} from '../limits.ts';
import type { Handler, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { readVoucher, type Voucher } from './initial-access-tokens.ts';
import { metadataDigestOf } from './metadata-digest.ts';
import { judgeAdmission } from './policy.ts';
import { printRegistration } from './print.ts';

export function registerEndpoint(room: Room): Handler {
  const { storage, registration, limited, log, issuer } = room;
  return async (request, arrival) => {
    const voucher = await readVoucher(request, room, arrival.now);
    const judged = judgeAdmission(registration, { by: 'registration', initialAccessToken: voucher.is });
    if (judged.admission === 'refused') {
      if (voucher.is === 'bad') await limited.failedAuthentication(arrival);
      throw refuse(judged.reason);
    }
    const { document, bytes } = await readDocument(request);
    await limited.registration(arrival, bytes);
    const isWaiting = judged.admission === 'waiting';
    const origin: ClientOrigin = {
      registeredBy: 'dynamic',
      traceId: arrival.traceId,
      now: arrival.now,
      ...(isWaiting && { admission: 'waiting' }),
      ...(voucher.is === 'good' && { registeredWith: voucher.name }),
    };
    const made = makeClient(document, origin, registration);
    const kept = await keep(made, voucher, isWaiting, arrival);
    const { client, isNew, ...secrets } = kept;
    const { client_id, metadata, registeredWith } = client;
    // Its first login continues the trace of its registration, and so does a registration that found it.
    learn(arrival, { client_id, ...(client.usedAt === undefined && { traceId: client.traceId }) });
    const { client_name } = metadata;
    const { traceId } = arrival;
    log('info', 'client_registered', { traceId, client_id, client_name, registeredWith, isNew });
    if (isNew && client.admission === 'waiting')
      log('warn', 'client_waiting', { traceId, client_id, client_name });
    return jsonResponse(printRegistration(client, issuer, secrets), { status: 201 });
  };

  /** A stranger that registers what is there already gets that; whoever is vouched for gets a client of its own. */
  async function keep(
    { client: made, client_secret }: NewClient,
    voucher: Voucher,
    isWaiting: boolean,
    arrival: Arrival,
  ): Promise<Registered> {
    const { now } = arrival;
    const metadataDigest = metadataDigestOf(made.metadata);
    const identical = { metadataDigest, unusedSince: now - FOUND_UNUSED_SECONDS };
    const isStranger = voucher.is !== 'good';
    if (isStranger) {
      const found = await storage.findIdenticalClient({ ...identical, isWaiting });
      if (found !== undefined) return foundAgain(found);
      await limited.keptRegistration(arrival, isWaiting);
    }
    // Strangers share a public client, so none of them may manage it (docs/decisions/identical-registrations.md).
    const isManaged = !isStranger || made.metadata.token_endpoint_auth_method !== 'none';
    const registration_access_token = isManaged ? randomToken() : undefined;
    const client: Client = {
      ...made,
      metadataDigest,
      ...(registration_access_token !== undefined && {
        registrationDigest: digest(registration_access_token),
      }),
    };
    const outcome = await storage.registerClient({
      client,
      ...(voucher.is === 'good' ? { initialAccessToken: voucher.digest } : { identical }),
      most: {
        unused: MAX_UNUSED_REGISTRATIONS,
        unusedOfToken: MAX_UNUSED_REGISTRATIONS_OF_TOKEN,
        waiting: MAX_WAITING_CLIENTS,
      },
      evictBefore: now - EVICTABLE_AFTER_SECONDS,
      now,
    });
    if (outcome === 'token_spent') throw refuse('initial_access_token_refused', { spent: true });
    if (outcome === 'full')
      throw refuse('registrations_full', { waiting: isWaiting, retryAfterSeconds: 3600 });
    if (outcome.outcome === 'found') return foundAgain(outcome.client);
    return {
      client: outcome.client,
      isNew: true,
      ...(client_secret !== undefined && { client_secret }),
      ...(registration_access_token !== undefined && { registration_access_token }),
    };
  }
}

/** What is told once beside the client itself. */
interface Registered extends NewClient {
  readonly isNew: boolean;
  readonly registration_access_token?: string;
}

function foundAgain(client: Client): Registered {
  if (client.admission === 'refused') throw refuse('client_refused', { client_id: client.client_id });
  return { client, isNew: false };
}

/** The JSON of the request, bounded. */
export async function readDocument(request: Request): Promise<{ document: unknown; bytes: number }> {
  const body = await readBody(request, MAX_REGISTRATION_BYTES);
  if (typeof body === 'string') throw refuse('registration_malformed', { body });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { document: JSON.parse(text) as unknown, bytes: body.byteLength };
  } catch {
    throw refuse('registration_malformed');
  }
}
