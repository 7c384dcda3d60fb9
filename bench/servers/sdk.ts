// The official SDK's own guarded server: `requireBearerAuth` with a jose verifier before `createMcpHandler`, which serves
// the same tools on a store in memory. Behind the same HTTP adapter as Sallyport, so that only the SDK differs.

import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { OAuthError, OAuthErrorCode, requireBearerAuth } from '@modelcontextprotocol/server';
import type { OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { openStorage } from '@sallyport/storage';
import { recordsOperations, recordsToolset } from '@sallyport/toolsets';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { callerWith, sdk } from '../../packages/gateway/test/oracle.ts';
import { listenAnywhere, serveBench } from './child.ts';

const user = { id: 'user-1', email: 'ada@example.com', name: 'Ada', role: 'member' } as const;
const storage = await openStorage('sqlite::memory:');
await storage.addUser({ ...user, createdAt: 1_700_000_000, updatedAt: 1_700_000_000 });
const caller = callerWith(['read', 'write'], user.id);
const definition = { toolset: recordsToolset(storage), serverInfo: { name: 'sdk', version: '1.0.0' } };
const schemas = Object.fromEntries(recordsOperations.map((operation) => [operation.name, operation.schemas]));
const serve = sdk(definition, caller, schemas);

const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'sdk', alg: 'ES256' }] });

const server = createServer((request, response) => void listener(request, response));
const origin = await listenAnywhere(server);
const audience = `${origin}/mcp`;

const verifier: OAuthTokenVerifier = {
  async verifyAccessToken(token) {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: origin, audience, typ: 'at+jwt' });
      const { client_id, scope, exp = 0 } = payload;
      return { token, clientId: String(client_id), scopes: String(scope).split(' '), expiresAt: exp };
    } catch {
      // Otherwise a token that was tampered with is answered with 500.
      throw new OAuthError(OAuthErrorCode.InvalidToken, 'The access token is not valid');
    }
  },
};
const gate = requireBearerAuth({ verifier, requiredScopes: ['read'] });
const listener = getRequestListener(async (request) => {
  if (request.url.endsWith('/open')) return serve(request);
  const admitted = await gate(request);
  return 'token' in admitted ? serve(request) : admitted;
});

const token = await new SignJWT({ client_id: 'client-1', scope: 'read' })
  .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'sdk' })
  .setIssuer(origin)
  .setAudience(audience)
  .setSubject(user.id)
  .setIssuedAt()
  .setExpirationTime('1h')
  .setJti('token-1')
  .sign(privateKey);

serveBench({ mcp: { guarded: audience, unguarded: `${origin}/open`, token } }, () => storage.close());
