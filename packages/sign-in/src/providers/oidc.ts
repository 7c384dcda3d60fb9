// Signing in with an OpenID Provider (OpenID Connect Core §3.1): ask who it is, send the browser there, exchange the code,
// judge the ID token, and say who that is. Which provider it is, is a row.
import type { Log } from '@sallyport/protocol';
import { requestRevocation, requestTokens } from '@sallyport/vault';
import type { RevokedThere, RevokedTokens, TokenAnswer, TokenClientAuth } from '@sallyport/vault';
import { readCode } from '../upstream/response.ts';
import { authorizationUrl } from './openid/authorization-url.ts';
import { checkProvider } from './openid/check.ts';
import { identityOf, judgeDemands } from './openid/claims.ts';
import { discovery } from './openid/discovery.ts';
import { failureOfCode } from './openid/failures.ts';
import { judgeRefreshedIdToken, verifyIdToken } from './openid/id-token.ts';
import type { JudgedIdToken } from './openid/judge-id-token.ts';
import { providerKeys } from './openid/keys.ts';
import type { OpenIdEndpoints, ProviderMetadata } from './openid/metadata.ts';
import { ownClient, type Registering } from './openid/own-client.ts';
import type { IssuerRule, OpenIdRow, OpenIdSettings, UpstreamClaims } from './openid/row.ts';
import { endpointTrust, type UpstreamFetch } from './openid/trust.ts';
import { needsUserInfo, withUserInfo } from './openid/userinfo.ts';
import type { Arrived, Leaving, Returned, UpstreamProvider } from './provider.ts';

export interface OpenIdParts {
  readonly fetch: UpstreamFetch;
  readonly log: Log;
  /** Absent: it is known as whom this server is registered there, or nobody signs in. */
  readonly registering?: Registering | undefined;
}

/** @param settings judged and complete, as the configuration hands them over */
export function openIdProvider(
  row: OpenIdRow,
  settings: OpenIdSettings,
  { fetch, log, registering }: OpenIdParts,
): UpstreamProvider {
  const rule = issuerRuleOf(row, settings);
  const { id, title, callbackPath } = settings;
  const ours = endpointsOf(settings);
  const trust = endpointTrust(fetch, rule.discovery, ours);
  const own = ownClient({ row, rule, settings, trust, registering });
  const said = discovery({ provider: id, rule, fetch: fetch.operator, log });
  const keys = providerKeys({ provider: id, fetchFor: trust.fetchFor, log });
  return {
    id,
    title,
    callbackPath,
    begin,
    finish,
    refresh,
    revoke,
    check: (now) =>
      checkProvider({ rule, settings, metadata: { ...said, read: metadataAt }, keys, trust }, now),
  };

  async function begin(leaving: Leaving): Promise<string> {
    const metadata = await metadataAt(leaving.now);
    trust.judge('authorization_endpoint', metadata.authorization_endpoint);
    const { client_id } = await own.leaving(metadata, leaving.redirect_uri, leaving.now);
    return authorizationUrl(metadata, row, settings, { ...leaving, client_id });
  }

  async function finish(returned: Returned): Promise<Arrived> {
    const { parameters, nonce, now } = returned;
    const metadata = await metadataAt(now);
    const code = readCode(parameters, expectedIssuer(metadata));
    const clientAuth = await own.returned(metadata, returned.redirect_uri);
    const tokens = await exchangeCode(code, returned, { metadata, clientAuth });
    const { id_token, access_token } = tokens;
    const expected = { issuer: rule, client_id: clientAuth.client_id, nonce, access_token };
    const judged = await verifyIdToken(id_token, expected, { keys, jwks_uri: metadata.jwks_uri }, now);
    judgeDemands(judged.claims, row, settings);
    const claims = await claimsOf(judged, access_token, metadata);
    const identity = identityOf(judged, claims, { provider: id, row, settings });
    return { identity, tokens, authenticatedAt: judged.authenticatedAt };
  }

  /** RFC 6749 §4.1.3. Refusals of the token endpoint are told in this room's words. */
  async function exchangeCode(
    code: string,
    { redirect_uri, code_verifier, now }: Returned,
    { metadata, clientAuth }: { readonly metadata: ProviderMetadata; readonly clientAuth: TokenClientAuth },
  ): Promise<TokenAnswer> {
    const parameters = { grant_type: 'authorization_code', code, redirect_uri, code_verifier };
    return tokensFor(parameters, { metadata, clientAuth, now }).catch((error: unknown): never => {
      throw failureOfCode(error);
    });
  }

  async function tokensFor(
    parameters: Readonly<Record<string, string>>,
    {
      metadata: { token_endpoint: endpoint },
      clientAuth,
      now,
    }: { readonly metadata: ProviderMetadata; readonly clientAuth: TokenClientAuth; readonly now: number },
  ): Promise<TokenAnswer> {
    const request = { endpoint, parameters, clientAuth };
    return requestTokens(trust.fetchFor(endpoint), request, now).catch(async (error: unknown) => {
      throw await own.judgeRefusal(error, clientAuth.client_id, now);
    });
  }

  async function claimsOf(
    judged: JudgedIdToken,
    access_token: string,
    { userinfo_endpoint: endpoint }: ProviderMetadata,
  ): Promise<UpstreamClaims> {
    if (!row.hasUserInfo || endpoint === undefined || !needsUserInfo(judged.claims, settings))
      return judged.claims;
    return withUserInfo(judged, access_token, { fetch: trust.fetchFor(endpoint), endpoint });
  }

  /** RFC 6749 §6. The token endpoint's refusals reach the vault as they are: it acts on them. */
  async function refresh(
    refresh_token: string,
    now: number,
    subject: string,
    issuedTo?: string,
  ): Promise<TokenAnswer> {
    const metadata = await metadataAt(now);
    const clientAuth = await own.refreshing(metadata, issuedTo);
    const { client_id } = clientAuth;
    const parameters = { grant_type: 'refresh_token', refresh_token };
    const tokens = await tokensFor(parameters, { metadata, clientAuth, now });
    const { id_token, refresh_token: next = refresh_token } = tokens;
    const expected = { issuer: rule, client_id, subject, isRotated: next !== refresh_token };
    if (id_token !== undefined) judgeRefreshedIdToken(id_token, expected);
    return tokens;
  }

  /** RFC 7009. Refusals reach the vault, which asks again later. */
  async function revoke(tokens: RevokedTokens, now: number): Promise<RevokedThere> {
    const metadata = await metadataAt(now);
    const { revocation_endpoint: endpoint } = metadata;
    if (endpoint === undefined) return 'not_offered';
    const clientAuth = await own.refreshing(metadata, tokens.client_id);
    return requestRevocation(trust.fetchFor(endpoint), { endpoint, tokens, clientAuth }, now);
  }

  /** What the operator wrote is in place of what the provider says. */
  async function metadataAt(now: number): Promise<ProviderMetadata> {
    return { ...(await said.read(now)), ...ours };
  }

  /** Of several tenants no one issuer could be compared; callback path and state still tell providers apart. */
  function expectedIssuer({ authorization_response_iss_parameter_supported: sendsIss }: ProviderMetadata) {
    return rule.placeholder === undefined ? { issuer: rule.issuer, sendsIss } : undefined;
  }
}

/** What the operator wrote, by the names of the metadata. */
function endpointsOf({
  authorizationUrl,
  tokenUrl,
  userinfoUrl,
  jwksUrl,
}: OpenIdSettings): Partial<OpenIdEndpoints> {
  return {
    ...(authorizationUrl !== undefined && { authorization_endpoint: authorizationUrl }),
    ...(tokenUrl !== undefined && { token_endpoint: tokenUrl }),
    ...(userinfoUrl !== undefined && { userinfo_endpoint: userinfoUrl }),
    ...(jwksUrl !== undefined && { jwks_uri: jwksUrl }),
  };
}

function issuerRuleOf(row: OpenIdRow, settings: OpenIdSettings): IssuerRule {
  const rule = row.issuerOf(settings);
  if (rule === undefined) throw new RangeError(`${settings.id}: nothing says which issuer is meant`);
  return rule;
}
