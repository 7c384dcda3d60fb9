// A server that runs elsewhere and asks the issuer: what it believes, for how long, and what happens when nobody answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caller } from '@sallyport/protocol';
import {
  believeRevokedTokensUntilTheyExpire,
  introspection,
  IntrospectionUnavailable,
  resourceServer,
  type AskedOfIssuer,
  type JudgedHere,
} from '@sallyport/resource-server';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { rememberingAnswers } from '../src/introspection.ts';
import { MAX_INTROSPECTIONS_AT_ONCE, MAX_REMEMBERED_ANSWERS, MAX_WAITING_TOKENS } from '../src/limits.ts';
import { newSigner } from './signer.ts';

const now = 1_800_000_000;
const issuer = 'https://auth.example.com';
const resource = 'https://notes.example.com/mcp';
const endpoint = `${issuer}/oauth/introspect`;
const client_secret = 'a-secret';

const active = {
  active: true,
  iss: issuer,
  sub: 'person',
  aud: resource,
  client_id: 'client',
  scope: 'read write',
  token_type: 'Bearer',
  iat: now,
  exp: now + 60,
  grant_id: 'grant',
};

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
  readonly form: URLSearchParams;
}

/** An issuer that says of each token what it is told to say. */
function issuerThat(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const question = { url: new Request(url).url, init, form: init.body as URLSearchParams };
    asked.push(question);
    return answer(question);
  };
  return { asked, introspect: introspection({ endpoint, client_id: 'notes', client_secret, fetch }) };
}

const says = (document: object) => () => Response.json(document);

function guard(options: AskedOfIssuer | JudgedHere) {
  return resourceServer({
    issuer,
    resource: {
      resource,
      title: 'Notes',
      scopes: [{ name: 'read', description: 'read' }],
      defaultScopes: ['read'],
      isDefault: true,
    },
    ...options,
  });
}

const bearing = (token: string): Request =>
  new Request(resource, { method: 'POST', headers: { authorization: `Bearer ${token}` } });

async function statusOf(answer: Promise<Caller | Response>): Promise<number> {
  const admitted = await answer;
  return admitted instanceof Response ? admitted.status : 200;
}

describe('a guard that asks the issuer', () => {
  it('makes a caller of what it says', async () => {
    const { introspect, asked } = issuerThat(says(active));
    assert.deepEqual(await guard({ introspect }).admit(bearing('token'), now), {
      sub: 'person',
      client_id: 'client',
      scope: ['read', 'write'],
      resource,
      grantId: 'grant',
      expiresAt: now + 60,
    });
    const [{ url, init, form }] = asked as [Asked];
    assert.equal(url, endpoint);
    assert.equal(init.method, 'POST');
    assert.equal(init.redirect, 'manual');
    assert.deepEqual(
      [...form],
      [
        ['token', 'token'],
        ['token_type_hint', 'access_token'],
      ],
    );
    const { authorization } = init.headers as Record<string, string>;
    assert.equal(authorization, `Basic ${Buffer.from('notes:a-secret').toString('base64')}`);
  });

  it('believes nobody else’s tokens, and no other kind', async () => {
    for (const wrong of [
      { active: false },
      { ...active, active: false },
      { ...active, iss: 'https://auth.example.org' },
      { ...active, iss: undefined },
      { ...active, aud: 'https://other.example.com/mcp' },
      { ...active, aud: undefined },
      { ...active, aud: [] },
      { ...active, token_type: undefined },
      { ...active, token_type: 'refresh_token' },
      { ...active, exp: now },
      { ...active, exp: undefined },
      { ...active, exp: '9999999999' },
      { ...active, sub: undefined },
      { ...active, grant_id: undefined },
      { ...active, client_id: 7 },
    ]) {
      const { introspect } = issuerThat(says(wrong));
      assert.equal(
        await statusOf(guard({ introspect }).admit(bearing('x'), now)),
        401,
        JSON.stringify(wrong),
      );
    }
    const several = { ...active, aud: ['https://other.example.com/mcp', resource], token_type: 'bearer' };
    assert.equal(
      await statusOf(guard({ introspect: issuerThat(says(several)).introspect }).admit(bearing('x'), now)),
      200,
    );
  });

  it('does not ask about what is no token, and with the keys about no JWT that they did not sign', async () => {
    const ring = await newSigner();
    const foreign = await newSigner();
    const { introspect, asked } = issuerThat(says(active));
    const keys = createLocalJWKSet(ring.jwks as JSONWebKeySet);
    const server = guard({ introspect, keys, algorithms: ['ES256'] });
    const claims = { ...active, jti: 'one' };
    for (const token of [
      foreign.sign(claims),
      ring.sign(claims, 'JWT'),
      ring.sign({ ...claims, exp: now }),
      'a.b.c',
      'x'.repeat(9000),
    ])
      assert.equal(await statusOf(server.admit(bearing(token), now)), 401);
    assert.equal(await statusOf(server.admit(new Request(resource), now)), 401);
    assert.equal(asked.length, 0);
    assert.equal(await statusOf(server.admit(bearing(ring.sign(claims)), now)), 200);
    assert.equal(await statusOf(server.admit(bearing('opaque'), now)), 200);
    assert.equal(asked.length, 2);
  });

  it('asks about a JWT of the right keys too, since it may have been revoked', async () => {
    const ring = await newSigner();
    const { introspect } = issuerThat(says({ active: false }));
    const keys = createLocalJWKSet(ring.jwks as JSONWebKeySet);
    const token = ring.sign({ ...active, jti: 'one' });
    const server = guard({ introspect, keys, algorithms: ['ES256'] });
    assert.equal(await statusOf(server.admit(bearing(token), now)), 401);
    const offline = guard({ keys, algorithms: ['ES256'], isLive: believeRevokedTokensUntilTheyExpire });
    assert.equal(await statusOf(offline.admit(bearing(token), now)), 200);
    assert.equal(await statusOf(offline.admit(bearing(token), now + 60)), 401);
  });
});

describe('what the issuer said', () => {
  it('is believed for less than 5 seconds, whether it was yes or no', async () => {
    let answer: object = active;
    const { introspect, asked } = issuerThat(() => Response.json(answer));
    for (const at of [0, 0, 1, 4]) assert.ok(await introspect('token', now + at));
    assert.equal(asked.length, 1);
    answer = { active: false };
    for (const at of [5, 5, 9]) assert.equal(await introspect('token', now + at), undefined);
    assert.equal(asked.length, 2);
    answer = active;
    assert.ok(await introspect('token', now + 10));
    assert.equal(asked.length, 3);
  });

  it('of a token that is none drives out nothing that it said of others', async () => {
    const asked: string[] = [];
    const introspect = rememberingAnswers(async (token) => {
      asked.push(token);
      return token === 'good' ? active : undefined;
    });
    await introspect('good', now);
    for (let each = 0; each <= MAX_REMEMBERED_ANSWERS; each += 1) await introspect(String(each), now);
    const before = asked.length;
    assert.ok(await introspect('good', now));
    assert.equal(await introspect(String(MAX_REMEMBERED_ANSWERS), now), undefined);
    assert.equal(asked.length, before);
    await introspect('0', now);
    assert.equal(asked.length, before + 1, 'so many are remembered and no more');
  });

  it('is not believed longer because a clock was set back', async () => {
    const { introspect, asked } = issuerThat(says(active));
    await introspect('token', now);
    await introspect('token', now - 3600);
    assert.equal(asked.length, 2);
  });

  it('never outlives the token', async () => {
    const { introspect, asked } = issuerThat(says({ ...active, exp: now + 2 }));
    const server = guard({ introspect });
    assert.equal(await statusOf(server.admit(bearing('token'), now)), 200);
    assert.equal(await statusOf(server.admit(bearing('token'), now + 2)), 401);
    assert.equal(asked.length, 1);
  });

  it('is asked once for many who want to know it at once, and of each token by itself', async () => {
    const { introspect, asked } = issuerThat(async () => Response.json(active));
    await Promise.all(Array.from({ length: 20 }, () => introspect('one', now)));
    assert.equal(asked.length, 1);
    await Promise.all([introspect('two', now), introspect('three', now)]);
    assert.equal(asked.length, 3);
  });

  it('is asked about who was let in before, however many made-up tokens are being asked about', async () => {
    const later = Promise.withResolvers<object>();
    const { introspect, asked } = issuerThat(async ({ form }) =>
      Response.json(form.get('token') === 'good' ? active : await later.promise),
    );
    assert.ok(await introspect('good', now));
    const madeUp = Array.from({ length: MAX_INTROSPECTIONS_AT_ONCE }, (_, n) => introspect(`no-${n}`, now));
    assert.ok(await introspect('good', now + 60));
    const waits = introspect('new', now + 60);
    assert.equal(asked.length, MAX_INTROSPECTIONS_AT_ONCE + 2);
    later.resolve({ active: false });
    await Promise.all([...madeUp, waits]);
    assert.equal(asked.length, MAX_INTROSPECTIONS_AT_ONCE + 3);
  });

  it('is as old as its question: who asks while it is under way does not make it newer', async () => {
    const waiting = Promise.withResolvers<Response>();
    const { introspect, asked } = issuerThat(() => waiting.promise);
    const first = introspect('token', now);
    const second = introspect('token', now + 2);
    waiting.resolve(Response.json(active));
    await Promise.all([first, second]);
    await introspect('token', now + 4);
    assert.equal(asked.length, 1);
    await introspect('token', now + 5).catch(() => undefined);
    assert.equal(asked.length, 2);
  });

  it('is remembered of so many tokens and no more', async () => {
    const { introspect, asked } = issuerThat(says(active));
    for (let each = 0; each <= MAX_REMEMBERED_ANSWERS; each += 1) await introspect(String(each), now);
    await introspect(String(MAX_REMEMBERED_ANSWERS), now);
    assert.equal(asked.length, MAX_REMEMBERED_ANSWERS + 1);
    await introspect('0', now);
    assert.equal(asked.length, MAX_REMEMBERED_ANSWERS + 2);
  });
});

describe('an issuer that does not say', () => {
  const silent: Readonly<Record<string, () => Response | Promise<Response>>> = {
    'cannot be reached': () => Promise.reject(new TypeError('fetch failed')),
    'is busy': () => new Response('{"active":true}', { status: 503 }),
    'limits us': () => new Response(null, { status: 429 }),
    'refuses us': () => Response.json({ error: 'invalid_client' }, { status: 401 }),
    'is another program': () => new Response('<html>'),
    'breaks off': () => new Response('{"active":tr'),
    'says nothing': () => new Response(''),
    'says null': () => Response.json(null),
    'says it in a text': () => Response.json({ active: 'true' }),
    'says something else': () => Response.json({ scope: 'read' }),
    'sends us elsewhere': () => new Response(null, { status: 302, headers: { location: '/' } }),
  };
  for (const [how, answer] of Object.entries(silent)) {
    it(`because it ${how}, lets nobody through and blames nobody`, async () => {
      const { introspect } = issuerThat(answer);
      const refusals: unknown[] = [];
      const server = resourceServer({
        issuer,
        resource: { resource, title: 'Notes', scopes: [], defaultScopes: [], isDefault: true },
        introspect,
        onRefusal: (refusal) => refusals.push(refusal),
      });
      await assert.rejects(server.admit(bearing('a-token'), now), (error) => {
        assert.ok(error instanceof IntrospectionUnavailable, String(error));
        assert.doesNotMatch(String(error), /a-token|a-secret/);
        return true;
      });
      assert.deepEqual(refusals, []);
    });
  }

  it('is asked again by the next one', async () => {
    let isAway = true;
    const { introspect } = issuerThat(() => {
      if (isAway) throw new TypeError('fetch failed');
      return Response.json(active);
    });
    await assert.rejects(introspect('token', now), IntrospectionUnavailable);
    isAway = false;
    assert.ok(await introspect('token', now));
  });

  it('is spared a flood of made-up tokens, and known ones go on meanwhile', async () => {
    const waiting = Promise.withResolvers<void>();
    let atOnce = 0;
    let most = 0;
    const { introspect, asked } = issuerThat(async ({ form }) => {
      const isKnown = form.get('token') === 'known';
      most = Math.max(most, (atOnce += isKnown ? 0 : 1));
      if (!isKnown) await waiting.promise;
      atOnce -= isKnown ? 0 : 1;
      return Response.json(isKnown ? active : { active: false });
    });
    await introspect('known', now);
    const bearable = MAX_INTROSPECTIONS_AT_ONCE + MAX_WAITING_TOKENS;
    const flood = Array.from({ length: bearable + 5 }, (_, each) => introspect(`made-up-${each}`, now));
    const ended = Promise.allSettled(flood);
    assert.ok(await introspect('known', now + 60));
    await assert.rejects(introspect('another', now), IntrospectionUnavailable);
    waiting.resolve();
    const answered = (await ended).filter(({ status }) => status === 'fulfilled');
    assert.equal(answered.length, bearable);
    assert.equal(most, MAX_INTROSPECTIONS_AT_ONCE);
    assert.equal(asked.length, bearable + 2);
    assert.equal(await introspect('another', now), undefined);
  });

  it('is never sent the secret in the clear', () => {
    for (const wrong of ['http://auth.example.com/oauth/introspect', 'ftp://auth.example.com', 'nonsense'])
      assert.throws(() => introspection({ endpoint: wrong, client_id: 'a', client_secret }), TypeError);
    for (const right of ['https://auth.example.com/x', 'http://localhost:8000/x', 'http://[::1]:8000/x'])
      introspection({ endpoint: right, client_id: 'a', client_secret });
  });
});
