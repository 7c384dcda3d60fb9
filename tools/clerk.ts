// Clerk for tests: the emulation of `emulate` (people, sign-in, codes, OpenID discovery, users by the Backend API), and in
// front of it what it lacks of Clerk's OAuth. Each rule of ours names where Clerk says it.
//
// [1] https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth
// [2] https://clerk.com/docs/guides/development/machine-auth/token-formats
// [3] https://clerk.com/docs/guides/configure/auth-strategies/oauth/verify-oauth-tokens
// [4] https://clerk.com/docs/reference/backend-api, "OAuth Access Tokens"
// [5] @clerk/backend 3.25.0, src/api/resources/IdPOAuthAccessToken.ts and src/tokens/machine.ts
// [6] https://github.com/clerk/javascript/pull/9585: `aud` is set only where `resource` was asked for

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createEmulator } from 'emulate';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { freePort } from '../packages/sallyport/test/program/free-port.ts';

export interface ClerkOptions {
  /** Of clients that register; the emulation must know them before it starts. */
  readonly redirect_uris: readonly string[];
  readonly users: readonly ClerkPerson[];
}

export interface ClerkPerson {
  readonly clerk_id: string;
  readonly email_addresses: readonly string[];
  readonly first_name: string;
  readonly last_name: string;
  readonly private_metadata?: Readonly<Record<string, unknown>>;
}

export interface Clerk {
  /** The Frontend API, which is the issuer, and here the Backend API too. */
  readonly issuer: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** Which of Clerk's formats the token endpoint gives out [2]. */
  format: 'jwt' | 'opaque';
  /** Requests so far, as "METHOD /path". */
  readonly asked: string[];
  /** An access token as Clerk would sign it, but for what is changed. */
  accessToken(changed?: Readonly<Record<string, unknown>>): Promise<string>;
  /** An opaque token that Clerk knows. */
  opaqueToken(changed?: Partial<Opaque>): string;
  /** A person who chooses who they are. @param at where a client sent the browser @returns where it goes back to */
  signIn(at: URL, who: ClerkPerson): Promise<URL>;
  close(): Promise<void>;
}

/** What the Backend API says of an opaque token [4]. */
interface Opaque {
  readonly client_id: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly revoked: boolean;
  readonly expired: boolean;
  readonly expiration: number | null;
  readonly aud?: readonly string[];
}

const clientId = 'emulated_client';
const kid = 'ins_double';
/** One day [1]. */
const lifetimeSeconds = 86_400;

export async function startClerk({ redirect_uris, users }: ClerkOptions): Promise<Clerk> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const secretKey = `sk_test_${randomBytes(20).toString('hex')}`;
  const asked: string[] = [];
  const opaqueTokens = new Map<string, Opaque>();
  /** Code → what was asked for with it. */
  const resources = new Map<string, string | null>();
  /** Challenge → the same, while the person looks at the page. */
  const waiting = new Map<string, string | null>();

  const listener = getRequestListener((request) => answer(request));
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const emulatedPort = await freePort();
  const emulated = await createEmulator({
    service: 'clerk',
    port: emulatedPort,
    baseUrl: issuer,
    seed: {
      tokens: { [secretKey]: { login: 'backend' } },
      clerk: {
        users,
        oauth_applications: [{ client_id: clientId, name: 'Registered', redirect_uris, public: true }],
      },
    },
  });

  const clerk: Clerk = {
    issuer,
    publishableKey: `pk_test_${Buffer.from(`127.0.0.1:${port}$`).toString('base64')}`,
    secretKey,
    format: 'jwt',
    asked,
    accessToken: (changed) => sign({ sub: users[0]?.clerk_id, scope: 'profile email', ...changed }),
    opaqueToken: (changed) =>
      keep({ client_id: clientId, subject: users[0]?.clerk_id ?? '', ...standing(), ...changed }),
    signIn,
    async close() {
      await emulated.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return clerk;

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    switch (`${request.method} ${pathname}`) {
      // RFC 8414, "out of the box" [1]; members as the documents of Clerk's instances have them.
      case 'GET /.well-known/oauth-authorization-server':
        return Response.json(metadata(issuer));
      case 'GET /.well-known/openid-configuration':
        return Response.json({ ...((await (await pass(request)).json()) as object), ...metadata(issuer) });
      // The Frontend API's, and the Backend API's for Clerk's own SDKs.
      case 'GET /.well-known/jwks.json':
      case 'GET /v1/jwks':
        return Response.json({
          keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }],
        });
      case 'POST /oauth/register':
        return register((await request.json()) as Record<string, unknown>);
      case 'GET /oauth/authorize':
        waiting.set(searchParams.get('code_challenge') ?? '', searchParams.get('resource'));
        return pass(request);
      case 'POST /oauth/authorize/callback':
        return giveCode(request);
      case 'POST /oauth/token':
        return giveTokens(request);
      // Clerk's own SDKs leave the version out of this path alone.
      case 'POST /oauth_applications/access_tokens/verify':
      case 'POST /v1/oauth_applications/access_tokens/verify':
        return verify(request);
      default:
        return pass(request);
    }
  }

  /** RFC 7591; Clerk gives those that register the scopes of its instance when they ask for none [1]. */
  function register(asking: Record<string, unknown>): Response {
    const wanted = asking['redirect_uris'];
    const known = Array.isArray(wanted) && wanted.every((uri: string) => redirect_uris.includes(uri));
    if (!known) return Response.json({ error: 'invalid_redirect_uri' }, { status: 400 });
    const scope = asking['scope'] ?? 'email offline_access profile';
    return Response.json({ ...asking, client_id: clientId, scope }, { status: 201 });
  }

  async function giveCode(request: Request): Promise<Response> {
    const challenge = new URLSearchParams(await request.clone().text()).get('code_challenge') ?? '';
    const response = await pass(request);
    const code = URL.parse(response.headers.get('location') ?? '')?.searchParams.get('code');
    if (typeof code === 'string') resources.set(code, waiting.get(challenge) ?? null);
    return response;
  }

  /** The emulation judges the code and its verifier; the token is one that Clerk would give. */
  async function giveTokens(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.clone().text());
    const response = await pass(request);
    if (!response.ok) return response;
    const given = (await response.json()) as Record<string, string>;
    const sub = (JSON.parse(atob(given['id_token']?.split('.')[1] ?? '')) as { sub: string }).sub;
    const resource = resources.get(form.get('code') ?? '') ?? null;
    const scope = given['scope'] ?? '';
    // RFC 8707 §2.2, and [6].
    const aud = resource === null ? {} : { aud: [resource] };
    const access_token =
      clerk.format === 'jwt'
        ? await sign({ sub, scope, ...aud })
        : keep({ client_id: clientId, subject: sub, ...standing(), scopes: scope.split(' '), ...aud });
    return Response.json({ access_token, token_type: 'bearer', expires_in: lifetimeSeconds, scope });
  }

  /** [3]: with the secret key; [4]: 404 of what is unknown. */
  async function verify(request: Request): Promise<Response> {
    if (request.headers.get('authorization') !== `Bearer ${secretKey}`)
      return Response.json({ errors: [{ code: 'secret_key_invalid' }] }, { status: 401 });
    const { access_token } = (await request.json()) as { access_token: string };
    const known = opaqueTokens.get(access_token);
    if (known === undefined)
      return Response.json({ errors: [{ code: 'resource_not_found' }] }, { status: 404 });
    const object = 'clerk_idp_oauth_access_token';
    const now = epochSeconds();
    return Response.json({
      object,
      id: 'oat_id',
      type: 'oauth_token',
      ...known,
      created_at: now,
      updated_at: now,
    });
  }

  /** `typ` and claims as [5] reads them. */
  function sign({ exp, iss, ...claims }: Record<string, unknown>): Promise<string> {
    const now = epochSeconds();
    return new SignJWT({ client_id: clientId, jti: `oat_${randomBytes(8).toString('hex')}`, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt' })
      .setIssuer(typeof iss === 'string' ? iss : issuer)
      .setIssuedAt(now)
      .setNotBefore(now - 10)
      .setExpirationTime(typeof exp === 'number' ? exp : now + lifetimeSeconds)
      .sign(privateKey);
  }

  function keep(token: Opaque): string {
    const value = `oat_${randomBytes(20).toString('hex')}`;
    opaqueTokens.set(value, token);
    return value;
  }

  async function pass(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = request.method === 'GET' ? undefined : await request.text();
    const headers = new Headers(request.headers);
    for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) headers.delete(name);
    const { method } = request;
    const answered = await fetch(`http://127.0.0.1:${emulatedPort}${pathname}${search}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
    });
    const bytes = await answered.arrayBuffer();
    const told = new Headers(answered.headers);
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) told.delete(name);
    return new Response(bytes, { status: answered.status, headers: told });
  }
}

function metadata(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    // There once dynamic registration is switched on in the dashboard [1].
    registration_endpoint: `${issuer}/oauth/register`,
    scopes_supported: ['openid', 'profile', 'email', 'public_metadata', 'private_metadata', 'offline_access'],
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  };
}

function standing() {
  return {
    scopes: ['profile', 'email'],
    revoked: false,
    expired: false,
    expiration: epochSeconds() + lifetimeSeconds,
  };
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function signIn(at: URL, { email_addresses: [email = ''] }: ClerkPerson): Promise<URL> {
  const page = await (await fetch(at)).text();
  const form = page.split('<form').find((one) => one.includes(email)) ?? '';
  const fields = Array.from(
    form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g),
    ([, name = '', value = '']): [string, string] => [name, value.replaceAll('&amp;', '&')],
  );
  const response = await fetch(new URL('/oauth/authorize/callback', at), {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  const location = response.headers.get('location');
  if (location === null) throw new Error(await response.text());
  return new URL(location);
}
