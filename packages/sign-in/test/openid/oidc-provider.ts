// `oidc-provider` as somebody runs it: with its own pages for signing in and for consent, and keys that can be changed while
// it runs. On this machine, over http.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface RunningProvider {
  readonly issuer: string;
  /** Signs with a new key from now on; the old ones are published beside it, or not any more. */
  changeKey(alg: 'RS256' | 'ES256' | 'PS256' | 'EdDSA', old: 'kept' | 'withdrawn'): void;
  /** Knows its clients by another secret from now on. */
  replaceSecrets(client_secret: string): void;
  /** Answers with the status that this says, in place of its own answer. */
  answerWith(status: (path: string) => number | undefined): void;
  /** Has an account of nobody by this name any more, or again. */
  disable(accountId: string, isDisabled?: boolean): void;
  /** One request to it, as a browser sends it. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

/** As RFC 7591 has them. */
type ClientMetadata = Readonly<Record<string, unknown>>;
type PrivateJwk = Readonly<Record<string, unknown>> & { readonly alg: string };

/** Whoever signs in as `ada` is ada@example.com, of two groups. */
export const findAccount = (_context: unknown, accountId: string) => ({
  accountId,
  claims: () => ({
    sub: accountId,
    email: `${accountId}@example.com`,
    email_verified: true,
    name: accountId,
    groups: ['staff', accountId],
  }),
});

let made = 0;
export function privateJwk(alg: string): PrivateJwk {
  made += 1;
  const { privateKey } =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${made}`, use: 'sig', alg };
}

/**
 * @param path what its issuer has after the host: `/` alone, or where it is mounted below
 * @param registered hears of each client that registers itself; absent: none can
 */
export async function openOidcProvider(
  clients: readonly ClientMetadata[],
  {
    path = '',
    registered,
  }: { readonly path?: string; readonly registered?: (client_id: string) => void } = {},
): Promise<RunningProvider> {
  let handle: ReturnType<Provider['callback']>;
  let statusFor = (_path: string): number | undefined => undefined;
  const disabled = new Set<string>();
  let known = clients;
  const findEnabled = (context: unknown, id: string) =>
    disabled.has(id) ? undefined : findAccount(context, id);
  const mounted = path.replace(/\/$/, '');
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (!url.startsWith(mounted)) return void response.writeHead(404).end();
    const status = statusFor(url);
    if (status !== undefined) return void response.writeHead(status).end();
    // Its own URLs begin with what it finds here that is missing there.
    if (mounted !== '') Object.assign(request, { originalUrl: url, url: url.slice(mounted.length) });
    void handle(request, response);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}${path}`;
  let keys: readonly PrivateJwk[] = [];
  changeKey('RS256', 'withdrawn');
  return {
    issuer,
    changeKey,
    replaceSecrets(client_secret) {
      known = clients.map((client) => ({ ...client, client_secret }));
      changeKey('RS256', 'kept');
    },
    answerWith(status) {
      statusFor = status;
    },
    disable(accountId, isDisabled = true) {
      if (isDisabled) disabled.add(accountId);
      else disabled.delete(accountId);
    },
    ask: (path, init) => fetch(new URL(path, issuer), { redirect: 'manual', ...init }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function changeKey(alg: string, old: 'kept' | 'withdrawn'): void {
    keys = [privateJwk(alg), ...(old === 'kept' ? keys : [])];
    const signed = known.map((client) => ({ id_token_signed_response_alg: alg, ...client }));
    // What it has given out is in memory, beside the provider itself.
    const provider = new Provider(issuer, {
      clients: signed,
      jwks: { keys },
      findAccount: findEnabled,
      claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
      cookies: { keys: ['a key of a test'] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'PS256', 'EdDSA'] },
      features: {
        revocation: { enabled: true },
        registration: { enabled: registered !== undefined },
      },
    });
    provider.on('registration_create.success', (_context, { clientId }) => registered?.(clientId));
    handle = provider.callback();
  }
}
