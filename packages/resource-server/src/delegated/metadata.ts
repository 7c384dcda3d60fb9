// The metadata of somebody else's authorization server: found as clients find it, believed only when it names the issuer
// that was asked for, byte for byte (RFC 8414 §3.3).
import { wellKnownUrl } from '@sallyport/protocol';
import { DOCUMENT_FRESH_SECONDS, METADATA_STALE_SECONDS } from '../limits.ts';
import { ask, type Fetch } from '../outgoing.ts';
import { AuthorizationServerUnavailable } from '../unavailable.ts';
import { kept, type Kept } from './kept.ts';

export type Metadata = Readonly<Record<string, unknown>>;

export interface IssuersMetadata {
  /** For clients that look for an OAuth authorization server. */
  readonly oauth: Kept<Metadata>;
  /** For those that look for an OpenID provider; the same where there is no other. */
  readonly openid: Kept<Metadata>;
}

export function metadataOf(issuer: string, fetch: Fetch): IssuersMetadata {
  const inserted = wellKnownUrl('openid-configuration', issuer);
  const appended = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const oauth = wellKnownUrl('oauth-authorization-server', issuer);
  const lasting = { freshSeconds: DOCUMENT_FRESH_SECONDS, staleSeconds: METADATA_STALE_SECONDS };
  const from = (...places: readonly string[]) =>
    kept(() => findMetadata(issuer, [...new Set(places)], fetch), lasting);
  // The order of MCP authorization, "Authorization Server Metadata Discovery"; OpenID Connect Discovery §4.1 appends.
  return { oauth: from(oauth, inserted, appended), openid: from(appended, inserted, oauth) };
}

async function findMetadata(issuer: string, places: readonly string[], fetch: Fetch): Promise<Metadata> {
  const faults: string[] = [];
  for (const place of places) {
    const { status, document } = await ask(fetch, place);
    // Whoever is busy or broken may have the document in a minute; the next place is for those who never had it here.
    if (status === 429 || status >= 500)
      throw new AuthorizationServerUnavailable(`${place} answered ${status}.`);
    const fault = status === 200 ? faultOf(document, issuer) : `answered ${status}`;
    if (fault === undefined) return document as Metadata;
    faults.push(`${place} ${fault}`);
  }
  throw new AuthorizationServerUnavailable(
    `The authorization server ${issuer} has no metadata that can be used: ${faults.join('; ')}.`,
  );
}

function faultOf(document: unknown, issuer: string): string | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return 'answered with something that is no JSON object';
  const said = (document as Metadata)['issuer'];
  if (said === issuer) return undefined;
  return typeof said === 'string'
    ? `names another issuer, ${JSON.stringify(said.slice(0, 200))}: the two must be equal to the letter`
    : 'names no issuer';
}

/** A member that must be a text. */
export function memberOf(metadata: Metadata, name: string): string {
  const value = metadata[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AuthorizationServerUnavailable(`The metadata of ${String(metadata['issuer'])} has no ${name}.`);
}
