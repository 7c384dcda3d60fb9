// The contract of every client authentication method, and what the metadata says of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digest } from '@sallyport/crypto';
import { isRefusal, readParameters, type Parameters } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { clientAuthMethods, type PresentedClient } from '../src/token/client-auth/index.ts';
import { grantTypes } from '../src/token/grants/index.ts';
import { assertionBy, assertionForm, clientKey } from './assertions.ts';

const secret = 'a-secret_that-is~URL.safe';
const client_id = 'client';
const issuer = 'https://mcp.example.com';
const now = 1_800_000_000;
const [key, otherKey] = [clientKey(), clientKey()];

/** A request that authenticates by the method, and does it right. */
const requests: Readonly<Record<string, (client_secret: string) => [Request, Parameters]>> = {
  none: () => [post(), form({ client_id })],
  client_secret_post: (client_secret) => [post(), form({ client_id, client_secret })],
  client_secret_basic: (client_secret) => [
    post({ authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` }),
    form({}),
  ],
  private_key_jwt: (client_secret) => {
    const signer = client_secret === secret ? key : otherKey;
    return [post(), form(assertionForm(assertionBy(signer, { client_id, issuer, now })))];
  },
};

const arrival = { now, address: '192.0.2.7', traceId: 't' };

/** Whether it is verified; a refusal is a no. */
async function isVerified(
  way: (typeof clientAuthMethods)[number],
  client: Client,
  presented: PresentedClient,
): Promise<boolean> {
  const findKeys = async ({ metadata }: Client) => metadata.jwks?.keys ?? [];
  try {
    return await way.verify(client, presented, now, { arrival, findKeys });
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function presentedTo(way: (typeof clientAuthMethods)[number], request: [Request, Parameters]) {
  const presented = way.read(...request);
  return presented === undefined || isRefusal(presented) ? undefined : presented;
}

function post(headers: Record<string, string> = {}): Request {
  return new Request('http://localhost:8000/oauth/token', { method: 'POST', headers });
}

function form(fields: Record<string, string>): Parameters {
  const read = readParameters(new URLSearchParams(fields));
  assert.ok(!('fault' in read));
  return read;
}

function clientOf(token_endpoint_auth_method: string): Client {
  return {
    client_id,
    metadata: {
      redirect_uris: [],
      token_endpoint_auth_method,
      grant_types: [],
      response_types: [],
      ...(token_endpoint_auth_method === 'private_key_jwt' && { jwks: { keys: [key.jwk] } }),
    },
    registeredBy: 'dynamic',
    ...(token_endpoint_auth_method.startsWith('client_secret') && { secretDigest: digest(secret) }),
    createdAt: 0,
    traceId: 't',
  };
}

for (const way of clientAuthMethods) {
  const { method } = way;
  describe(`client authentication by ${method}`, () => {
    const right = requests[method];
    assert.ok(right, `the contract does not know how to use ${method}`);

    it('recognises itself, and no other method recognises itself in its requests', () => {
      for (const [name, make] of Object.entries(requests))
        assert.equal(
          presentedTo(way, make(secret))?.client_id,
          name === method ? client_id : undefined,
          name,
        );
    });

    it('verifies only what is right, for a client of its kind', async () => {
      const good = presentedTo(way, right(secret));
      assert.ok(good !== undefined);
      assert.equal(await isVerified(way, clientOf(method), good), true);
      const otherKind = clientOf(method === 'none' ? 'client_secret_post' : 'none');
      assert.equal(await isVerified(way, otherKind, good), false);
      if (method === 'none') return;
      for (const wrong of [`${secret}x`, secret.slice(1), secret.toUpperCase(), 'x']) {
        const presented = presentedTo(way, right(wrong));
        assert.ok(presented !== undefined);
        assert.equal(await isVerified(way, clientOf(method), presented), false, wrong);
      }
    });
  });
}

describe('grant types', () => {
  it('are named once each, and say which parameters they need', () => {
    const names = grantTypes.map(({ grant_type }) => grant_type);
    assert.equal(new Set(names).size, names.length);
    // A client that asks for itself has nothing to show but who it is.
    for (const { grant_type, parameters } of grantTypes)
      assert.equal(parameters.length === 0, grant_type === 'client_credentials', grant_type);
  });
});
