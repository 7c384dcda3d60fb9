// Guards one MCP server with the tokens of somebody else's authorization server: any of RFC 8414 or OpenID Connect, Clerk
// among them. Our metadata names it, its own is served beside ours for clients that look for it here, and its tokens are
// judged by its keys, or by asking it.
import type { ProtectedResource, ScopeDefinition } from '@sallyport/protocol';
import { guardOf, type GuardOptions, type ResourceServer } from '../guard.ts';
import type { Fetch } from '../outgoing.ts';
import { ordinaryClientIdClaims, type ForeignAuthorizationServer } from './issuer.ts';
import { foreignJudge } from './judge.ts';
import { metadataOf, type Metadata } from './metadata.ts';
import { judgeOptions } from './options.ts';
import { judgeShared, openIssuer } from './shared.ts';

export interface DelegatedOptions extends Omit<GuardOptions, 'resource'> {
  /** The exact URL that people paste into a client, or everything about it. */
  readonly resource: string | ProtectedResource;
  /** Who issues the tokens: `{ issuer: 'https://…' }`, or `clerk({ publishableKey })`. */
  readonly authorizationServer: ForeignAuthorizationServer;
  /** What is shown to people. Default: the host. */
  readonly title?: string;
  /** The scopes of this server, as the issuer knows them; a first challenge asks for all of them, or `defaultScopes`. */
  readonly scopes?: readonly (string | ScopeDefinition)[];
  readonly defaultScopes?: readonly string[];
  /** In place of the global one. */
  readonly fetch?: Fetch;
}

/**
 * @throws TypeError for options by which nobody could be let in, or something would travel in the clear; it says what to
 * write
 */
export function delegatedResourceServer(options: DelegatedOptions): ResourceServer {
  judgeOptions(options);
  const { authorizationServer: server, fetch = globalThis.fetch } = options;
  const { issuer, tokens = {}, audience, acceptTokensWithoutAudienceBecauseTheIssuerHasNone } = server;
  judgeShared(server);
  const { documents, keys, introspect } = server.shared ?? openIssuer(server, fetch);
  const resource =
    typeof options.resource === 'string' ? resourceOf(options.resource, options) : options.resource;
  const judge = foreignJudge({
    expected: {
      issuer,
      resource: resource.resource,
      // The same URL as some clients print it: with a slash where there is no path, without a port that goes without saying.
      audiences: [audience ?? [resource.resource, new URL(resource.resource).href]].flat(),
      acceptsNoAudience: acceptTokensWithoutAudienceBecauseTheIssuerHasNone === true,
      maxAgeSeconds: server.maxTokenAgeSeconds,
      clientIdClaims: (tokens === false ? undefined : tokens.clientIdClaims) ?? ordinaryClientIdClaims,
    },
    ...(tokens !== false && { jwts: { rules: tokens, keys } }),
    introspect,
    asksAboutJwts: typeof server.introspection === 'object' && server.introspection.jwtsToo === true,
    opaqueTokens: server.opaqueTokens,
  });
  return guardOf({ ...options, resource }, { issuer, judge, documents });
}

function resourceOf(
  resource: string,
  { title, scopes = [], defaultScopes }: DelegatedOptions,
): ProtectedResource {
  const defined = scopes.map((scope) =>
    typeof scope === 'string' ? { name: scope, description: scope } : scope,
  );
  return {
    resource,
    title: title ?? URL.parse(resource)?.host ?? resource,
    scopes: defined,
    defaultScopes: defaultScopes ?? defined.map(({ name }) => name),
    isDefault: true,
  };
}

/**
 * What the metadata of an authorization server says now, for a look before anybody depends on it.
 * @throws AuthorizationServerUnavailable; its message says what is wrong
 */
export function readForeignMetadata(
  { issuer }: ForeignAuthorizationServer,
  { now, fetch = globalThis.fetch }: { readonly now: number; readonly fetch?: Fetch },
): Promise<Metadata> {
  return metadataOf(issuer, fetch).oauth.get(now);
}
