// Clients that stand in the operator's configuration: written into the store at each start, so that everything that
// knows clients knows them too.
import { digest, randomToken } from '@sallyport/crypto';
import type { RedirectPolicy } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { hasSecret, readMetadata } from './clients.ts';
import { machineMetadata } from './machine-clients.ts';
import { refuse } from './refusals.ts';
import { mayGoWithoutPkce } from './without-pkce.ts';

/** `validUntil` of a former secret that is good for as long as it stands in the configuration: the end of year 9999. */
export const WHILE_CONFIGURED = 253_402_300_799;

/** What the operator wrote about one of them. */
export interface ConfiguredClient extends Pick<
  Client,
  'client_id' | 'requirePkce' | 'accessTokenFormat' | 'ownScope'
> {
  /** As a client would register it (RFC 7591 §2). */
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly token_endpoint_auth_method: string;
    readonly client_name?: string;
  };
  /** In the clear, and only here. */
  readonly client_secret?: string;
  /** Good beside it, for as long as it is written there. */
  readonly formerClientSecret?: string;
}

/**
 * Makes the configured clients of the store these.
 * @returns as `keepConfiguredClients` of the storage contract
 * @throws a refusal when one of them could not be registered
 */
export function keepConfiguredClients(
  storage: Storage,
  clients: readonly ConfiguredClient[],
  { policy, now }: { readonly policy: RedirectPolicy; readonly now: number },
): ReturnType<Storage['keepConfiguredClients']> {
  return storage.keepConfiguredClients(clients.map((client) => asClient(client, policy, now)));
}

function asClient(
  { metadata: written, client_secret, formerClientSecret, ...decided }: ConfiguredClient,
  policy: RedirectPolicy,
  now: number,
): Client {
  const origin = { registeredBy: 'configuration' } as const;
  const metadata =
    decided.ownScope === undefined ? readMetadata(written, origin, policy) : machineMetadata(written);
  if (hasSecret(metadata) !== (client_secret !== undefined)) throw refuse('client_metadata_refused');
  if (decided.requirePkce === false && !mayGoWithoutPkce({ ...origin, metadata }))
    throw refuse('pkce_required');
  return {
    ...decided,
    ...origin,
    metadata,
    ...(client_secret !== undefined && { secretDigest: digest(client_secret) }),
    ...(formerClientSecret !== undefined && {
      formerSecret: { digest: digest(formerClientSecret), validUntil: WHILE_CONFIGURED },
    }),
    createdAt: now,
    traceId: randomToken(9),
  };
}
