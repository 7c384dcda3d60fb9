// A client that does what the RFCs say, request by request, so that tests can do each step wrong as well.
import assert from 'node:assert/strict';
import { codeChallengeOf, randomToken } from '@sallyport/crypto';
import { leftTo, openBrowserAt, pageOf, type Arrived, type Browser, type Site } from './browser.ts';

export const EMAIL = 'ada@example.com';
export const PASSWORD = 'correct horse battery';
export const REDIRECT_URI = 'https://client.example.com/callback';

export interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly [member: string]: unknown;
}

export async function register(
  house: Site,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<Registered> {
  const response = await house.ask('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      client_name: 'Example client',
      // Otherwise it would be the client of an earlier registration.
      software_id: randomToken(8),
      ...metadata,
    }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as Registered;
}

export interface Asked {
  readonly url: string;
  readonly code_verifier: string;
  readonly state: string;
}

/** An authorization URL; an undefined parameter is left out. */
export function authorizationUrl(
  client: Registered,
  parameters: Readonly<Record<string, string | undefined>> = {},
): Asked {
  const code_verifier = randomToken();
  const state = randomToken(8);
  const all: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: codeChallengeOf(code_verifier),
    code_challenge_method: 'S256',
    state,
    ...parameters,
  };
  const query = new URLSearchParams(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { url: `/oauth/authorize?${query.toString()}`, code_verifier, state };
}

/** Signs in when the house asks for it. */
export async function signInAt(browser: Browser, arrived: Arrived): Promise<Arrived> {
  const page = pageOf(arrived);
  return page.url.pathname === '/sign-in' ? browser.submit(page, { email: EMAIL, password: PASSWORD }) : page;
}

/** A browser of its own, in which the person has signed in. */
export async function signedInBrowser(house: Site): Promise<Browser> {
  const browser = openBrowserAt(house);
  await signInAt(browser, await browser.open('/sign-in'));
  return browser;
}

/** A signed-in browser goes all the way and allows. */
export async function authorizeAndAllow(
  house: Site,
  client: Registered,
  parameters: Readonly<Record<string, string | undefined>> = {},
  browser: Browser = openBrowserAt(house),
): Promise<{ code: string; code_verifier: string; browser: Browser; redirect: URL }> {
  const asked = authorizationUrl(client, parameters);
  let arrived = await browser.open(asked.url);
  if ('html' in arrived) arrived = await signInAt(browser, arrived);
  if ('html' in arrived) arrived = await browser.submit(arrived, { decision: 'allow' });
  const redirect = leftTo(arrived);
  const code = redirect.searchParams.get('code');
  assert.ok(code, redirect.href);
  return { code, code_verifier: asked.code_verifier, browser, redirect };
}

export function askToken(
  house: Site,
  form: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
) {
  return house.ask('/oauth/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly token_type: string;
}

/** The token request for a code (RFC 6749 §4.1.3) of a client without a secret. */
export function codeForm(
  { client_id }: Pick<Registered, 'client_id'>,
  { code, code_verifier }: { readonly code: string; readonly code_verifier: string },
  redirect_uri: string = REDIRECT_URI,
) {
  return { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier };
}

export async function redeem(
  house: Site,
  client: Registered,
  code: string,
  code_verifier: string,
  redirect_uri: string = REDIRECT_URI,
): Promise<Tokens> {
  const response = await askToken(house, codeForm(client, { code, code_verifier }, redirect_uri));
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Tokens;
}

export function refresh(
  house: Site,
  client: Registered,
  refresh_token: string,
  more: Record<string, string> = {},
) {
  return askToken(house, {
    grant_type: 'refresh_token',
    client_id: client.client_id,
    refresh_token,
    ...more,
  });
}

/** The whole way: a client with tokens. */
export async function connect(house: Site, parameters: Readonly<Record<string, string | undefined>> = {}) {
  const client = await register(house);
  const { code, code_verifier, browser } = await authorizeAndAllow(house, client, parameters);
  return { client, browser, code, code_verifier, tokens: await redeem(house, client, code, code_verifier) };
}

/** One legacy `tools/list`, which any good token may ask for. */
export function askMcp(
  house: Site,
  access_token?: string,
  body: object = { jsonrpc: '2.0', id: 1, method: 'tools/list' },
) {
  return house.ask('/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(access_token !== undefined && { authorization: `Bearer ${access_token}` }),
    },
    body: JSON.stringify(body),
  });
}

export async function errorOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: string }).error;
}
