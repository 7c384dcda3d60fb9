// Somebody else's authorization server, as a function in place of `fetch`: its documents, its keys, its word about tokens;
// and everything it was asked.
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

export const now = 1_800_000_000;
export const issuer = 'https://login.example.com';
export const resource = 'https://mcp.example.com/mcp';

export const claims: JWTPayload = {
  iss: issuer,
  sub: 'person',
  aud: resource,
  client_id: 'client',
  scope: 'read write',
  iat: now,
  exp: now + 600,
};

export interface Key {
  readonly kid: string;
  readonly jwk: JWK;
  sign(claims: Readonly<Record<string, unknown>>, header?: Record<string, unknown>): Promise<string>;
}

export async function newKey(kid: string, alg = 'ES256'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return {
    kid,
    jwk,
    sign: (said, header) =>
      new SignJWT(said).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(privateKey),
  };
}

type Answer = (request: Request) => Response | Promise<Response>;

export interface ForeignIssuer {
  readonly fetch: typeof globalThis.fetch;
  /** Every URL it was asked for. */
  readonly asked: string[];
  /** What it answers, by path; to be changed. */
  readonly answers: Map<string, Answer>;
  /** Of those questions, how many were for this path. */
  readonly times: (path: string) => number;
}

export const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  jwks_uri: `${issuer}/jwks`,
  introspection_endpoint: `${issuer}/introspect`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
};

export function foreignIssuer(keys: readonly Key[], document: object = metadata): ForeignIssuer {
  const asked: string[] = [];
  const answers = new Map<string, Answer>([
    ['/.well-known/oauth-authorization-server', () => Response.json(document)],
    ['/jwks', () => Response.json({ keys: keys.map(({ jwk }) => jwk) })],
  ]);
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(request.url);
    const answer = answers.get(new URL(request.url).pathname);
    return answer === undefined ? new Response('not found', { status: 404 }) : answer(request);
  };
  return {
    fetch,
    asked,
    answers,
    times: (path) => asked.filter((url) => new URL(url).pathname === path).length,
  };
}
