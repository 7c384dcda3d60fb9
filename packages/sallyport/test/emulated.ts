// Providers as somebody else built them again: `emulate` runs GitHub, Google, Microsoft, Okta and Clerk on this machine.
// Where it differs from the real service, the test that meets the difference says so.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createEmulator } from 'emulate';
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { freePort } from './program/free-port.ts';

export interface Emulated {
  /** The service's address, http on this machine. */
  readonly url: string;
  /** What its OpenID configuration says it is; of GitHub, which has none, the address. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

export type Service = 'github' | 'google' | 'microsoft' | 'okta' | 'clerk';

export const people = {
  ada: { login: 'ada', email: 'ada@example.com', name: 'Ada Example' },
  bob: { login: 'bob', email: 'bob@example.org', name: 'Bob Example' },
} as const;

const clientId = 'example-client';
const clientSecret = 'example-secret-of-the-client';
/** emulate's Microsoft says of everybody that they are of the tenant of personal accounts, whichever was asked. */
export const tenant = '9188040d-6c67-4c5b-b112-36a304b66dad';
export const organization = 'example-org';

/** @param redirectUris what the operator registered there: everything else the service refuses itself */
export async function emulate(service: Service, redirectUris: readonly string[]): Promise<Emulated> {
  if (service === 'clerk') return clerkWithNonce(redirectUris);
  const port = await freePort();
  // A text, so that the host is the one that is listened on.
  const baseUrl = `http://127.0.0.1:${port}`;
  const running = await createEmulator({
    service,
    port,
    baseUrl,
    seed: { [service]: seedOf(service, redirectUris) },
  });
  const issuer = service === 'microsoft' ? `${baseUrl}/${tenant}/v2.0` : baseUrl;
  return { url: baseUrl, issuer, clientId, clientSecret, close: () => running.close() };
}

function seedOf(service: Service, redirect_uris: readonly string[]): Record<string, unknown> {
  const app = { client_id: clientId, client_secret: clientSecret, name: 'Example gate', redirect_uris };
  const everybody = Object.values(people);
  const named = everybody.map(({ email, name }) => {
    const [first_name = '', last_name = ''] = name.split(' ');
    return { email, first_name, last_name };
  });
  switch (service) {
    case 'github':
      return {
        users: everybody,
        orgs: [{ login: organization, name: 'Example', members: [{ login: 'ada', role: 'admin' }] }],
        oauth_apps: [app],
      };
    case 'google':
      return { users: [{ ...everybody[0], hd: 'example.com' }, everybody[1]], oauth_clients: [app] };
    case 'microsoft':
      return { users: everybody, oauth_clients: [app] };
    case 'okta':
      return {
        users: named.map((person) => ({ ...person, login: person.email })),
        oauth_clients: [app],
      };
    case 'clerk':
      return {
        users: named.map(({ email, ...person }) => ({ ...person, email_addresses: [email] })),
        oauth_applications: [app],
      };
  }
}

/**
 * emulate's Clerk forgets the nonce, which an ID token must bring back (OpenID Connect Core §3.1.3.6), and Clerk's does. So
 * a door stands before it that signs its ID tokens once more, with the nonce in them; all else passes as it is.
 */
async function clerkWithNonce(redirectUris: readonly string[]): Promise<Emulated> {
  const [port, behind] = [await freePort(), await freePort()];
  const baseUrl = `http://127.0.0.1:${port}`;
  const running = await createEmulator({
    service: 'clerk',
    port: behind,
    baseUrl,
    seed: { clerk: seedOf('clerk', redirectUris) },
  });
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'with-nonce', use: 'sig', alg: 'RS256' };
  const nonces = new Map<string, string>();
  const theirs = `http://127.0.0.1:${behind}`;

  async function answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = request.method === 'POST' ? await request.text() : undefined;
    if (pathname === '/v1/jwks') return Response.json({ keys: [jwk] });
    const response = await fetch(`${theirs}${pathname}${search}`, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
    const location = response.headers.get('location');
    if (pathname === '/oauth/authorize/callback' && location !== null) {
      const code = new URL(location).searchParams.get('code') ?? '';
      nonces.set(code, new URLSearchParams(body).get('nonce') ?? '');
    }
    if (pathname !== '/oauth/token' || response.status !== 200) return response;
    const tokens = (await response.json()) as { id_token: string };
    const keys = (await (await fetch(`${theirs}/v1/jwks`)).json()) as { keys: [JWK] };
    const { payload } = await jwtVerify(tokens.id_token, await importJWK(keys.keys[0], 'RS256'));
    const nonce = nonces.get(new URLSearchParams(body).get('code') ?? '');
    const id_token = await new SignJWT({ ...payload, nonce })
      .setProtectedHeader({ alg: 'RS256', kid: jwk.kid })
      .sign(privateKey);
    return Response.json({ ...tokens, id_token });
  }

  const door = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = 'GET', headers, url = '/' } = incoming;
      const kept = Object.entries(headers).filter(
        ([name]) => !['host', 'connection', 'content-length'].includes(name),
      );
      const request = new Request(`${baseUrl}${url}`, {
        method,
        headers: kept.map(([name, value]) => [name, String(value)]),
        ...(method === 'POST' && { body: Buffer.concat(chunks) }),
      });
      const response = await answer(request);
      const [type, location] = [response.headers.get('content-type'), response.headers.get('location')];
      outgoing.writeHead(response.status, {
        ...(type !== null && { 'content-type': type }),
        ...(location !== null && { location }),
      });
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    })();
  }).listen(port, '127.0.0.1');
  await once(door, 'listening');
  return {
    url: baseUrl,
    issuer: baseUrl,
    clientId,
    clientSecret,
    async close() {
      door.closeAllConnections();
      door.close();
      await running.close();
    },
  };
}

/**
 * What a person without scripts does at a service: opens the page, presses the button with their address or name on it.
 * @returns where the service sends the browser back to
 */
export async function pressAt(url: string, who: string): Promise<string> {
  const page = await fetch(url, { redirect: 'manual' });
  const html = await page.text();
  assert.equal(page.status, 200, html);
  const forms = [...html.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  const form = forms.find((one) => one.slice(one.indexOf('<button')).includes(who));
  assert.ok(form, `no button of ${who} at ${url}: ${html}`);
  const fields = [...form.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, unescaped(value)],
  );
  const action = new URL(unescaped(/action="([^"]*)"/.exec(form)?.[1] ?? ''), url);
  const answer = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
  const location = answer.headers.get('location');
  assert.ok(location, `${answer.status} ${await answer.text()}`);
  return location;
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll(/&#0?39;/g, "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
