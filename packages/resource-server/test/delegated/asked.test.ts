// Tokens that are no JWTs: the issuer is asked, by RFC 7662 or as Clerk wants to be asked.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caller, Refusal } from '@sallyport/protocol';
import {
  AuthorizationServerUnavailable,
  clerk,
  delegatedResourceServer,
  type ClerkOptions,
  type ForeignAuthorizationServer,
  type ResourceServer,
} from '@sallyport/resource-server';
import { claims, foreignIssuer, issuer, metadata, newKey, now, resource } from './issuer.ts';

const key = await newKey('one');
const introspection = { client_id: 'notes', client_secret: 'a secret' };

const request = (token: string): Request =>
  new Request(resource, { headers: { authorization: `Bearer ${token}` } });

interface Asking {
  readonly reason: (token: string, at?: number) => Promise<string>;
  readonly admit: (token: string, at?: number) => Promise<Caller | Response>;
}

function asking(authorizationServer: ForeignAuthorizationServer, fetch: typeof globalThis.fetch): Asking {
  const heard: Refusal[] = [];
  const guard: ResourceServer = delegatedResourceServer({
    resource,
    authorizationServer,
    fetch,
    onRefusal: (refusal) => heard.push(refusal),
  });
  const admit = (token: string, at = now) => guard.admit(request(token), at);
  return {
    admit,
    async reason(token, at) {
      const admitted = await admit(token, at);
      if (!(admitted instanceof Response)) return 'let in';
      assert.equal(admitted.status, 401);
      const refusal = heard.at(-1);
      return `${refusal?.reason} ${JSON.stringify(refusal?.facts)}`;
    },
  };
}

describe('introspection (RFC 7662)', () => {
  const active = { active: true, token_type: 'Bearer', ...claims };

  function issuerSaying(answer: object, document: object = metadata) {
    const foreign = foreignIssuer([key], document);
    const questions: Request[] = [];
    foreign.answers.set('/introspect', (question) => {
      questions.push(question);
      return Response.json(answer);
    });
    return { ...foreign, questions };
  }
  const says = (answer: object): Asking => asking({ issuer, introspection }, issuerSaying(answer).fetch);

  it('is asked at the endpoint of the metadata, with the secret of this server', async () => {
    const { fetch, questions } = issuerSaying({ ...active, email: 'ann@example.com' });
    const caller = await asking({ issuer, introspection }, fetch).admit('opaque');
    assert.ok(!(caller instanceof Response));
    assert.deepEqual([caller.sub, caller.foreign?.email], ['person', 'ann@example.com']);
    const [question] = questions;
    assert.equal(question?.headers.get('authorization'), `Basic ${btoa('notes:a%20secret')}`);
    assert.equal(await question?.text(), 'token=opaque&token_type_hint=access_token');
  });

  for (const [what, said, reason] of [
    ['is not active', { active: false }, 'token_invalid'],
    ['is for another server', { ...active, aud: 'https://other.example.com' }, 'token_of_another_server'],
    ['is for no server', { ...active, aud: undefined }, 'token_without_audience'],
    ['is of another issuer', { ...active, iss: 'https://evil.example' }, 'token_invalid'],
    ['is no bearer token', { ...active, token_type: 'DPoP' }, 'token_invalid'],
    ['is of no type, as a refresh token', { ...active, token_type: undefined }, 'token_invalid'],
    ['is a refresh token', { ...active, token_use: 'refresh_token' }, 'token_invalid'],
    ['is bound to a certificate', { ...active, cnf: { 'x5t#S256': 'x' } }, 'token_invalid'],
    ['is over', { ...active, exp: now }, 'token_expired'],
    ['has no end', { ...active, exp: undefined }, 'token_invalid'],
    ['ends when no calendar does', { ...active, exp: 1e16 }, 'token_invalid'],
    ['is of nobody', { ...active, sub: undefined }, 'token_invalid'],
  ] as const)
    it(`refuses what ${what}`, async () => {
      assert.equal((await says(said).reason('opaque')).split(' ')[0], reason);
    });

  it('needs neither issuer nor more than one word for an access token', async () => {
    assert.equal(await says({ ...active, iss: undefined }).reason('opaque'), 'let in');
    assert.equal(
      await says({ ...active, token_type: undefined, token_use: 'access_token' }).reason('opaque'),
      'let in',
    );
  });

  it('is not asked about JWTs, but where it is to be, or where they are not judged here', async () => {
    const token = await key.sign(claims);
    for (const [server, asked, outcome] of [
      [{ introspection }, 0, 'let in'],
      [{ introspection: { ...introspection, jwtsToo: true } }, 1, 'token_invalid'],
      [{ introspection, tokens: false }, 1, 'token_invalid'],
    ] as const) {
      const { fetch, questions } = issuerSaying({ active: false });
      assert.ok((await asking({ issuer, ...server }, fetch).reason(token)).startsWith(outcome));
      assert.equal(questions.length, asked);
    }
  });

  it('gets the secret at no other host, but where the operator wrote it', async () => {
    const endpoint = 'https://elsewhere.example.com/introspect';
    const { fetch, questions } = issuerSaying(active, { ...metadata, introspection_endpoint: endpoint });
    await assert.rejects(asking({ issuer, introspection }, fetch).admit('opaque'), /at another host/);
    assert.equal(questions.length, 0);
    const written = { issuer, introspection: { ...introspection, endpoint } };
    assert.equal(await asking(written, fetch).reason('opaque'), 'let in');
    const { introspection_endpoint: _, ...without } = metadata;
    const none = asking({ issuer, introspection }, issuerSaying(active, without).fetch);
    await assert.rejects(none.admit('opaque'), /has no introspection_endpoint/);
  });

  it('is read no further than an answer can be long', async () => {
    const { fetch, answers } = issuerSaying(active);
    let sent = 0;
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          sent += 1;
          controller.enqueue(new Uint8Array(65_536).fill(32));
          if (sent === 100) controller.close();
        },
      });
    answers.set('/introspect', () => new Response(endless()));
    await assert.rejects(
      asking({ issuer, introspection }, fetch).admit('opaque'),
      AuthorizationServerUnavailable,
    );
    assert.ok(sent < 10, `${sent} parts were read`);
  });

  it('that does not answer blames nobody', async () => {
    const { fetch, answers } = issuerSaying(active);
    answers.set('/introspect', () => new Response('', { status: 500 }));
    await assert.rejects(
      asking({ issuer, introspection }, fetch).admit('opaque'),
      AuthorizationServerUnavailable,
    );
  });
});

describe('Clerk', () => {
  const host = 'notes-1.clerk.accounts.dev';
  const publishableKey = `pk_test_${btoa(`${host}$`)}`;
  const secretKey = 'sk_test_secret';
  // As https://clerk.com/docs/reference/backend-api describes it, and @clerk/backend reads it.
  const verified = {
    object: 'clerk_idp_oauth_access_token',
    id: 'oat_2xKa9Bgv7NxMRDFyQw8LpZ3cTmU1vHjE',
    client_id: 'client_1',
    type: 'oauth:access_token',
    subject: 'user_1',
    scopes: ['profile', 'email'],
    aud: [resource],
    revoked: false,
    revocation_reason: null,
    expired: false,
    expiration: (now + 86_400) * 1000,
    created_at: now * 1000,
    updated_at: now * 1000,
  };
  const api = 'https://api.clerk.com/v1/oauth_applications/access_tokens/verify';

  function clerkSaying(answer: () => Response, options: Partial<ClerkOptions> = {}) {
    const frontend = foreignIssuer([key], {
      ...metadata,
      issuer: `https://${host}`,
      jwks_uri: `https://${host}/.well-known/jwks.json`,
    });
    frontend.answers.set('/.well-known/jwks.json', () => Response.json({ keys: [key.jwk] }));
    const questions: Request[] = [];
    frontend.answers.set(new URL(api).pathname, (question) => {
      questions.push(question);
      return answer();
    });
    const server = clerk({ publishableKey, secretKey, fetch: frontend.fetch, ...options });
    return { ...asking(server, frontend.fetch), questions, server };
  }
  const says = (said: object, status = 200) => clerkSaying(() => Response.json(said, { status }));

  it('is known by its publishable key alone', () => {
    assert.equal(clerk({ publishableKey }).issuer, `https://${host}`);
    assert.equal(
      clerk({ publishableKey: `pk_live_${btoa('clerk.example.com$')}` }).issuer,
      'https://clerk.example.com',
    );
    const wrong = [
      '',
      'pk_test_',
      'sk_test_x',
      `pk_test_${btoa(host)}`,
      `pk_test_${btoa('a/b$')}`,
      `pk_test_${btoa('u@h$')}`,
    ];
    for (const text of wrong)
      assert.throws(() => clerk({ publishableKey: text }), /publishableKey is none of the form/);
    assert.throws(
      () => clerk({ publishableKey, secretKey: 'not-a-key' }),
      ({ message }: Error) => /secretKey is none/.test(message) && !message.includes('not-a-key'),
    );
    assert.throws(() => clerk({ publishableKey, apiUrl: 'http://api.example.com' }), /https/);
  });

  it("'s JWT access tokens are judged by its keys, and no other JWT of the instance is one", async () => {
    const { reason } = clerkSaying(() => Response.json({}), {});
    const token = {
      iss: `https://${host}`,
      sub: 'user_1',
      client_id: 'client_1',
      scope: 'profile',
      jti: 'oat_1',
    };
    const times = { iat: now, nbf: now - 10, exp: now + 86_400 };
    const sign = (said: object, header?: object) => key.sign({ ...token, ...times, ...said }, { ...header });
    assert.equal(await reason(await sign({ aud: resource })), 'let in');
    // Clerk names an audience only where the client sent `resource`.
    assert.match(await reason(await sign({})), /^token_without_audience/);
    assert.match(
      await reason(
        await sign({ aud: resource, sid: 'sess_1', azp: 'https://app.example.com' }, { typ: 'JWT' }),
      ),
      /^token_invalid .*"typ":"JWT"/,
    );
    assert.match(await reason(await sign({ aud: resource, sub: 'mch_1' })), /a machine token/);
  });

  it("'s opaque ones are asked about at its Backend API", async () => {
    const { admit, questions } = says(verified);
    const caller = await admit('oat_abc');
    assert.ok(!(caller instanceof Response));
    const { sub, client_id, scope, expiresAt } = caller;
    assert.deepEqual(
      [sub, client_id, scope, expiresAt],
      ['user_1', 'client_1', ['profile', 'email'], now + 86_400],
    );
    const [question] = questions;
    assert.deepEqual([question?.url, question?.method], [api, 'POST']);
    assert.equal(question?.headers.get('authorization'), `Bearer ${secretKey}`);
    assert.deepEqual(await question?.json(), { access_token: 'oat_abc' });
  });

  it("'s Backend API is asked by the guard's own way out, where clerk() was given none", async () => {
    const server = clerk({ publishableKey, secretKey });
    const { fetch, answers, times } = foreignIssuer([key]);
    answers.set(new URL(api).pathname, () => Response.json(verified));
    assert.equal(await asking(server, fetch).reason('oat_abc'), 'let in');
    assert.equal(times(new URL(api).pathname), 1);
  });

  for (const [what, said, status] of [
    ['are unknown', { errors: [{ code: 'resource_not_found' }] }, 404],
    ['are over', { active: false }, 200],
    ['were revoked', { ...verified, revoked: true }, 200],
    ['expired', { ...verified, expired: true }, 200],
    ['are of another kind', { ...verified, object: 'm2m_token' }, 200],
    ['are for another server', { ...verified, aud: ['https://other.example.com'] }, 200],
    ['are for no server', { ...verified, aud: undefined }, 200],
    ['have no end', { ...verified, expiration: null }, 200],
  ] as const)
    it(`'s opaque ones that ${what} are refused`, async () => {
      assert.match(await says(said, status).reason('oat_abc'), /^token_/);
    });

  it("'s tokens of machines, API keys and secrets are refused without asking", async () => {
    const { reason, questions } = says(verified);
    for (const token of ['mt_abc', 'ak_abc', secretKey, 'abc'])
      assert.match(await reason(token), /not of this issuer/);
    assert.equal(questions.length, 0);
    const { reason: alone } = clerkSaying(() => Response.json(verified));
    assert.equal(await alone('oat_abc'), 'let in');
    const unasked = asking(clerk({ publishableKey }), foreignIssuer([key]).fetch);
    assert.match(await unasked.reason('oat_abc'), /nobody to ask/);
  });

  it('that refuses the secret key, or is away, blames nobody', async () => {
    for (const status of [401, 429, 500])
      await assert.rejects(
        says({ errors: [] }, status).admit('oat_abc'),
        (error: Error) =>
          error instanceof AuthorizationServerUnavailable && !error.message.includes(secretKey),
      );
  });
});
