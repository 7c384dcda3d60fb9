// GitHub, and GitHub Enterprise on an address of its own: OAuth apps and GitHub Apps, which have no OpenID Connect for people.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
import { codeChallengeOf } from '@sallyport/crypto';
import { readForeignEmail } from '@sallyport/protocol';
import type { RevokedThere, RevokedTokens, TokenAnswer } from '@sallyport/vault';
import { limits } from '../limits.ts';
import { refuse } from '../refusals.ts';
import { readCode } from '../upstream/response.ts';
import { ask, askAsApp, checkApi, listOf, membersOf } from './oauth/api.ts';
import type { OAuthSettings } from './oauth/settings.ts';
import { exchangeCode, refreshTokens } from './oauth/tokens.ts';
import { pictureOf, text } from './openid/claims.ts';
import type { UpstreamFetch } from './openid/trust.ts';
import type { Arrived, Leaving, Returned, UpstreamProvider } from './provider.ts';

export interface GitHubSettings extends OAuthSettings {
  /** Of GitHub Enterprise Server, or of an enterprise with data residency (`https://octocorp.ghe.com`). */
  readonly url?: string | undefined;
  /** Whether somebody wants to know of which organizations a person is. */
  readonly asksOrganizations?: boolean | undefined;
}

const ownUrl = 'https://github.com';

/** https://docs.github.com/en/rest/about-the-rest-api/api-versions, and the media type that is recommended there. */
const apiHeaders = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

export function githubProvider(
  settings: GitHubSettings,
  { fetch: { operator: fetch } }: { readonly fetch: UpstreamFetch },
): UpstreamProvider {
  const { id, title, callbackPath, clientId, asksOrganizations = false } = settings;
  const base = (settings.url ?? ownUrl).replace(/\/+$/, '');
  const api = (settings.apiUrl ?? apiOf(base)).replace(/\/+$/, '');
  const endpoint = settings.tokenUrl ?? `${base}/login/oauth/access_token`;
  const about = { fetch, endpoint, settings };
  const scopes = settings.scopes ?? scopesFor(asksOrganizations);
  return {
    id,
    title,
    callbackPath,
    begin,
    finish,
    refresh: (refresh_token, now) => refreshTokens(refresh_token, now, about),
    revoke,
    check: async () => [await checkApi(`${api}/user`, { fetch, headers: apiHeaders, at: 'user' })],
  };

  function begin(leaving: Leaving): Promise<string> {
    const url = new URL(settings.authorizationUrl ?? `${base}/login/oauth/authorize`);
    const { redirect_uri, state, code_verifier, login_hint, again, switchAccount } = leaving;
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', clientId);
    url.searchParams.set('redirect_uri', redirect_uri);
    url.searchParams.set('scope', scopes.join(' '));
    url.searchParams.set('state', state);
    // "Only the S256 code challenge method is accepted":
    // https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication
    url.searchParams.set('code_challenge', codeChallengeOf(code_verifier));
    url.searchParams.set('code_challenge_method', 'S256');
    if (login_hint !== undefined) url.searchParams.set('login', login_hint);
    // Nobody can be made to type a password there; the account picker is the most that there is.
    if (again || switchAccount === true) url.searchParams.set('prompt', 'select_account');
    return Promise.resolve(url.href);
  }

  async function finish(returned: Returned): Promise<Arrived> {
    const code = readCode(returned.parameters);
    const tokens = await exchangeCode(code, returned, about);
    const person = membersOf(await askGitHub('/user', tokens));
    const { id: number, login } = person;
    // A login can be given up and taken by somebody else; the number stays theirs.
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number <= 0)
      throw refuse('upstream_userinfo_unusable', { at: 'user', why: 'no_id' });
    const identity = {
      provider: id,
      issuer: base,
      subject: String(number),
      ...(await primaryEmail(tokens)),
      name: text(person['name'], limits.upstreamClaimMax),
      username: text(login, limits.upstreamClaimMax),
      picture: pictureOf(person['avatar_url']),
      organizations: asksOrganizations ? await organizationsOf(tokens) : undefined,
    };
    return { identity, tokens };
  }

  /**
   * https://docs.github.com/en/rest/users/emails: the one that GitHub itself writes to. The public address of the profile is
   * not asked: anybody may write what they like there.
   */
  async function primaryEmail(tokens: TokenAnswer) {
    const list = listOf(await askGitHub(`/user/emails?per_page=${limits.upstreamPage}`, tokens)).map(
      membersOf,
    );
    const primary = list.find((one) => one['primary'] === true);
    const email = readForeignEmail(text(primary?.['email'], limits.upstreamClaimMax) ?? '');
    return { email, emailVerified: email !== undefined && primary?.['verified'] === true };
  }

  /**
   * https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user, with the scope `read:org`. An
   * organization that restricts apps is not in it until it lets this one in.
   * @returns logins in lower case, in which GitHub compares them; undefined when it does not tell
   */
  async function organizationsOf(tokens: TokenAnswer): Promise<readonly string[] | undefined> {
    // Without the scope the list has only some of them; a rule that denies one must not read that as "none".
    if (!maySeeOrganizations(tokens)) return undefined;
    const found: string[] = [];
    for (let page = 1; page <= limits.upstreamPagesMax; page += 1) {
      const path = `/user/orgs?per_page=${limits.upstreamPage}&page=${page}`;
      const list = await askGitHub(path, tokens);
      if (!Array.isArray(list)) return undefined;
      const logins = list.map((one) => text(membersOf(one)['login'], limits.upstreamClaimMax));
      found.push(...logins.flatMap((login) => login?.toLowerCase() ?? []));
      if (list.length < limits.upstreamPage) return found;
    }
    throw refuse('upstream_groups_missing', { at: 'orgs', groups: found.length });
  }

  /**
   * https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token: this token alone, and not the person's
   * authorization of the app (`/grant`), which would end what another deployment holds. One that is not known is 404.
   */
  async function revoke({ access_token }: RevokedTokens): Promise<RevokedThere> {
    const status = await askAsApp(`${api}/applications/${encodeURIComponent(clientId)}/token`, {
      question: { fetch, headers: apiHeaders, at: 'token' },
      app: settings,
      method: 'DELETE',
      body: { access_token },
    });
    if (status === 204) return 'revoked';
    if (status === 404) return 'not_there';
    throw refuse('upstream_unavailable', { at: 'token', status });
  }

  function askGitHub(path: string, { access_token }: TokenAnswer): Promise<unknown> {
    const at = path.replace(/^\/|\?.*$/g, '');
    return ask(`${api}${path}`, access_token, { fetch, headers: apiHeaders, at });
  }
}

/** Tokens of GitHub Apps have permissions and no scopes. */
function maySeeOrganizations({ scope = '' }: TokenAnswer): boolean {
  const granted = scope.split(/[ ,]+/).filter((name) => name !== '');
  const enough = ['read:org', 'write:org', 'admin:org', 'user'];
  return granted.length === 0 || granted.some((name) => enough.includes(name));
}

/** https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
function scopesFor(asksOrganizations: boolean): readonly string[] {
  return ['read:user', 'user:email', ...(asksOrganizations ? ['read:org'] : [])];
}

/**
 * https://docs.github.com/en/enterprise-server@latest/rest/quickstart (`/api/v3`), and with data residency
 * https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency.
 */
function apiOf(base: string): string {
  if (base === ownUrl) return 'https://api.github.com';
  const { protocol, host } = new URL(base);
  return host.endsWith('.ghe.com') ? `${protocol}//api.${host}` : `${base}/api/v3`;
}
