// The contract of every client authentication method, and what the metadata says of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digest } from '@sallyport/crypto';
import { readParameters, type Parameters } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { clientAuthMethods } from '../src/token/client-auth/index.ts';
import { grantTypes } from '../src/token/grants/index.ts';

const secret = 'a-secret_that-is~URL.safe';
const client_id = 'client';

/** A request that authenticates by the method, and does it right. */
const requests: Readonly<Record<string, (client_secret: string) => [Request, Parameters]>> = {
  none: () => [post(), form({ client_id })],
  client_secret_post: (client_secret) => [post(), form({ client_id, client_secret })],
  client_secret_basic: (client_secret) => [
    post({ authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` }),
    form({}),
  ],
};

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
    metadata: { redirect_uris: [], token_endpoint_auth_method, grant_types: [], response_types: [] },
    registeredBy: 'dynamic',
    ...(token_endpoint_auth_method !== 'none' && { secretDigest: digest(secret) }),
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
      for (const [name, make] of Object.entries(requests)) {
        const presented = way.read(...make(secret));
        if (name === method)
          assert.ok(
            presented !== undefined && presented !== 'malformed' && presented.client_id === client_id,
          );
        else assert.ok(presented === undefined || presented === 'malformed', name);
      }
    });

    it('verifies only what is right, for a client of its kind', () => {
      const good = way.read(...right(secret));
      assert.ok(good !== undefined && good !== 'malformed');
      assert.equal(way.verify(clientOf(method), good, 0), true);
      const otherKind = clientOf(method === 'none' ? 'client_secret_post' : 'none');
      assert.equal(way.verify(otherKind, good, 0), false);
      if (method === 'none') return;
      for (const wrong of [`${secret}x`, secret.slice(1), secret.toUpperCase(), 'x']) {
        const presented = way.read(...right(wrong));
        assert.ok(presented !== undefined && presented !== 'malformed');
        assert.equal(way.verify(clientOf(method), presented, 0), false, wrong);
      }
    });
  });
}

describe('grant types', () => {
  it('are named once each, and say which parameters they need', () => {
    const names = grantTypes.map(({ grant_type }) => grant_type);
    assert.equal(new Set(names).size, names.length);
    for (const { parameters } of grantTypes) assert.ok(parameters.length > 0);
  });
});
