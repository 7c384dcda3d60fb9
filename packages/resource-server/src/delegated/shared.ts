// What is fetched of one issuer and remembered of it, whichever guards ask: its documents, its keys, its word about tokens.
import { introspection, type Introspect } from '../introspection.ts';
import { isPrivateWay, type Fetch } from '../outgoing.ts';
import { AuthorizationServerUnavailable } from '../unavailable.ts';
import type { ForeignAuthorizationServer } from './issuer.ts';
import { keysOf, type IssuersKeys } from './keys.ts';
import { memberOf, metadataOf, type IssuersMetadata } from './metadata.ts';

export interface OpenedIssuer {
  /** What it was opened by. */
  readonly by: ForeignAuthorizationServer;
  readonly documents: IssuersMetadata;
  readonly keys: IssuersKeys;
  readonly introspect: Introspect | undefined;
}

/**
 * The same authorization server, for several guards: whatever they are, its metadata and its keys are fetched and renewed
 * once for all of them, and what it said of a token counts for each. Nothing is fetched before a guard needs it.
 * @param fetch in place of the global one; a guard's own is not used then
 * @throws TypeError for an issuer that is no https URL (http on this computer)
 */
export function sharedIssuer<Server extends ForeignAuthorizationServer>(
  server: Server,
  { fetch = globalThis.fetch }: { readonly fetch?: Fetch } = {},
): Server & { readonly shared: OpenedIssuer } {
  return { ...server, shared: openIssuer(server, fetch) };
}

/** @throws TypeError as `sharedIssuer` */
export function openIssuer(server: ForeignAuthorizationServer, fetch: Fetch): OpenedIssuer {
  const { issuer, jwks_uri } = server;
  if (!isPrivateWay(issuer)) throw new TypeError(`issuer must be https, or http on this computer: ${issuer}`);
  const documents = metadataOf(issuer, fetch);
  const place = async (now: number) => jwks_uri ?? memberOf(await documents.oauth.get(now), 'jwks_uri');
  const keys = keysOf({ issuer, fetch, place });
  return { by: server, documents, keys, introspect: askerOf(server, documents, fetch) };
}

/**
 * What a guard says of its server beside what it shares would be passed over without a word, such as other keys.
 * @throws TypeError when the two differ
 */
export function judgeShared(server: ForeignAuthorizationServer): void {
  const { shared } = server;
  if (shared === undefined) return;
  if (shared.by.issuer !== server.issuer)
    throw new TypeError(`issuer is ${server.issuer}, and what is shared is of ${shared.by.issuer}`);
  for (const name of ['jwks_uri', 'introspection'] as const)
    if (shared.by[name] !== server[name])
      throw new TypeError(`${name} is not what is shared: write it where sharedIssuer is called`);
}

function askerOf(
  { issuer, introspection: how }: ForeignAuthorizationServer,
  documents: IssuersMetadata,
  fetch: Fetch,
): Introspect | undefined {
  if (how === undefined) return undefined;
  if (typeof how === 'function') return (token, now, asking) => how(token, now, { fetch, ...asking });
  if (how.endpoint !== undefined) return introspection({ ...how, endpoint: how.endpoint, fetch });
  let known: { readonly endpoint: string; readonly introspect: Introspect } | undefined;
  return async (token, now, asking) => {
    const endpoint = memberOf(await documents.oauth.get(now), 'introspection_endpoint');
    // A secret goes where the operator said: to the issuer, or to the endpoint of the configuration.
    if (URL.parse(endpoint)?.origin !== new URL(issuer).origin)
      throw new AuthorizationServerUnavailable(
        `The introspection endpoint of ${issuer} is at another host, ${endpoint}: where that is right, set it as introspection.endpoint.`,
      );
    if (known?.endpoint !== endpoint)
      known = { endpoint, introspect: introspection({ ...how, endpoint, fetch }) };
    return known.introspect(token, now, asking);
  };
}
