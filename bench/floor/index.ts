// The floor: `node:http` and `node:crypto` by hand, doing only what cannot be left out and judging nothing. It is no
// server that anybody should run; it says what an operation costs before anything is checked, explained or logged.
//
//   node bench/floor/index.ts memory | sqlite

import { generateKeyPairSync, hash, randomFillSync, sign, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenAnywhere, serveBench } from '../servers/child.ts';
import { memoryStore } from './memory.ts';
import { sqliteStore } from './sqlite.ts';

const store = process.argv[2] === 'sqlite' ? sqliteStore() : memoryStore();
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwtHeader = encode({ alg: 'ES256', typ: 'at+jwt', kid: 'floor' });
const userId = 'user-1';
const sessionToken = randomToken();

const server = createServer((request, response) => void answer(request, response));
const origin = await listenAnywhere(server);
const issued = { iss: origin, aud: `${origin}/mcp`, scope: 'read' };
const metadata = JSON.stringify({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
});
/** Judged tokens by digest: who calls, and until when. */
const judged = new Map<string, { readonly sub: string; readonly exp: number }>();

store.addUser({ id: userId, email: 'ada@example.com', name: 'Ada' });
await store.keepSession(digest(sessionToken), userId);

serveBench(
  {
    authorizationServer: {
      metadata: `${origin}/metadata`,
      register: `${origin}/register`,
      authorize: `${origin}/authorize`,
      token: `${origin}/token`,
      parameters: { resource: `${origin}/mcp`, scope: 'read' },
      cookie: `session=${sessionToken}`,
    },
    mcp: { guarded: `${origin}/mcp`, unguarded: `${origin}/open` },
  },
  () => store.close(),
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  const end = url.indexOf('?');
  switch (end === -1 ? url : url.slice(0, end)) {
    case '/metadata':
      return json(response, 200, metadata);
    case '/register':
      return json(response, 201, await register(await bodyOf(request)));
    case '/authorize':
      return authorize(new URLSearchParams(url.slice(end)), request, response);
    case '/token':
      return json(response, 200, await token(new URLSearchParams(await bodyOf(request))));
    case '/mcp':
      return json(response, 200, call(await bodyOf(request), callerOf(request)));
    case '/open':
      return json(response, 200, call(await bodyOf(request), userId));
    default:
      response.writeHead(404).end();
  }
}

async function register(body: string): Promise<string> {
  const { redirect_uris } = JSON.parse(body) as { redirect_uris: string[] };
  const client_id = randomToken();
  await store.addClient(client_id, JSON.stringify({ redirect_uris }));
  return JSON.stringify({ client_id, redirect_uris, token_endpoint_auth_method: 'none' });
}

async function authorize(query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
  const client_id = query.get('client_id') ?? '';
  const redirect_uri = query.get('redirect_uri') ?? '';
  const { redirect_uris } = JSON.parse(store.client(client_id) ?? '{}') as { redirect_uris?: string[] };
  const user = store.session(digest((request.headers.cookie ?? '').slice('session='.length)));
  if (user === undefined || redirect_uris?.includes(redirect_uri) !== true) {
    response.writeHead(400).end();
    return;
  }
  if (!store.hasConsent(user, client_id)) await store.keepConsent(user, client_id);
  const code = randomToken();
  const challenge = query.get('code_challenge') ?? '';
  await store.addCode({ digest: digest(code), client_id, user, redirect_uri, challenge });
  const answered = new URLSearchParams({ code, state: query.get('state') ?? '', iss: origin });
  response.writeHead(303, { location: `${redirect_uri}?${answered.toString()}` }).end();
}

async function token(form: URLSearchParams): Promise<string> {
  const client_id = form.get('client_id') ?? '';
  const refresh_token = randomToken();
  const successor = { digest: digest(refresh_token), client_id };
  const user =
    form.get('grant_type') === 'refresh_token'
      ? await store.rotate(digest(form.get('refresh_token') ?? ''), successor)
      : await redeem(form, successor);
  const iat = Math.floor(Date.now() / 1000);
  const claims = encode({ ...issued, sub: user, client_id, iat, exp: iat + 3600, jti: randomToken() });
  const input = `${jwtHeader}.${claims}`;
  // Left as it comes: in the form of RFC 7518 it would cost as much again, or ten lines by hand.
  const signature = sign('sha256', Buffer.from(input), privateKey);
  const access_token = `${input}.${signature.toString('base64url')}`;
  return JSON.stringify({
    access_token,
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token,
    scope: 'read',
  });
}

async function redeem(form: URLSearchParams, refresh: { digest: string; client_id: string }) {
  const code = digest(form.get('code') ?? '');
  if (store.code(code)?.challenge !== digest(form.get('code_verifier') ?? '')) throw new Error('PKCE');
  return store.redeem(code, refresh);
}

function callerOf({ headers: { authorization = '' } }: IncomingMessage): string {
  const jwt = authorization.slice('Bearer '.length);
  const key = digest(jwt);
  const known = judged.get(key) ?? judge(jwt);
  judged.set(key, known);
  if (known.exp < Date.now() / 1000) throw new Error('expired');
  return known.sub;
}

function judge(jwt: string): { sub: string; exp: number } {
  const [header, claims = '', signature = ''] = jwt.split('.');
  const bytes = Buffer.from(`${header}.${claims}`);
  if (!verify('sha256', bytes, publicKey, Buffer.from(signature, 'base64url'))) throw new Error('signature');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string; exp: number };
}

/** `ping` and `tools/call`, whichever tool. */
function call(body: string, sub: string): string {
  const { id, method } = JSON.parse(body) as { id: number; method: string };
  if (method === 'ping') return JSON.stringify({ jsonrpc: '2.0', id, result: {} });
  const structuredContent = store.user(sub);
  const content = [{ type: 'text', text: JSON.stringify(structuredContent) }];
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content, structuredContent } });
}

function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  await new Promise((resolve) => request.on('end', resolve));
  return Buffer.concat(parts).toString();
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

function randomToken(): string {
  return randomFillSync(Buffer.alloc(32)).toString('base64url');
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
