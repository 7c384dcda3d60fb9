// `oidc-provider` as an authorization server for an MCP client: public clients that register themselves, PKCE, one
// resource with ES256 JWT access tokens, rotated refresh tokens; everything in memory.

import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { listenAnywhere, serveBench } from './child.ts';
import { mapAdapter } from './map-adapter.ts';

let listener: RequestListener = (_request, response) => void response.writeHead(503).end();
const server = createServer((request, response) => listener(request, response));
const origin = await listenAnywhere(server);
const resource = `${origin}/mcp`;
const { privateKey } = await generateKeyPair('ES256', { extractable: true });

const provider = new Provider(origin, {
  adapter: mapAdapter(),
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'oidc' }] },
  cookies: { keys: ['a cookie key of this run only'] },
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  findAccount: (_ctx: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  issueRefreshToken: (_ctx: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
    client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read',
        audience: resource,
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

const answer = provider.callback();
listener = (request, response) => {
  if (request.url?.startsWith('/interaction/') === true) void signInAndAllow(request, response);
  else void answer(request, response);
};

serveBench(
  {
    authorizationServer: {
      metadata: `${origin}/.well-known/openid-configuration`,
      register: `${origin}/reg`,
      authorize: `${origin}/auth`,
      token: `${origin}/token`,
      parameters: { resource, scope: 'read' },
    },
  },
  () => undefined,
);

/** What a sign-in page and a consent page would end with. */
async function signInAndAllow(...[request, response]: Parameters<RequestListener>): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = 'user-1';
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addResourceScope(resource, 'read');
  const grantId = await grant.save();
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } });
}
