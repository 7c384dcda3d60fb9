// GET, PUT and DELETE /oauth/register/:client_id (RFC 7592): a client looks after its own registration, with the token
// that it got when it registered. That token stays what it is: one that was replaced by an answer that got lost would
// leave the client without any.
import { digest, equalInConstantTime } from '@sallyport/crypto';
import { jsonResponse, learn, readBearer, type Arrival, type ClientMetadata } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { readMetadata } from '../clients.ts';
import type { Handler, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { metadataDigestOf } from './metadata-digest.ts';
import { judgeAdmission } from './policy.ts';
import { printRegistration } from './print.ts';
import { readDocument } from './register.ts';

/** Whose registration it is, with the token that showed it. */
interface Managed {
  readonly client: Client & Required<Pick<Client, 'registrationDigest'>>;
  readonly registration_access_token: string;
}

export function manageEndpoint(room: Room): Handler {
  const { storage, registration, limited, log, issuer } = room;
  return async (request, arrival) => {
    const managed = await admitManager(request, arrival);
    const { client_id } = managed.client;
    learn(arrival, { client_id });
    switch (request.method) {
      case 'PUT':
        return change(managed, request, arrival);
      case 'DELETE':
        // The operator's word is found by the row: whoever could remove that would be new to us at once.
        if (managed.client.admission === 'refused') throw refuse('client_refused', { client_id });
        await storage.removeClient(client_id);
        log('info', 'client_removed_itself', { traceId: arrival.traceId, client_id });
        return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
      default:
        return jsonResponse(printRegistration(managed.client, issuer, managed));
    }
  };

  /** The same refusal for a client that is not there, one that nobody manages, and a token of another. */
  async function admitManager(request: Request, arrival: Arrival): Promise<Managed> {
    const registration_access_token = readBearer(request.headers.get('authorization'));
    const client_id = lastSegment(new URL(request.url).pathname);
    const client = client_id === undefined ? undefined : await storage.findClient(client_id);
    const expected = client?.registrationDigest ?? digest('');
    const isRight = equalInConstantTime(expected, digest(registration_access_token ?? ''));
    const registrationDigest = client?.registrationDigest;
    if (
      !isRight ||
      client === undefined ||
      registrationDigest === undefined ||
      registration_access_token === undefined
    ) {
      await limited.failedAuthentication(arrival);
      // What stands in the place of a client_id may be a secret that somebody put there.
      throw refuse('registration_access_token_refused', { client_id: client?.client_id });
    }
    return { client: { ...client, registrationDigest }, registration_access_token };
  }

  /** RFC 7592 §2.2: what is sent takes the place of everything that was registered. */
  async function change(managed: Managed, request: Request, arrival: Arrival): Promise<Response> {
    const { client } = managed;
    const { client_id, registrationDigest } = client;
    if (client.admission === 'refused') throw refuse('client_refused', { client_id });
    // What the operator looks at must not change under their eyes.
    if (client.admission === 'waiting') throw refuse('registration_waits', { client_id });
    const { document, bytes } = await readDocument(request);
    await limited.registration(arrival, bytes);
    judgeIdentity(document, client);
    const metadata = readMetadata(document, client, registration);
    if (!isSameProof(metadata, client.metadata))
      throw refuse('client_metadata_refused', { client_id, member: 'token_endpoint_auth_method' });
    const judged = judgeAdmission(registration, {
      by: 'registration',
      initialAccessToken: client.registeredWith === undefined ? 'none' : 'good',
    });
    if (judged.admission === 'refused') throw refuse(judged.reason, { client_id });
    const mustWait = judged.admission === 'waiting' && looksDifferent(metadata, client.metadata);
    const outcome = await storage.changeRegistration({
      client_id,
      registrationDigest,
      metadata,
      metadataDigest: metadataDigestOf(metadata),
      mustWait,
    });
    // Another request of it, or the operator, came first.
    if (outcome === 'unchanged') throw refuse('registration_waits', { client_id });
    const { client_name } = metadata;
    const { traceId } = arrival;
    log('info', 'client_changed_itself', { traceId, client_id, client_name });
    if (mustWait) log('warn', 'client_waiting', { traceId, client_id, client_name });
    return jsonResponse(printRegistration({ ...client, metadata }, issuer, managed));
  }
}

/** RFC 7592 §2.2: the request names its client, and cannot choose a client_id or a secret. */
function judgeIdentity(document: unknown, { client_id, secretDigest }: Client): void {
  const asked = (typeof document === 'object' ? document : undefined) ?? {};
  const claimed = 'client_id' in asked ? asked.client_id : undefined;
  if (claimed !== client_id) throw refuse('registration_of_another_client', { client_id });
  if (!('client_secret' in asked)) return;
  const secret = typeof asked.client_secret === 'string' ? asked.client_secret : '';
  if (secretDigest === undefined || !equalInConstantTime(secretDigest, digest(secret)))
    throw refuse('registration_of_another_client', { client_id, member: 'client_secret' });
}

/** It keeps the secret that it has, or has none: only in which of two places the secret is sent may change. */
function isSameProof(asked: ClientMetadata, registered: ClientMetadata): boolean {
  const proofOf = ({ token_endpoint_auth_method }: ClientMetadata): string =>
    token_endpoint_auth_method.replace(/^client_secret_.*/, 'client_secret');
  return proofOf(asked) === proofOf(registered);
}

/** In what an operator approved it for: its name, and where it sends people, by a link on the consent page too. */
function looksDifferent(asked: ClientMetadata, approved: ClientMetadata): boolean {
  const known = new Set(approved.redirect_uris);
  return (
    asked.client_name !== approved.client_name ||
    asked.client_uri !== approved.client_uri ||
    asked.redirect_uris.length !== known.size ||
    !asked.redirect_uris.every((uri) => known.has(uri))
  );
}

/** Percent-decoded; undefined where that cannot be. */
function lastSegment(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}
