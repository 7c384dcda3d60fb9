// Atlassian Cloud: apps of the kind OAuth 2.0 (3LO).
// https://developer.atlassian.com/cloud/oauth/getting-started/implementing-oauth-3lo/
import { codeChallengeOf } from '@sallyport/crypto';
import { readForeignEmail } from '@sallyport/protocol';
import type { TokenAnswer } from '@sallyport/vault';
import { limits } from '../limits.ts';
import { refuse } from '../refusals.ts';
import { readCode } from '../upstream/response.ts';
import { ask, checkApi, membersOf } from './oauth/api.ts';
import type { OAuthSettings } from './oauth/settings.ts';
import { exchangeCode, refreshTokens } from './oauth/tokens.ts';
import { pictureOf, text } from './openid/claims.ts';
import type { UpstreamFetch } from './openid/trust.ts';
import type { Arrived, Leaving, Returned, UpstreamProvider } from './provider.ts';

const own = {
  authorizationUrl: 'https://auth.atlassian.com/authorize',
  tokenUrl: 'https://auth.atlassian.com/oauth/token',
  apiUrl: 'https://api.atlassian.com',
};

/** `read:me` for the User identity API, and a refresh token: each page of Atlassian's asks for these by name. */
const ownScopes = ['read:me', 'offline_access'];

export function atlassianProvider(
  settings: OAuthSettings,
  { fetch: { operator: fetch } }: { readonly fetch: UpstreamFetch },
): UpstreamProvider {
  const { id, title, callbackPath } = settings;
  const api = (settings.apiUrl ?? own.apiUrl).replace(/\/+$/, '');
  const about = { fetch, endpoint: settings.tokenUrl ?? own.tokenUrl, settings };
  const { scopes = ownScopes } = settings;
  return {
    id,
    title,
    callbackPath,
    begin,
    finish,
    // The one that is shown is disabled by it, and a new one comes with the answer:
    // https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens/
    refresh: (refresh_token, now) => refreshTokens(refresh_token, now, about),
    // Nothing there revokes a token: https://developer.atlassian.com/cloud/oauth/getting-started/implementing-oauth-3lo/
    // has no endpoint for it. A person takes the access back in their Atlassian account, at "Connected apps".
    check: async () => [await checkApi(`${api}/me`, { fetch, at: 'me' })],
  };

  function begin({ redirect_uri, state, code_verifier }: Leaving): Promise<string> {
    const url = new URL(settings.authorizationUrl ?? own.authorizationUrl);
    url.searchParams.set('audience', 'api.atlassian.com');
    url.searchParams.set('client_id', settings.clientId);
    // Without `read:me` nobody could be told from anybody else.
    url.searchParams.set('scope', [...new Set(['read:me', ...scopes])].join(' '));
    url.searchParams.set('redirect_uri', redirect_uri);
    url.searchParams.set('state', state);
    url.searchParams.set('response_type', 'code');
    // "(required) so that the screen prompting for consent is shown", which is also where another site is chosen.
    url.searchParams.set('prompt', 'consent');
    // Not on that page; a server that does not know it must ignore it (RFC 6749 §3.1).
    url.searchParams.set('code_challenge', codeChallengeOf(code_verifier));
    url.searchParams.set('code_challenge_method', 'S256');
    return Promise.resolve(url.href);
  }

  async function finish(returned: Returned): Promise<Arrived> {
    const code = readCode(returned.parameters);
    const tokens = await exchangeCode(code, returned, about);
    const person = membersOf(await askAtlassian('/me', tokens));
    const subject = text(person['account_id'], limits.upstreamClaimMax);
    if (subject === undefined) throw refuse('upstream_userinfo_unusable', { at: 'me', why: 'no_account_id' });
    // A closed account, and one that a customer of a help desk made by writing an address, are nobody's to sign in with:
    // https://developer.atlassian.com/cloud/admin/user-management/rest/ (account_status, account_type).
    const { account_status = 'active', account_type = 'atlassian' } = person;
    if (account_status !== 'active' || account_type !== 'atlassian')
      throw refuse('upstream_account_unfit', {
        account_status: shown(account_status),
        account_type: shown(account_type),
      });
    const email = readForeignEmail(text(person['email'], limits.upstreamClaimMax) ?? '');
    const sites = await sitesOf(tokens);
    const identity = {
      provider: id,
      issuer: api,
      subject,
      email,
      // The documented answer (https://developer.atlassian.com/cloud/oauth/getting-started/faq/) does not say so of any
      // address, so none counts as verified unless it is said.
      emailVerified: email !== undefined && person['email_verified'] === true,
      name: text(person['name'], limits.upstreamClaimMax),
      username: text(person['nickname'], limits.upstreamClaimMax),
      picture: pictureOf(person['picture']),
      organizations: sites?.flatMap(({ id: cloudId, host }) => [host, cloudId]),
    };
    return { identity, tokens };
  }

  /**
   * The sites that the token is good for, which its calls are made to by `id`, the cloud id:
   * https://developer.atlassian.com/cloud/oauth/getting-started/making-calls-to-api/
   * @returns undefined when it does not tell
   */
  async function sitesOf(tokens: TokenAnswer) {
    const list = await askAtlassian('/oauth/token/accessible-resources', tokens);
    if (!Array.isArray(list)) return undefined;
    return list.map(membersOf).flatMap((site) => {
      const cloudId = text(site['id'], limits.upstreamClaimMax);
      const { host } = URL.parse(text(site['url'], limits.upstreamUrlMax) ?? '') ?? {};
      return cloudId === undefined || host === undefined ? [] : [{ id: cloudId, host }];
    });
  }

  function askAtlassian(path: string, { access_token }: TokenAnswer): Promise<unknown> {
    return ask(`${api}${path}`, access_token, { fetch, at: path.split('/').at(-1) ?? '' });
  }
}

const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : typeof value).slice(0, limits.upstreamValueShown);
