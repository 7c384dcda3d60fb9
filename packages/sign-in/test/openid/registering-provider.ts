// `oidc-provider` at which clients register themselves, under an issuer that a provider really has: on a small internet of
// this process, over TLS. It keeps a ledger of who registered.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { Provider } from 'oidc-provider';
import { openWorld, type World } from '../../../guarded-fetch/test/world.ts';
import { findAccount, privateJwk } from './oidc-provider.ts';

export interface RegisteringProvider {
  readonly issuer: string;
  readonly world: World;
  /** Ids, in the order in which they were registered. */
  readonly registered: readonly string[];
  /** What each asked for. */
  readonly wanted: readonly Readonly<Record<string, unknown>>[];
  /** As if it had never been registered. */
  forget(client_id: string): Promise<void>;
  /** One request, as a browser sends it. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

export async function openRegisteringProvider(
  options: { readonly host?: string; readonly initialAccessToken?: string } = {},
): Promise<RegisteringProvider> {
  const { host = 'clerk.example.com', initialAccessToken } = options;
  const world = await openWorld([host]);
  const issuer = `https://${host}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [privateJwk('RS256')] },
    findAccount,
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['a key of a test'] },
    features: {
      registration: {
        enabled: true,
        ...(initialAccessToken !== undefined && { initialAccessToken }),
      },
    },
  });
  const registered: string[] = [];
  const wanted: Readonly<Record<string, unknown>>[] = [];
  provider.on('registration_create.success', (context, { clientId }) => {
    registered.push(clientId);
    wanted.push(context.oidc.body);
  });
  const answer = provider.callback();
  world.sites.set(host, (request, response) => void answer(request, response));
  return {
    issuer,
    world,
    registered,
    wanted,
    forget: (client_id) => provider.Client.adapter.destroy(client_id),
    ask: (path, init) => ask(world, new URL(path, issuer), init),
    close: () => world.close(),
  };
}

async function ask({ port, cert }: World, url: URL, init: RequestInit = {}): Promise<Response> {
  const { body = '' } = init;
  assert.ok(typeof body === 'string');
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host: url.host };
  const { method = 'GET' } = init;
  const path = url.pathname + url.search;
  const to = { host: '127.0.0.1', port, servername: url.hostname, ca: cert, method, path, headers };
  const sent = httpsRequest(to).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const pairs = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const bytes = Buffer.concat((await answer.toArray()) as Buffer[]);
  const status = answer.statusCode ?? 0;
  return new Response(bytes.length === 0 ? null : bytes, { status, headers: pairs });
}
