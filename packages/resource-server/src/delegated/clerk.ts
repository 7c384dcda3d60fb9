// Clerk as the authorization server, from its publishable key alone. Its access tokens are JWTs by default
// (https://clerk.com/changelog/2026-01-08-jwt-oauth-access-tokens), or opaque ones that only its Backend API can tell
// (https://clerk.com/docs/guides/configure/auth-strategies/oauth/verify-oauth-tokens).
import { askAboutToken, rememberingAnswers, type Introspect } from '../introspection.ts';
import { isPrivateWay, type Fetch } from '../outgoing.ts';
import { IntrospectionUnavailable } from '../unavailable.ts';
import type { ForeignAuthorizationServer } from './issuer.ts';

export interface ClerkOptions {
  /** `pk_test_…` or `pk_live_…`: it holds the host of the instance. */
  readonly publishableKey: string;
  /** `sk_…`: needed where the instance issues opaque access tokens (`oat_…`). */
  readonly secretKey?: string;
  /** Where its Backend API is. Default: https://api.clerk.com */
  readonly apiUrl?: string;
  /** Default: the resource. Clerk names it in tokens for which the client sent `resource`, as MCP clients do. */
  readonly audience?: string | readonly string[];
  /** See `ForeignAuthorizationServer`: Clerk's tokens name no audience when the client sent no `resource`. */
  readonly acceptTokensWithoutAudienceBecauseTheIssuerHasNone?: boolean;
  /** See `ForeignAuthorizationServer`. */
  readonly maxTokenAgeSeconds?: number;
  /** In place of the guard's. */
  readonly fetch?: Fetch;
}

/** @throws TypeError for a key that is none of Clerk's; it never holds the key */
export function clerk({
  publishableKey,
  secretKey,
  apiUrl,
  fetch,
  ...audience
}: ClerkOptions): ForeignAuthorizationServer {
  const api = (apiUrl ?? 'https://api.clerk.com').replace(/\/$/, '');
  if (!isPrivateWay(api)) throw new TypeError('clerk: apiUrl must be https, or http on this computer.');
  if (secretKey !== undefined && !/^sk_(test|live)_[\x21-\x7e]+$/.test(secretKey))
    throw new TypeError('clerk: secretKey is none of the form sk_test_… or sk_live_….');
  return {
    issuer: issuerOf(publishableKey),
    ...audience,
    // The same instance key signs session tokens (typ JWT) and those of machines (sub mch_…); only OAuth access tokens
    // have the typ of RFC 9068, and https://clerk.com/docs/guides/development/machine-auth/token-formats has no other.
    tokens: {
      types: ['at+jwt'],
      fault: (_, { sub }) => (sub?.startsWith('mch_') === true ? 'a machine token' : undefined),
    },
    // mt_… is a machine's, ak_… an API key: Clerk knows them, and neither is an OAuth access token.
    opaqueTokens: /^oat_[\w-]+$/,
    ...(secretKey !== undefined && {
      introspection: rememberingAnswers((token, guards) =>
        verify(token, `${api}/v1`, secretKey, fetch ?? guards ?? globalThis.fetch),
      ),
    }),
  };
}

/** https://clerk.com/docs/guides/how-clerk-works/overview#publishable-key: the host in base64, and a `$`. */
function issuerOf(publishableKey: string): string {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/_-]+=*)$/.exec(publishableKey)?.[1];
  const host = /^([a-z0-9.-]+(?::\d+)?)\$$/i.exec(
    Buffer.from(encoded ?? '', 'base64').toString('latin1'),
  )?.[1];
  const issuer =
    host === undefined ? undefined : [`https://${host}`, `http://${host}`][isLocal(host) ? 1 : 0];
  if (issuer === undefined || URL.parse(issuer)?.host !== host)
    throw new TypeError(
      'clerk: publishableKey is none of the form pk_test_… or pk_live_… that Clerk issues.',
    );
  return issuer;
}

/** An emulator's. */
const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host);

/**
 * https://clerk.com/docs/reference/backend-api/tag/oauth-access-tokens: `POST /oauth_applications/access_tokens/verify`;
 * 404 for a token that Clerk does not know, `{ "active": false }` for one that is over.
 */
async function verify(token: string, api: string, secretKey: string, fetch: Fetch): ReturnType<Introspect> {
  const { status, document } = await askAboutToken(fetch, `${api}/oauth_applications/access_tokens/verify`, {
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ access_token: token }),
  });
  if (status === 404 || status === 400) return undefined;
  if (status === 401 || status === 403)
    throw new IntrospectionUnavailable(
      `Clerk refused the question (${status}). Check that secretKey is of this instance.`,
    );
  if (status !== 200 || typeof document !== 'object' || document === null)
    throw new IntrospectionUnavailable(`Clerk answered ${status} instead of what a token means.`);
  const said = document as Readonly<Record<string, unknown>>;
  if (
    said['object'] !== 'clerk_idp_oauth_access_token' ||
    said['revoked'] !== false ||
    said['expired'] !== false
  )
    return undefined;
  const { client_id, subject: sub, scopes: scope, expiration, aud } = said;
  // @clerk/backend documents milliseconds, the reference's example shows seconds; no token lives until the year 5138.
  const exp =
    typeof expiration === 'number' && expiration > 1e11 ? Math.floor(expiration / 1000) : expiration;
  const named = Array.isArray(aud) && aud.length === 0 ? undefined : aud;
  return { token_type: 'Bearer', sub, client_id, scope, exp, aud: named, clerk_token_id: said['id'] };
}
