// An OpenID Provider that does what a test says, right at first: its metadata, its keys, its tokens and its UserInfo can each
// be changed, on a small internet of this process.
import type { IncomingMessage } from 'node:http';
import { guardedFetch } from '@sallyport/guarded-fetch';
import type { Log } from '@sallyport/protocol';
import { clientKey, signed, type ClientKey } from '../../../authorization-server/test/assertions.ts';
import { json, openWorld, type Answer, type World } from '../../../guarded-fetch/test/world.ts';
import { openIdProvider } from '../../src/providers/oidc.ts';
import { openIdRows } from '../../src/providers/openid-rows.ts';
import type { OpenIdSettings } from '../../src/providers/openid/row.ts';
import type { Arrived, Leaving, UpstreamProvider } from '../../src/providers/provider.ts';

export const HOST = 'id.example.com';
export const OTHER_HOST = 'api.example.net';
/** Where Entra is asked about tenants of all kinds. */
export const MANY_TENANTS = 'login.microsoftonline.com';
export const ISSUER = `https://${HOST}`;
export const NOW = 1_700_000_000;
export const REDIRECT_URI = 'https://mcp.example.com/oidc/callback';
export const CLIENT = { clientId: 'client-1', clientSecret: 'secret:of/client 1' };
const NAMED = { id: 'oidc', title: 'Example', callbackPath: '/oidc/callback' };

type Members = Readonly<Record<string, unknown>>;

export interface TokenAsked {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface Double {
  readonly world: World;
  /** Without its host: `/jwks`. In place of what is there. */
  answer(path: string, answer: Answer, host?: string): void;
  /** What the metadata says besides or otherwise. */
  says(changes: Members): void;
  /** What it publishes, and what it signs with. */
  keys: readonly ClientKey[];
  signsWith: ClientKey;
  /** Besides or otherwise; undefined leaves out. */
  claims: Members;
  /** Epoch seconds, and the nonce of the sign-in under way: what its ID tokens say. */
  now: number;
  nonce: string;
  header: Members;
  /** Besides the tokens, or in place of them. */
  tokens: Members;
  userinfo: Members | undefined;
  /** How long it is waited for. */
  milliseconds: number;
  /** Requests at the token endpoint. */
  readonly asked: TokenAsked[];
  readonly logged: { readonly event: string; readonly facts: Members }[];
  /** With nothing fetched yet. */
  provider(settings?: Partial<OpenIdSettings>, kind?: string): UpstreamProvider;
  close(): Promise<void>;
}

export async function openDouble(): Promise<Double> {
  const world = await openWorld([HOST, OTHER_HOST, MANY_TENANTS]);
  const key = clientKey('RS256', 'key-1');
  const metadata: Record<string, unknown> = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    jwks_uri: `${ISSUER}/jwks`,
    userinfo_endpoint: `${ISSUER}/userinfo`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  };
  const at = (path: string, answer: Answer, host = HOST) => void world.pages.set(`${host}${path}`, answer);
  const double: Double = {
    world,
    answer: at,
    says: (changes) => void Object.assign(metadata, changes),
    keys: [key],
    signsWith: key,
    claims: {},
    now: NOW,
    nonce: NONCE,
    header: {},
    tokens: {},
    userinfo: undefined,
    milliseconds: 5_000,
    asked: [],
    logged: [],
    provider(settings = {}, kind = 'oidc') {
      const row = openIdRows.find((one) => one.kind === kind);
      if (row === undefined) throw new RangeError(kind);
      const log: Log = (_level, event, facts = {}) => void double.logged.push({ event, facts });
      const { network } = world;
      const { milliseconds } = double;
      const fetch = {
        operator: guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, network, milliseconds }),
        stranger: guardedFetch({ network, milliseconds }),
      };
      return openIdProvider(row, { ...NAMED, ...CLIENT, issuer: ISSUER, ...settings }, { fetch, log });
    },
    close: () => world.close(),
  };
  at('/.well-known/openid-configuration', (request, response) => json(metadata)(request, response));
  at('/jwks', (request, response) => json({ keys: double.keys.map(({ jwk }) => jwk) })(request, response));
  at('/userinfo', (request, response) => json(double.userinfo ?? {})(request, response));
  at('/token', (request, response) => {
    void bodyOf(request).then((body) => {
      double.asked.push({ form: new URLSearchParams(body), authorization: request.headers.authorization });
      const tokens = { access_token: 'access-1', token_type: 'Bearer', expires_in: 300 };
      const others = { refresh_token: 'refresh-1', id_token: idTokenOf(double), ...double.tokens };
      json({ ...tokens, ...others })(request, response);
    });
  });
  return double;
}

export const NONCE = 'nonce-of-this-sign-in';
const VERIFIER = 'v'.repeat(43);

/** By what the double says at this moment. */
export function idTokenOf({ signsWith, claims, header, now, nonce }: Double): string {
  const { alg, jwk } = signsWith;
  const right = {
    iss: ISSUER,
    aud: CLIENT.clientId,
    sub: 'person-1',
    iat: now,
    exp: now + 300,
    nonce,
    email: 'Person@example.com',
    email_verified: true,
    name: 'A Person',
  };
  return signed(signsWith, { alg, kid: jwk.kid, typ: 'JWT', ...header }, { ...right, ...claims });
}

export function leave(provider: UpstreamProvider, now = NOW, more: Partial<Leaving> = {}): Promise<URL> {
  const asked = { redirect_uri: REDIRECT_URI, state: 'state-1', nonce: NONCE, code_verifier: VERIFIER };
  return provider.begin({ ...asked, again: false, now, ...more }).then((url) => new URL(url));
}

export function comeBack(
  provider: UpstreamProvider,
  now = NOW,
  parameters: Readonly<Record<string, string>> = { code: 'code-1' },
): Promise<Arrived> {
  const returned = { redirect_uri: REDIRECT_URI, nonce: NONCE, code_verifier: VERIFIER, now };
  return provider.finish({ ...returned, parameters: new URLSearchParams(parameters) });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
