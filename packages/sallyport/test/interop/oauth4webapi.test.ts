// The certified client library, strict: everything that a specification lets it check, it checks. The only exception is
// that http is allowed, because the issuer is on this machine.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { REDIRECT_URL } from './memory-provider.ts';
import { personAt, type Person } from './person.ts';

const insecure = { [oauth.allowInsecureRequests]: true } as const;

const keys = await oauth.generateKeyPair('PS256', { extractable: true });
const { kty, n, e } = await crypto.subtle.exportKey('jwk', keys.publicKey);
const jwk = { kty: kty!, n: n!, e: e!, kid: 'strict', use: 'sig' };

const authentications: Readonly<Record<string, (client: oauth.Client) => oauth.ClientAuth>> = {
  none: () => oauth.None(),
  client_secret_basic: ({ client_secret }) => oauth.ClientSecretBasic(client_secret as string),
  client_secret_post: ({ client_secret }) => oauth.ClientSecretPost(client_secret as string),
  private_key_jwt: () => oauth.PrivateKeyJwt({ key: keys.privateKey, kid: jwk.kid }),
};

for (const [method, authenticationOf] of Object.entries(authentications)) {
  describe(`oauth4webapi, strict, with ${method}`, () => {
    let house: ListeningHouse;
    let person: Person;
    let as: oauth.AuthorizationServer;
    let resource: string;
    let client: oauth.Client;
    let tokens: oauth.TokenEndpointResponse;
    before(async () => {
      house = await openListeningHouse();
      person = await personAt(house);
    });
    after(() => house.close());

    it('finds the protected resource from the 401, and its authorization server from there', async () => {
      const challenge = await challengeOf(
        oauth.protectedResourceRequest('no-token', 'POST', house.mcpUrl, undefined, null, insecure),
      );
      assert.equal(challenge.scheme, 'bearer');
      assert.equal(challenge.parameters.error, 'invalid_token');
      const found = await oauth.resourceDiscoveryRequest(house.mcpUrl, insecure);
      assert.equal(found.url, challenge.parameters.resource_metadata);
      const server = await oauth.processResourceDiscoveryResponse(house.mcpUrl, found);
      resource = server.resource;
      assert.deepEqual(server.scopes_supported, ['read', 'write']);
      assert.deepEqual(server.authorization_servers, [house.origin]);

      const issuer = new URL(house.origin);
      const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
      as = await oauth.processDiscoveryResponse(issuer, discovered);
      assert.equal(as.issuer, house.origin);
      assert.equal(as.authorization_response_iss_parameter_supported, true);
      assert.ok(as.token_endpoint_auth_methods_supported?.includes(method));
    });

    it('registers', async () => {
      const response = await oauth.dynamicClientRegistrationRequest(
        as,
        {
          client_name: 'Strict client',
          redirect_uris: [REDIRECT_URL],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: method,
          ...(method === 'private_key_jwt' && { jwks: { keys: [jwk] } }),
        },
        insecure,
      );
      client = await oauth.processDynamicClientRegistrationResponse(response);
      assert.equal(client.token_endpoint_auth_method, method);
      assert.equal('client_secret' in client, method.startsWith('client_secret'));
    });

    it('has its person allow `read`, judges the response with its iss, and exchanges the code with PKCE', async () => {
      tokens = await authorize('read');
      assert.equal(tokens.scope, 'read');
      assert.equal(tokens.token_type, 'bearer');
      assert.equal(tokens.expires_in, house.config.tokens.access.lifetimeSeconds);
      assert.ok(tokens.refresh_token);
    });

    it('judges the access token by RFC 9068 for this resource, and for no other', async () => {
      const claims = await judge(tokens.access_token);
      assert.equal(claims.client_id, client.client_id);
      assert.equal(claims['scope'], 'read');
      assert.equal(claims.exp - claims.iat, house.config.tokens.access.lifetimeSeconds);
      await assert.rejects(judge(tokens.access_token, `${house.origin}/mcp/other`), {
        code: oauth.JWT_CLAIM_COMPARISON,
      });
    });

    it('reads with it, and meets a challenge that names the scope for more when it would write', async () => {
      const listed = await askWith(tokens.access_token, { method: 'tools/list' });
      assert.equal(listed.status, 200);
      const creation = {
        method: 'tools/call',
        params: { name: 'create_user_item', arguments: { name: 'Milk' } },
      };
      const challenge = await challengeOf(askWith(tokens.access_token, creation));
      assert.equal(challenge.parameters.error, 'insufficient_scope');
      assert.equal(challenge.parameters.scope, 'write');

      tokens = await authorize(challenge.parameters.scope);
      assert.equal(tokens.scope, 'write');
      assert.equal((await askWith(tokens.access_token, creation)).status, 200);
    });

    it('refreshes, without widening', async () => {
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        authenticationOf(client),
        tokens.refresh_token!,
        insecure,
      );
      const fresh = await oauth.processRefreshTokenResponse(as, client, response);
      assert.notEqual(fresh.access_token, tokens.access_token);
      assert.notEqual(fresh.refresh_token, tokens.refresh_token);
      assert.equal(fresh.scope, 'write');
      assert.equal((await judge(fresh.access_token)).client_id, client.client_id);
      tokens = fresh;
    });

    it('asks what its tokens mean, if it can prove who it is', async () => {
      assert.equal(as.introspection_endpoint_auth_methods_supported?.includes(method), method !== 'none');
      if (method === 'none') {
        await assert.rejects(introspect(tokens.access_token), (error) => {
          assert.ok(error instanceof oauth.ResponseBodyError, String(error));
          assert.deepEqual([error.status, error.error], [401, 'invalid_client']);
          return true;
        });
        return;
      }
      const claims = await judge(tokens.access_token);
      const { active, token_type, grant_id, ...told } = await introspect(tokens.access_token);
      assert.deepEqual([active, token_type], [true, 'Bearer']);
      assert.deepEqual({ ...told, grant_id }, { ...claims });
      assert.equal((await introspect(tokens.refresh_token!, 'refresh_token')).active, true);
      assert.deepEqual(await introspect('nothing'), { active: false });
    });

    it('revokes: the access token and the refresh token end at once', async () => {
      const revocation = await oauth.revocationRequest(
        as,
        client,
        authenticationOf(client),
        tokens.refresh_token!,
        insecure,
      );
      await oauth.processRevocationResponse(revocation);
      const challenge = await challengeOf(askWith(tokens.access_token, { method: 'tools/list' }));
      assert.equal(challenge.parameters.error, 'invalid_token');
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        authenticationOf(client),
        tokens.refresh_token!,
        insecure,
      );
      await assert.rejects(oauth.processRefreshTokenResponse(as, client, response), (error) => {
        assert.ok(error instanceof oauth.ResponseBodyError);
        assert.equal(error.error, 'invalid_grant');
        return true;
      });
      if (method !== 'none') assert.deepEqual(await introspect(tokens.access_token), { active: false });
    });

    async function introspect(token: string, token_type_hint?: string): Promise<oauth.IntrospectionResponse> {
      const additionalParameters = token_type_hint === undefined ? {} : { token_type_hint };
      const options = { ...insecure, additionalParameters };
      const response = await oauth.introspectionRequest(as, client, authenticationOf(client), token, options);
      return oauth.processIntrospectionResponse(as, client, response);
    }

    async function authorize(scope: string): Promise<oauth.TokenEndpointResponse> {
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      const url = new URL(as.authorization_endpoint!);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: REDIRECT_URL,
        scope,
        resource,
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      const answer = await person.allow(url, /Strict client/);
      assert.throws(
        () => oauth.validateAuthResponse({ ...as, issuer: 'https://example.org' }, client, answer, state),
        /iss/,
      );
      const parameters = oauth.validateAuthResponse(as, client, answer, state);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        authenticationOf(client),
        parameters,
        REDIRECT_URL,
        verifier,
        { ...insecure, additionalParameters: { resource } },
      );
      return oauth.processAuthorizationCodeResponse(as, client, response);
    }

    function judge(access_token: string, audience = resource): Promise<oauth.JWTAccessTokenClaims> {
      const request = new Request(house.mcpUrl, { headers: { authorization: `Bearer ${access_token}` } });
      return oauth.validateJwtAccessToken(as, request, audience, {
        signingAlgorithms: ['ES256'],
        ...insecure,
      });
    }

    function askWith(access_token: string, message: object): Promise<Response> {
      return oauth.protectedResourceRequest(
        access_token,
        'POST',
        house.mcpUrl,
        new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' }),
        JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
        insecure,
      );
    }
  });
}

/** The one challenge that a refused request brings. */
async function challengeOf(refused: Promise<Response>): Promise<oauth.WWWAuthenticateChallenge> {
  const error = await refused.then(
    ({ status }) => assert.fail(`answered ${status}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, String(error));
  assert.equal(error.cause.length, 1);
  return error.cause[0]!;
}
