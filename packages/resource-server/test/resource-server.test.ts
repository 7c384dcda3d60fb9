// The resource server alone: somebody else's keys, a grant that may end at any time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readChallenge, type Caller, type ScopeDefinition } from '@sallyport/protocol';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, SignJWT, type JSONWebKeySet } from 'jose';
import { resourceServer, type Guarded, type JudgedHere } from '@sallyport/resource-server';
import { newSigner } from './signer.ts';

const now = 1_800_000_000;
const issuer = 'https://auth.example.com';
const resource = 'https://mcp.example.com/mcp';
const ring = await newSigner();

const claims = {
  iss: issuer,
  sub: 'person',
  aud: resource,
  client_id: 'client',
  scope: 'read write read',
  grant_id: 'grant',
  iat: now,
  exp: now + 60,
  jti: 'one',
};

function guard(options: Partial<Guarded & JudgedHere> = {}) {
  return resourceServer({
    issuer,
    resource: {
      resource,
      title: 'Example',
      scopes: [{ name: 'read', description: 'read' }],
      defaultScopes: ['read'],
      isDefault: true,
    },
    keys: createLocalJWKSet(ring.jwks as JSONWebKeySet),
    algorithms: ['ES256'],
    isLive: () => true,
    ...options,
  });
}

const hierarchy: readonly ScopeDefinition[] = [
  { name: 'read', description: 'read' },
  { name: 'write', description: 'write', includes: ['read'] },
  { name: 'export', description: 'export' },
];

const request = (token?: string, headers: Record<string, string> = {}): Request =>
  new Request(resource, {
    headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
  });

async function refused(answer: Promise<Caller | Response>): Promise<Response> {
  const response = await answer;
  assert.ok(response instanceof Response);
  return response;
}

describe('admit', () => {
  it('makes a caller of a good token', async () => {
    assert.deepEqual(await guard().admit(request(ring.sign(claims)), now), {
      sub: 'person',
      client_id: 'client',
      scope: ['read', 'write'],
      resource,
      grantId: 'grant',
      expiresAt: now + 60,
    });
  });

  it('accepts our audience among several, and the full media type (RFC 9068 §4)', async () => {
    const several = { ...claims, aud: ['https://other.example.com', resource] };
    for (const token of [ring.sign(several), ring.sign(claims, 'application/at+jwt')])
      assert.ok(!((await guard().admit(request(token), now)) instanceof Response));
  });

  it('asks whether the grant is alive on every request, and judges the token once', async () => {
    let alive = true;
    let asked = 0;
    let keys = 0;
    const jwks = createLocalJWKSet(ring.jwks as JSONWebKeySet);
    const server = guard({
      keys: (...input) => {
        keys += 1;
        return jwks(...input);
      },
      isLive: () => {
        asked += 1;
        return alive;
      },
    });
    const token = ring.sign(claims);
    for (let time = 0; time < 3; time += 1)
      assert.ok(!((await server.admit(request(token), now)) instanceof Response));
    assert.deepEqual([asked, keys], [3, 1]);
    alive = false;
    assert.equal((await refused(server.admit(request(token), now))).status, 401);
  });

  it('judges every token anew once it is told that a key is gone, those too that are being judged', async () => {
    const next = await newSigner();
    let published = { keys: [...ring.jwks.keys, ...next.jwks.keys] };
    let during: (() => void) | undefined;
    const server = guard({
      keys: (...input) => {
        const key = createLocalJWKSet(published)(...input);
        during?.();
        return key;
      },
    });
    const [old, fresh] = [ring.sign(claims), next.sign(claims)];
    const statusOf = async (token: string): Promise<number> => {
      const admitted = await server.admit(request(token), now);
      return admitted instanceof Response ? admitted.status : 200;
    };
    assert.deepEqual([await statusOf(old), await statusOf(fresh)], [200, 200]);
    published = { keys: [...next.jwks.keys] };
    server.forgetTokens();
    assert.deepEqual([await statusOf(old), await statusOf(fresh)], [401, 200]);

    published = { keys: [...ring.jwks.keys, ...next.jwks.keys] };
    during = () => {
      during = undefined;
      published = { keys: [...next.jwks.keys] };
      server.forgetTokens();
    };
    // It began while the key was there; the next one did not.
    assert.deepEqual([await statusOf(old), await statusOf(old)], [200, 401]);
  });

  it('lets nobody through when that cannot be known', async () => {
    const isLive = (): never => {
      throw new Error('the store is away');
    };
    await assert.rejects(guard({ isLive }).admit(request(ring.sign(claims)), now), /the store is away/);
    const keys = (): never => {
      throw new TypeError('the keys are away');
    };
    await assert.rejects(guard({ keys }).admit(request(ring.sign(claims)), now), /the keys are away/);
  });

  it('blames no token for an issuer whose keys cannot be fetched or read', async () => {
    for (const answer of [
      () => new Response('busy', { status: 503 }),
      () => new Response('<html>'),
      () => Response.json({ keys: 'none' }),
    ]) {
      const keys = createRemoteJWKSet(new URL('https://auth.example.com/jwks'), {
        [customFetch]: async () => answer(),
      });
      await assert.rejects(guard({ keys }).admit(request(ring.sign(claims)), now));
    }
  });

  it('refuses other algorithms, also with our public key as their secret', async () => {
    const [jwk] = ring.jwks.keys;
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(secret);
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
    for (const token of [confused, none]) {
      const response = await refused(guard().admit(request(token), now));
      assert.equal(response.status, 401);
      assert.equal(readChallenge(response.headers.get('www-authenticate'))?.error, 'invalid_token');
    }
  });

  it('refuses a token that lacks a claim, or whose time is over or has not come', async () => {
    const lacking = ['iss', 'sub', 'aud', 'client_id', 'grant_id', 'iat', 'exp', 'jti'].map((name) => ({
      ...claims,
      [name]: undefined,
    }));
    for (const wrong of [
      ...lacking,
      { ...claims, exp: now },
      { ...claims, nbf: now + 60 },
      { ...claims, sub: 7 },
      { ...claims, client_id: ['client'] },
    ])
      assert.equal(
        (await refused(guard().admit(request(ring.sign(wrong)), now))).status,
        401,
        JSON.stringify(wrong),
      );
  });

  it('tells why to the log, never the token', async () => {
    const heard: unknown[] = [];
    const token = ring.sign({ ...claims, aud: 'https://other.example.com' });
    await guard({
      onRefusal: (refusal) => heard.push({ reason: refusal.reason, facts: refusal.facts }),
    }).admit(request(token), now);
    assert.equal(heard.length, 1);
    assert.ok(!JSON.stringify(heard).includes(token));
  });
});

describe('wellKnown', () => {
  it('is our document alone, where the issuer serves its own', async () => {
    const at = (path: string) => guard().wellKnown(new Request(new URL(path, resource)), now);
    for (const suffix of ['', '/mcp']) {
      const answer = await at(`/.well-known/oauth-protected-resource${suffix}`);
      assert.deepEqual(await answer?.json(), await guard().metadata().json());
      assert.equal(answer?.headers.get('access-control-allow-origin'), '*');
    }
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/mcp',
    ])
      assert.equal(await at(path), undefined);
  });
});

describe('origins', () => {
  it('are ours, those of this computer, and the listed ones', async () => {
    const server = guard({ allowedOrigins: ['https://inspector.example.com'] });
    const status = async (origin: string) =>
      (await refused(server.admit(request(undefined, { origin }), now))).status;
    for (const origin of [
      'https://mcp.example.com',
      'http://localhost:6274',
      'https://inspector.example.com',
    ])
      assert.equal(await status(origin), 401);
    for (const origin of [
      'https://example.com',
      'null',
      'http://mcp.example.com',
      'https://inspector.example.com.evil.example',
      'file://',
      'http://localhost:6274/x',
    ])
      assert.equal(await status(origin), 403, origin);
  });
});

describe('insufficientScope', () => {
  it('names what the operation needs and what the token has', async () => {
    const server = guard();
    const caller = await server.admit(request(ring.sign({ ...claims, scope: 'read' })), now);
    assert.ok(!(caller instanceof Response));
    const response = server.insufficientScope(['write'], caller);
    assert.equal(response.status, 403);
    assert.equal(((await response.clone().json()) as { scope: string }).scope, 'read write');
    assert.deepEqual(readChallenge(response.headers.get('www-authenticate')), {
      error: 'insufficient_scope',
      error_description: 'This operation needs a scope that the access token does not have.',
      scope: 'read write',
      resource_metadata: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
    });
  });
  it('leaves out what the others include', async () => {
    const server = guard({ resource: { ...guard().resource, scopes: hierarchy } });
    const caller = await server.admit(request(ring.sign({ ...claims, scope: 'read' })), now);
    assert.ok(!(caller instanceof Response));
    assert.ok(server.hasScopes(['read'], caller));
    assert.ok(!server.hasScopes(['read', 'write'], caller));
    const challenge = server.insufficientScope(['read', 'write'], caller).headers.get('www-authenticate');
    assert.equal(readChallenge(challenge)?.scope, 'write');
  });
});

describe('scopes that include others', () => {
  it('are enough for what they include', async () => {
    const server = guard({ resource: { ...guard().resource, scopes: hierarchy } });
    const caller = await server.admit(request(ring.sign({ ...claims, scope: 'write' })), now);
    assert.ok(!(caller instanceof Response));
    assert.ok(server.hasScopes(['read', 'write'], caller));
    assert.ok(!server.hasScopes(['export'], caller));
    assert.ok(!guard().hasScopes(['read'], caller), 'without a hierarchy each is for itself');
  });
  it('must be there, and not in a circle', () => {
    const guardOf = (...scopes: ScopeDefinition[]) => guard({ resource: { ...guard().resource, scopes } });
    assert.throws(
      () => guardOf({ name: 'a', description: 'a', includes: ['b'] }),
      /a includes b, which is not/,
    );
    assert.throws(() => guardOf({ name: 'a', description: 'a', includes: ['a'] }), /a includes itself/);
  });
});
