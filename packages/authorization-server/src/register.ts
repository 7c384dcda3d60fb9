// POST /oauth/register (RFC 7591 §3): open to anybody, so what is registered is worth nothing until a person consents.
import { jsonResponse, learn, readBody } from '@sallyport/protocol';
import { addClient } from './clients.ts';
import { MAX_REGISTRATION_BYTES } from './limits.ts';
import type { Handler, Room } from './options.ts';
import { refuse } from './refusals.ts';

export function registerEndpoint({ storage, registration, limited, log }: Room): Handler {
  return async (request, arrival) => {
    if (registration.mode !== 'open') throw refuse('registration_closed');
    const body = await readBody(request, MAX_REGISTRATION_BYTES);
    if (typeof body === 'string') throw refuse('registration_malformed', { body });
    await limited.registration(arrival, body.byteLength);
    const document = readJson(body);
    const origin = { registeredBy: 'dynamic', traceId: arrival.traceId, now: arrival.now } as const;
    const { client, client_secret } = await addClient(storage, document, origin, registration);
    const { client_id, metadata } = client;
    learn(arrival, { client_id });
    log('info', 'client_registered', {
      traceId: arrival.traceId,
      client_id,
      client_name: metadata.client_name,
    });
    return jsonResponse(
      {
        client_id,
        // RFC 7591 §3.2.1: an expiry only beside a secret; 0 means never.
        ...(client_secret !== undefined && { client_secret, client_secret_expires_at: 0 }),
        client_id_issued_at: client.createdAt,
        ...metadata,
      },
      { status: 201 },
    );
  };
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw refuse('registration_malformed');
  }
}
