// An authorization server that others wrote (oidc-provider), for any resource: clients register themselves, whoever comes
// is signed in as Ann and allows everything, and access tokens are JWTs or opaque.

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export const introspecting = { client_id: 'example', client_secret: 'a-secret-of-the-example' };

export interface OidcIssuer {
  readonly issuer: string;
  close(): Promise<void>;
}

export async function openOidcIssuer(options: {
  readonly scope: string;
  readonly accessTokenFormat: 'jwt' | 'opaque';
}): Promise<OidcIssuer> {
  const { scope, accessTokenFormat } = options;
  let listener: RequestListener = (_, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'oidc' }] },
    cookies: { keys: ['a cookie key of this run only'] },
    clients: [{ ...introspecting, redirect_uris: [], response_types: [], grant_types: [] }],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access', scope],
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, indicator: string) => ({
          scope,
          audience: indicator,
          accessTokenFormat,
          ...(accessTokenFormat === 'jwt' && { jwt: { sign: { alg: 'ES256' } } }),
        }),
      },
    },
  });
  const answer = provider.callback();
  listener = (request, response) =>
    void (request.url?.startsWith('/interaction/') === true
      ? allow(request, response)
      : answer(request, response));
  return {
    issuer,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function allow(...[request, response]: Parameters<RequestListener>): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const accountId = 'ann';
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope(String(params['scope']));
    grant.addResourceScope(String(params['resource']), scope);
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { login: { accountId }, consent });
  }
}

/** What a browser does, without anybody at it, until it is sent to the client. */
export async function followRedirects(url: URL, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  for (let next = url, hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined) cookies.set(name, value ?? '');
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(`${next.href} answered ${response.status}: ${await response.text()}`);
    next = new URL(location, next);
    if (next.href.startsWith(redirectUri)) return next;
  }
  throw new Error('the browser goes in circles');
}
