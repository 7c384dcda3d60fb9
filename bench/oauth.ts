// A client of any of the measured authorization servers, as far as the rows need it.

import { createHash, randomUUID } from 'node:crypto';
import { openBrowserAt } from '../packages/sallyport/test/house/browser.ts';
import { sendFor } from './http.ts';
import type { Offered } from './servers/child.ts';

type AuthorizationServer = NonNullable<Offered['authorizationServer']>;

/** Who signs in, at the server that has a form for it. */
export const account = { email: 'ada@example.com', password: 'correct horse battery' };

/** https, so that consent is remembered. */
const redirect_uri = 'https://client.example.com/callback';
const code_verifier = 'a-code-verifier-of-the-bench-that-has-48-characters';
const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');

export interface Client {
  readonly client_id: string;
  /** The browser in which the person is signed in and has consented. */
  readonly cookie: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export async function register(server: AuthorizationServer): Promise<string> {
  const { text } = await sendFor(201, server.register, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Bench',
      // Each is a client of its own: an identical registration would find the one before.
      software_id: randomUUID(),
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
    ...viaOf(server),
  });
  return (JSON.parse(text) as { client_id: string }).client_id;
}

/** Registers, signs in and consents, so that from now on a code is one request away. */
export async function connect(server: AuthorizationServer): Promise<Client> {
  const client_id = await register(server);
  const { origin } = new URL(server.authorize);
  const browser = openBrowserAt({
    origin,
    ask: (path, init) => fetch(new URL(path, origin), { redirect: 'manual', ...init }),
  });
  const [name, value] = server.cookie?.split('=') ?? [];
  if (name !== undefined && value !== undefined) browser.cookies.set(name, value);
  let arrived = await browser.open(authorizationUrl(server, client_id));
  for (let pages = 0; 'html' in arrived && pages < 3; pages += 1)
    arrived = await browser.submit(arrived, { ...account, decision: 'allow' });
  if ('html' in arrived) throw new Error(`the browser did not leave ${arrived.url.href}`);
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
  return { client_id, cookie };
}

/** Two requests: authorize, token. */
export async function codeFlow(server: AuthorizationServer, { client_id, cookie }: Client): Promise<Tokens> {
  const { location } = await sendFor(303, authorizationUrl(server, client_id), {
    headers: { cookie },
    ...viaOf(server),
  });
  const code = new URL(location).searchParams.get('code') ?? '';
  return askToken(server, { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier });
}

export function refresh(
  server: AuthorizationServer,
  client_id: string,
  refresh_token: string,
): Promise<Tokens> {
  return askToken(server, { grant_type: 'refresh_token', client_id, refresh_token });
}

async function askToken(server: AuthorizationServer, form: Record<string, string>): Promise<Tokens> {
  const { text } = await sendFor(200, server.token, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    ...viaOf(server),
  });
  const tokens = JSON.parse(text) as Partial<Tokens>;
  const { access_token, refresh_token } = tokens;
  // A JWT each, or the rows would not compare the same thing.
  if (access_token?.split('.').length !== 3 || refresh_token === undefined)
    throw new Error(`not the tokens that were asked for: ${Object.keys(tokens).join(', ')}`);
  return { access_token, refresh_token };
}

const viaOf = ({ via }: AuthorizationServer): { via?: string } => (via === undefined ? {} : { via: via() });

function authorizationUrl(server: AuthorizationServer, client_id: string): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri,
    code_challenge,
    code_challenge_method: 'S256',
    state: 'a-state-of-the-bench',
    ...server.parameters,
  });
  return `${server.authorize}?${query.toString()}`;
}
