// What is made of the many ways in which a registration endpoint can answer (RFC 7591 §3.2).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, type Refusal } from '@sallyport/protocol';
import { finalityOf, registerClient, type RegistrationRequest } from '@sallyport/vault';
import fc from 'fast-check';
import { judgeRegistrationAnswer } from '../src/registration-answer.ts';
import { answering, openProvider, type Answer, type Provider } from './provider.ts';

const now = 1_800_000_000;
const fetch = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, milliseconds: 500 });
const redirect_uri = 'https://mcp.example.com/oidc/callback';
const metadata: RegistrationRequest['metadata'] = {
  client_name: 'Example gate',
  application_type: 'web',
  redirect_uris: [redirect_uri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
};
const given = { client_id: 'client-1', client_secret: 'secret-1', client_secret_expires_at: 0 };
const whole = { ...metadata, ...given };
const initialAccessToken = 'initial-access-token-1';

let provider: Provider;
before(async () => void (provider = await openProvider()));
after(() => provider.close());

async function registered(answer: Answer, changes: Partial<typeof metadata> = {}) {
  provider.answer = answer;
  const { endpoint } = provider;
  const request = { endpoint, initialAccessToken, metadata: { ...metadata, ...changes } };
  return registerClient(fetch, request, now);
}

async function refusalOf(answer: Answer): Promise<Refusal> {
  const refusal: unknown = await registered(answer).catch((error: unknown) => error);
  assert.ok(isRefusal(refusal), JSON.stringify(refusal));
  const told = JSON.stringify(refusal.facts);
  for (const secret of ['secret-1', initialAccessToken]) assert.ok(!told.includes(secret), told);
  return refusal;
}

const client = {
  client_id: 'client-1',
  client_secret: 'secret-1',
  token_endpoint_auth_method: 'client_secret_basic',
};

describe('a registration is taken', () => {
  it('as the standard answers it, with what its management would need', async () => {
    const managed = { registration_access_token: 'r', registration_client_uri: 'https://id.example.com/r/1' };
    assert.deepEqual(await registered(answering({ ...whole, ...managed }, 201)), { ...client, ...managed });
    const [asked] = provider.asked;
    assert.equal(asked?.method, 'POST');
    assert.equal(asked.headers['content-type'], 'application/json');
    assert.equal(asked.headers.authorization, `Bearer ${initialAccessToken}`);
  });

  it('with another way to prove oneself than was asked for, which it can', async () => {
    const post = { token_endpoint_auth_method: 'client_secret_post' } as const;
    assert.deepEqual(await registered(answering({ ...whole, ...post }, 201)), { ...client, ...post });
    const { client_secret: _, ...none } = { ...client, token_endpoint_auth_method: 'none' };
    const open = { ...whole, token_endpoint_auth_method: 'none' };
    assert.deepEqual(await registered(answering(open, 201)), none, 'a secret beside it is of no use');
  });

  it('with the end of its secret', async () => {
    const ends = { client_secret_expires_at: now + 600 };
    assert.deepEqual(await registered(answering({ ...whole, ...ends }, 201)), { ...client, ...ends });
  });

  it('that says no more than the client, or says it with status 200', async () => {
    assert.deepEqual(await registered(answering(given, 201)), client);
    assert.deepEqual(await registered(answering(whole, 200)), client);
    const { client_id } = given;
    const method = 'none';
    const open = await registered(answering({ client_id }, 201), { token_endpoint_auth_method: method });
    assert.deepEqual(open, { client_id, token_endpoint_auth_method: method });
  });
});

describe('a registration is refused', () => {
  const unusable: Readonly<Record<string, readonly [what: object, why: string]>> = {
    'without a client id': [{ client_id: undefined }, 'client_id'],
    'whose client id is null': [{ client_id: null }, 'client_id'],
    'whose client id is a number': [{ client_id: 7 }, 'client_id'],
    'whose client id would end a header': [{ client_id: 'a\r\nset-cookie: b' }, 'client_id'],
    'whose client id is longer than a URL': [{ client_id: 'c'.repeat(2049) }, 'client_id'],
    'without the secret that it is to be proven by': [{ client_secret: undefined }, 'client_secret'],
    'whose secret is an object': [{ client_secret: {} }, 'client_secret'],
    'whose secret has a line break': [{ client_secret: 'a\nb' }, 'client_secret'],
    'whose secret is over before anybody could come back, and would be asked for anew all the time': [
      { client_secret_expires_at: now + 599 },
      'client_secret_expires_at',
    ],
    'whose secret is over': [{ client_secret_expires_at: now }, 'client_secret_expires_at'],
    'whose secret ends at no time': [{ client_secret_expires_at: 'soon' }, 'client_secret_expires_at'],
    'whose secret ends beyond all times': [{ client_secret_expires_at: 1e300 }, 'client_secret_expires_at'],
    'whose secret ended before the epoch': [{ client_secret_expires_at: -1 }, 'client_secret_expires_at'],
    'for another redirect URI': [{ redirect_uris: ['https://evil.example/callback'] }, 'redirect_uris'],
    'for a redirect URI that differs by a slash': [{ redirect_uris: [`${redirect_uri}/`] }, 'redirect_uris'],
    'for no redirect URI': [{ redirect_uris: [] }, 'redirect_uris'],
    'whose redirect URIs are a text': [{ redirect_uris: redirect_uri }, 'redirect_uris'],
    'without the grant of codes': [{ grant_types: ['client_credentials'] }, 'grant_types'],
    'without the response of codes': [{ response_types: ['token'] }, 'response_types'],
    'to be proven by keys': [{ token_endpoint_auth_method: 'private_key_jwt' }, 'token_endpoint_auth_method'],
    'to be proven by a list': [{ token_endpoint_auth_method: ['none'] }, 'token_endpoint_auth_method'],
  };
  for (const [what, [changes, why]] of Object.entries(unusable))
    it(what, async () => {
      const { reason, facts } = await refusalOf(answering({ ...whole, ...changes }, 201));
      assert.deepEqual([reason, facts['why']], ['provider_registration_unusable', why]);
      assert.equal(finalityOf(reason), 'for_the_operator');
    });

  it('for another redirect URI besides, which would be somebody’s way to its codes', async () => {
    const redirect_uris = [redirect_uri, 'https://evil.example/callback'];
    const { reason, facts } = await refusalOf(answering({ ...whole, redirect_uris }, 201));
    assert.deepEqual([reason, facts['why']], ['provider_registration_unusable', 'redirect_uris']);
  });

  const html = { 'content-type': 'text/html' };
  const others: Readonly<Record<string, readonly [Answer, reason: string]>> = {
    'by a page of HTML': [answering('<!doctype html>', 200, html), 'provider_registration_unusable'],
    'by nothing at all': [answering('', 201), 'provider_registration_unusable'],
    'by a list': [answering('[]', 201), 'provider_registration_unusable'],
    'by two clients in one answer': [
      answering('{"client_id":"a","client_id":"b"}', 201),
      'provider_registration_unusable',
    ],
    'by an error with status 201': [
      answering({ ...whole, error: 'invalid_request' }, 201),
      'provider_registration_refused',
    ],
    'for its metadata': [
      answering({ error: 'invalid_client_metadata' }, 400),
      'provider_registration_refused',
    ],
    'for want of a token': [answering({ error: 'invalid_token' }, 401), 'provider_registration_refused'],
    'by its policy': [answering({ error: 'access_denied' }, 403), 'provider_registration_refused'],
    'where nothing is': [answering('', 404), 'provider_registration_refused'],
    'because there are too many': [answering({ error: 'slow_down' }, 429), 'provider_busy'],
    'in trouble': [answering('', 503), 'provider_failing'],
    'by a redirect': [answering('', 302, { location: 'https://evil.example/' }), 'provider_endpoint_refused'],
    'by a megabyte': [
      answering({ ...whole, more: 'x'.repeat(1_000_000) }, 201),
      'provider_answer_unreadable',
    ],
    'by silence': [() => {}, 'provider_unreachable'],
    'by hanging up': [(response) => void response.destroy(), 'provider_unreachable'],
  };
  for (const [what, [answer, reason]] of Object.entries(others))
    it(what, async () => assert.equal((await refusalOf(answer)).reason, reason));

  it('with its words in the log, short, and without what was sent', async () => {
    const error_description = `no ${initialAccessToken} ${'x'.repeat(500)}`;
    const { facts } = await refusalOf(answering({ error: 'invalid_token', error_description }, 401));
    assert.equal(facts['providerError'], 'invalid_token');
    assert.match(String(facts['providerSaid']), /^no … …$/);
  });
});

it('whatever comes back is a client or a refusal', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc
      .record(
        Object.fromEntries(Object.keys(whole).map((name) => [name, fc.oneof(fc.anything(), fc.string())])),
        { requiredKeys: [] },
      )
      .map((value) => new TextEncoder().encode(JSON.stringify(value) ?? '')),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom(200, 201, 400, 500), (body, status) => {
      const answer = { status, header: () => undefined, contentType: 'application/json', bytes: body };
      try {
        const { client_id } = judgeRegistrationAnswer(answer, metadata, { facts: {}, secrets: [], now });
        assert.match(client_id, /^[\x21-\x7e]+$/);
      } catch (error) {
        assert.ok(isRefusal(error), String(error));
      }
    }),
  );
});
