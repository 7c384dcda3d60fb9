// What a token endpoint is asked, and what is made of the many ways in which providers answer.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, type Refusal } from '@sallyport/protocol';
import { finalityOf, requestTokens, type TokenClientAuth, type TokenRequest } from '@sallyport/vault';
import fc from 'fast-check';
import { judgeTokenAnswer } from '../src/token-answer.ts';
import { answering, openProvider, type Answer, type Provider } from './provider.ts';

const now = 1_800_000_000;
const fetch = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, milliseconds: 500 });
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const html = { 'content-type': 'text/html' };
const clientAuth: TokenClientAuth = { method: 'none', client_id: 'c' };
const parameters = { grant_type: 'refresh_token', refresh_token: 'presented-secret' };
let provider: Provider;
before(async () => {
  provider = await openProvider();
});
beforeEach(() => void (provider.asked.length = 0));
after(() => provider.close());

const request = (changes: Partial<TokenRequest> = {}) =>
  requestTokens(fetch, { endpoint: provider.endpoint, parameters, clientAuth, ...changes }, now);

async function tokensOf(answer: Answer) {
  provider.answer = answer;
  return request();
}

async function refusalOf(answer: Answer, changes?: Partial<TokenRequest>): Promise<Refusal> {
  provider.answer = answer;
  const refusal: unknown = await request(changes).then(
    () => assert.fail('there were tokens'),
    (error: unknown) => error,
  );
  assert.ok(isRefusal(refusal), String(refusal));
  const told = JSON.stringify(refusal.facts);
  for (const secret of ['presented-secret', 'client:secret/é']) assert.ok(!told.includes(secret), told);
  return refusal;
}

describe('a token request', () => {
  beforeEach(() => void (provider.answer = answering({ access_token: 'a' })));

  it('is a form, asks for JSON, and names a public client in the body', async () => {
    await request();
    const [asked] = provider.asked;
    assert.equal(asked?.method, 'POST');
    assert.equal(asked.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(asked.headers.accept, 'application/json');
    assert.equal(asked.headers.authorization, undefined);
    assert.deepEqual(Object.fromEntries(asked.form), { ...parameters, client_id: 'c' });
  });
  it('carries the secret in the header, each half encoded by itself, or in the body: never in both', async () => {
    const client = { client_id: 'id:with colon', client_secret: 'client:secret/é' };
    await request({ clientAuth: { method: 'client_secret_basic', ...client } });
    await request({ clientAuth: { method: 'client_secret_post', ...client } });
    const [basic, post] = provider.asked;
    const pair = Buffer.from(basic?.headers.authorization?.slice(6) ?? '', 'base64').toString();
    assert.equal(pair, 'id%3Awith+colon:client%3Asecret%2F%C3%A9');
    assert.deepEqual(Object.fromEntries(basic?.form ?? []), parameters);
    assert.equal(post?.headers.authorization, undefined);
    assert.deepEqual(Object.fromEntries(post?.form ?? []), { ...parameters, ...client });
  });
});

describe('tokens are read from', () => {
  const least = { access_token: 'a', token_type: 'Bearer', client_id: 'c', rest: {} };

  it('the answer of the standard', async () => {
    const answer = {
      access_token: 'a',
      token_type: 'bearer',
      expires_in: 60,
      refresh_token: 'r',
      scope: 's',
    };
    assert.deepEqual(await tokensOf(answering({ ...answer, id_token: 'i', cloud: [1] })), {
      access_token: 'a',
      token_type: 'bearer',
      expiresAt: now + 60,
      refresh_token: 'r',
      scope: 's',
      client_id: 'c',
      id_token: 'i',
      rest: { cloud: [1] },
    });
  });
  it('a form, as GitHub answers unless it is asked for JSON', async () => {
    const text =
      'access_token=a&expires_in=60&refresh_token=r&refresh_token_expires_in=9&scope=&token_type=bearer';
    assert.deepEqual(await tokensOf(answering(text, 200, form)), {
      access_token: 'a',
      token_type: 'bearer',
      expiresAt: now + 60,
      refresh_token: 'r',
      client_id: 'c',
      rest: { refresh_token_expires_in: '9' },
    });
  });
  it('JSON that calls itself something else', async () => {
    assert.deepEqual(await tokensOf(answering(' {"access_token":"a"}', 200, html)), least);
  });
  it('members that are null or empty as if they were not there', async () => {
    const empty = {
      refresh_token: null,
      id_token: '',
      scope: null,
      expires_in: null,
      error: null,
      other: '',
    };
    assert.deepEqual(
      await tokensOf(answering({ ...least, client_id: undefined, rest: undefined, ...empty })),
      least,
    );
  });
  it('lifetimes in any spelling; one that says nothing is none', async () => {
    for (const [expires_in, expected] of [
      ['3600', 3600],
      ['59.9', 59],
      [59.9, 59],
      [1e300, 100 * 365 * 24 * 3600],
      [0, undefined],
      [0.5, undefined],
      [-1, undefined],
      ['soon', undefined],
      [true, undefined],
    ] as const) {
      const { expiresAt } = await tokensOf(answering({ access_token: 'a', expires_in }));
      assert.equal(expiresAt, expected === undefined ? undefined : now + expected, String(expires_in));
    }
  });
});

describe('a refusal', () => {
  const because = async (answer: Answer, changes?: Partial<TokenRequest>) => {
    const { reason, facts } = await refusalOf(answer, changes);
    return { reason, finality: finalityOf(reason), facts };
  };

  it('of what was presented is final, whatever the status and the name', async () => {
    const errors = ['invalid_grant', 'bad_refresh_token', 'bad_verification_code', 'interaction_required'];
    for (const error of errors)
      for (const [status, type] of [
        [400, 'json'],
        [200, 'json'],
        [401, 'json'],
        [403, 'form'],
      ] as const) {
        const answer =
          type === 'json' ? answering({ error }, status) : answering(`error=${error}`, status, form);
        const { reason, finality, facts } = await because(answer);
        assert.deepEqual(
          [reason, finality, facts['providerError']],
          ['provider_grant_refused', 'final', error],
        );
      }
  });
  it('of the client or of the request is for the operator: what was presented may be as good as ever', async () => {
    for (const error of ['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'])
      assert.deepEqual(await because(answering({ error }, 401)), {
        reason: 'provider_client_refused',
        finality: 'for_the_operator',
        facts: { host: new URL(provider.endpoint).host, status: 401, providerError: error },
      });
    for (const error of ['invalid_scope', 'something_of_its_own', { type: 'OAuthException' }, 7, {}]) {
      const { reason, finality } = await because(answering({ error }, 400));
      assert.deepEqual([reason, finality], ['provider_request_refused', 'for_the_operator']);
    }
  });
  it('of a provider in trouble is passing, even if it names the grant meanwhile', async () => {
    const passing: readonly (readonly [string, Answer])[] = [
      ['provider_failing', answering({ error: 'invalid_grant' }, 500)],
      ['provider_failing', answering('<h1>Bad gateway</h1>', 502, html)],
      ['provider_failing', answering({ error: 'server_error' }, 400)],
      ['provider_failing', answering({ error: 'temporarily_unavailable' }, 200)],
      ['provider_busy', answering({ error: 'invalid_grant' }, 429)],
      ['provider_busy', answering({ error: 'slow_down' }, 400)],
      ['provider_answer_unreadable', answering('<h1>Sign in to the network</h1>', 200, html)],
      ['provider_answer_unreadable', answering('<h1>Not here</h1>', 404, html)],
      ['provider_answer_unreadable', answering('access_token=a', 200, html)],
      ['provider_answer_unreadable', answering('{"access_token":"a"', 200)],
      ['provider_answer_unreadable', answering('{"access_token":"a","access_token":"b"}', 200)],
      ['provider_answer_unreadable', answering('', 200)],
      ['provider_answer_unreadable', answering({}, 200)],
      ['provider_answer_unreadable', answering({ access_token: 'a' }, 403)],
      ['provider_answer_unreadable', answering({ access_token: 7 }, 200)],
      ['provider_answer_unreadable', answering({ access_token: 'a\r\nX-Evil: 1' }, 200)],
      ['provider_answer_unreadable', answering({ access_token: 'a', refresh_token: ['r'] }, 200)],
      ['provider_answer_unreadable', answering({ access_token: 'x'.repeat(16_001) }, 200)],
      ['provider_answer_unreadable', answering({ access_token: 'a', pad: 'x'.repeat(256 * 1024) }, 200)],
      ['provider_unreachable', (response) => void response.destroy()],
    ];
    for (const [expected, answer] of passing) {
      const { reason, finality } = await because(answer);
      assert.deepEqual([reason, finality], [expected, 'passing']);
    }
  });
  it('of a provider that does not answer is passing; the answer to a refresh is waited for longer than that to a code', async () => {
    const code = { parameters: { grant_type: 'authorization_code', code: 'presented-secret' } };
    const slow: Answer = (response, asked) =>
      void setTimeout(() => answering({ access_token: 'late' })(response, asked), 1_000);
    const { reason, finality, facts } = await because(slow, code);
    assert.deepEqual(
      [reason, finality, facts['why']],
      ['provider_unreachable', 'passing', 'fetch_timed_out'],
    );
    assert.equal((await tokensOf(slow)).access_token, 'late');
  });
  it('says how long the provider asks to wait', async () => {
    const busy = (value: string) => answering('', 429, { 'retry-after': value });
    const wait = async (value: string) => (await because(busy(value))).facts['retryAfterSeconds'];
    assert.equal(await wait('7'), 7);
    assert.equal(await wait(new Date((now + 90) * 1000).toUTCString()), 90);
    assert.equal(await wait('99999999'), 24 * 3600);
    for (const value of ['0', '-1', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'])
      assert.equal(await wait(value), undefined);
  });
  it('of the address that is configured is for the operator', async () => {
    const moved = answering('', 302, { location: '/elsewhere' });
    for (const [endpoint, why] of [
      [provider.endpoint, 'fetch_redirected'],
      ['http://provider.example.com/token', 'url_refused'],
      ['no url', 'url_refused'],
    ] as const) {
      const { reason, finality, facts } = await because(moved, { endpoint });
      assert.deepEqual(
        [reason, finality, facts['why']],
        ['provider_endpoint_refused', 'for_the_operator', why],
      );
    }
  });
  it("tells the log the provider's words, short, and none of what was sent", async () => {
    const error_description = `refresh_token presented-secret\nis ${'t'.repeat(60)} invalid ${'no '.repeat(100)}`;
    const { facts } = await because(answering({ error: 'invalid_grant', error_description }, 400));
    const said = String(facts['providerSaid']);
    assert.ok(said.startsWith('refresh_token … is … invalid no no'), said);
    assert.equal(said.length, 200);
    const echo = await because(answering({ error: 'presented-secret' }, 400));
    assert.equal(echo.facts['providerError'], '…');
    const basic: TokenClientAuth = {
      method: 'client_secret_basic',
      client_id: 'c',
      client_secret: 'client:secret/é',
    };
    await because(answering({ error: 'invalid_client', error_description: 'not client:secret/é' }, 401), {
      clientAuth: basic,
    });
  });
});

it('whatever comes back is tokens or a refusal', () => {
  const answers = fc.record({
    status: fc.integer({ min: 200, max: 599 }),
    contentType: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/html', ''),
    text: fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.constantFrom('access_token', 'error', 'expires_in', 'scope', 'x'), fc.jsonValue())
        .map((members) => JSON.stringify(members)),
    ),
    retryAfter: fc.option(fc.string(), { nil: undefined }),
  });
  fc.assert(
    fc.property(answers, ({ status, contentType, text, retryAfter }) => {
      const answer = { status, contentType, header: () => retryAfter, bytes: Buffer.from(text) };
      try {
        const tokens = judgeTokenAnswer(answer, { facts: {}, secrets: [], now });
        assert.match(tokens.access_token, /^[\x21-\x7e]+$/);
      } catch (error) {
        assert.ok(isRefusal(error), String(error));
      }
    }),
  );
});
