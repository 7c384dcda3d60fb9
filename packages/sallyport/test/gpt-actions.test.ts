// GPT Actions: a wildcard for the GPT's id, a secret in the body, no PKCE. Whatever else would like to do without it is
// refused.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addPreregisteredClient } from '@sallyport/authorization-server';
import { codeChallengeOf, digest, randomToken } from '@sallyport/crypto';
import type { Client } from '@sallyport/storage';
import { leftTo, openBrowserAt, pageOf, type Browser } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  EMAIL,
  errorOf,
  PASSWORD,
  REDIRECT_URI,
  refresh,
  register,
  type Registered,
  signedInBrowser,
  signInAt,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const wildcards = [
  'https://chat.openai.com/aip/g-*/oauth/callback',
  'https://chatgpt.com/aip/g-*/oauth/callback',
];
const ourGpt = 'https://chatgpt.com/aip/g-1a2B3c4D5/oauth/callback';
const otherGpt = 'https://chatgpt.com/aip/g-9z8Y7x6W5/oauth/callback';
/** What ChatGPT sends of PKCE. */
const nothing = { code_challenge: undefined, code_challenge_method: undefined };

let house: House;
let browser: Browser;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
  browser = await signedInBrowser(house);
});
after(() => house.close());

interface Secret extends Registered {
  readonly client_secret: string;
}

/** As `clients add` does. */
async function addClient(
  metadata: Readonly<Record<string, unknown>> = {},
  decided: Pick<Client, 'requirePkce'> = { requirePkce: false },
): Promise<Secret> {
  const { client, client_secret = '' } = await addPreregisteredClient(
    house.storage,
    {
      redirect_uris: wildcards,
      token_endpoint_auth_method: 'client_secret_post',
      client_name: 'ChatGPT',
      ...metadata,
    },
    { now: house.clock.now, policy: house.config.registration, ...decided },
  );
  return { client_id: client.client_id, client_secret };
}

/** Changes what is known of a client, as nobody could by a request. */
async function changeClient(client_id: string, change: (client: Client) => Client): Promise<void> {
  const client = await house.storage.findClient(client_id);
  assert.ok(client);
  await house.storage.removeClient(client_id);
  assert.equal(await house.storage.addClient(change(client)), 'added');
}

type Asked = Readonly<Record<string, string | undefined>>;

/** @returns the code, after a person has been asked */
async function codeFor(client: Registered, asked: Asked = {}): Promise<string> {
  const parameters = { redirect_uri: ourGpt, ...nothing, ...asked };
  const page = pageOf(await browser.open(authorizationUrl(client, parameters).url));
  assert.equal(page.url.pathname, '/oauth/authorize/resume', page.html);
  const left = leftTo(await browser.submit(page, { decision: 'allow' }));
  return left.searchParams.get('code') ?? assert.fail(left.href);
}

const formOf = ({ client_id, client_secret }: Secret, code: string) => ({
  grant_type: 'authorization_code',
  client_id,
  client_secret,
  redirect_uri: ourGpt,
  code,
});

async function errorAt(url: string): Promise<string | null> {
  const left = leftTo(await browser.open(url));
  assert.equal(left.searchParams.get('code'), null);
  return left.searchParams.get('error');
}

describe('a GPT’s actions', () => {
  it('get in with a secret, without PKCE, and stay in', async () => {
    const client = await addClient();
    const stranger = openBrowserAt(house);
    const { url, state } = authorizationUrl(client, { redirect_uri: ourGpt, ...nothing });
    const consent = pageOf(await signInAt(stranger, await stranger.open(url)));
    assert.match(consent.html, /ChatGPT/);
    assert.match(consent.html, /chatgpt\.com/);
    const left = leftTo(await stranger.submit(consent, { decision: 'allow' }));
    assert.equal(`${left.origin}${left.pathname}`, ourGpt);
    assert.equal(left.searchParams.get('state'), state);
    assert.equal(left.searchParams.get('iss'), house.origin);

    const answer = await askToken(house, formOf(client, left.searchParams.get('code') ?? ''));
    assert.equal(answer.status, 200, await answer.clone().text());
    const tokens = (await answer.json()) as Tokens;
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const { client_secret } = client;
    assert.equal((await refresh(house, client, tokens.refresh_token, { client_secret })).status, 200);
  });

  it('are asked about every time, whatever was allowed before, and prompt=none finds nothing', async () => {
    const client = await addClient();
    await codeFor(client);
    await codeFor(client);
    const none = { redirect_uri: ourGpt, prompt: 'none' };
    assert.equal(
      await errorAt(authorizationUrl(client, { ...none, ...nothing }).url),
      'interaction_required',
    );
    // With PKCE too: consent given then would serve a request without.
    assert.equal(await errorAt(authorizationUrl(client, none).url), 'interaction_required');
  });

  it('have PKCE enforced once they send it', async () => {
    const client = await addClient();
    const code_verifier = randomToken();
    const challenge = { code_challenge: codeChallengeOf(code_verifier), code_challenge_method: 'S256' };
    const form = formOf(client, await codeFor(client, challenge));
    assert.equal(await errorOf(await askToken(house, form)), 'invalid_request');
    const wrong = { ...form, code_verifier: randomToken() };
    assert.equal(await errorOf(await askToken(house, wrong)), 'invalid_grant');
    assert.equal((await askToken(house, { ...form, code_verifier })).status, 200);
  });

  for (const [what, parameters] of [
    ['a method without a challenge', { code_challenge: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['a challenge without a method', { code_challenge_method: undefined }],
    ['a challenge that is none', { code_challenge: 'short' }],
    ['no state', { ...nothing, state: undefined }],
    ['an empty state', { ...nothing, state: '' }],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const { url } = authorizationUrl(await addClient(), { redirect_uri: ourGpt, ...parameters });
      assert.equal(await errorAt(url), 'invalid_request');
    });
  }
});

describe('a code without a challenge', () => {
  const cases: readonly [string, Readonly<Record<string, string>>, readonly string[], string][] = [
    ['a code_verifier', { code_verifier: randomToken() }, [], 'invalid_grant'],
    ['no redirect_uri', {}, ['redirect_uri'], 'invalid_request'],
    ['another GPT’s redirect_uri', { redirect_uri: otherGpt }, [], 'invalid_grant'],
    ['the wildcard as redirect_uri', { redirect_uri: wildcards[1]! }, [], 'invalid_grant'],
    ['no secret', {}, ['client_secret'], 'invalid_client'],
    ['a wrong secret', { client_secret: randomToken() }, [], 'invalid_client'],
  ];
  it('is refused with anything inexact, and good for the right request still', async () => {
    const client = await addClient();
    const good = formOf(client, await codeFor(client));
    for (const [what, change, without, error] of cases) {
      const form = Object.fromEntries(
        Object.entries({ ...good, ...change }).filter(([name]) => !without.includes(name)),
      );
      assert.equal(await errorOf(await askToken(house, form)), error, what);
    }
    assert.equal((await askToken(house, good)).status, 200);
  });

  it('revokes all when it comes a second time', async () => {
    const client = await addClient();
    const form = formOf(client, await codeFor(client));
    const tokens = (await (await askToken(house, form)).json()) as Tokens;
    assert.equal(await errorOf(await askToken(house, form)), 'invalid_grant');
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
  });

  it('is worth nothing to another client, with or without PKCE of its own', async () => {
    const code = await codeFor(await addClient());
    const other = await addClient();
    assert.equal(await errorOf(await askToken(house, formOf(other, code))), 'invalid_grant');
    const stranger = await register(house);
    const form = {
      grant_type: 'authorization_code',
      client_id: stranger.client_id,
      redirect_uri: ourGpt,
      code,
    };
    assert.equal(await errorOf(await askToken(house, form)), 'invalid_grant');
  });
});

describe('a registration with an initial access token', () => {
  const vouch = 'vouch-for-gpts-and-nothing-else';
  before(async () => {
    await house.storage.addInitialAccessToken({
      name: 'gpts',
      digest: digest(vouch),
      createdAt: house.clock.now,
      uses: 0,
    });
  });
  const send = (path: string, method: string, token: string, body: object) =>
    house.ask(path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const body = {
    redirect_uris: wildcards,
    client_name: 'ChatGPT',
    token_endpoint_auth_method: 'client_secret_post',
  };
  const isAskedForPkce = async (client: Registered, redirect_uri: string): Promise<boolean> => {
    const arrived = await browser.open(authorizationUrl(client, { redirect_uri, ...nothing }).url);
    return !('html' in arrived);
  };

  it('lets GPTs in without PKCE, and nobody has to say so', async () => {
    const answer = await send('/oauth/register', 'POST', vouch, body);
    assert.equal(answer.status, 201, await answer.clone().text());
    const client = (await answer.json()) as Secret;
    assert.deepEqual(client['redirect_uris'], wildcards);
    const form = formOf(client, await codeFor(client));
    assert.equal((await askToken(house, form)).status, 200);
  });

  it('needs PKCE as soon as the client changes itself to return elsewhere as well', async () => {
    const client = (await (await send('/oauth/register', 'POST', vouch, body)).json()) as Secret;
    assert.equal(await isAskedForPkce(client, ourGpt), false);
    const { client_id } = client;
    const management = String(client['registration_access_token']);
    const change = (redirect_uris: readonly string[]) =>
      send(`/oauth/register/${client_id}`, 'PUT', management, { ...body, client_id, redirect_uris });
    assert.equal((await change([...wildcards, REDIRECT_URI])).status, 200);
    for (const uri of [ourGpt, REDIRECT_URI]) assert.equal(await isAskedForPkce(client, uri), true);
    assert.equal((await change([REDIRECT_URI])).status, 200);
    assert.equal(await isAskedForPkce(client, REDIRECT_URI), true);
    const toPublic = await send(`/oauth/register/${client_id}`, 'PUT', management, {
      ...body,
      client_id,
      token_endpoint_auth_method: 'none',
    });
    assert.equal(toPublic.status, 400);
  });

  it('gives no wildcard to a public client, and no leave to one of other addresses', async () => {
    const asPublic = await send('/oauth/register', 'POST', vouch, {
      ...body,
      token_endpoint_auth_method: 'none',
    });
    assert.equal(asPublic.status, 400);
    assert.equal(await errorOf(asPublic), 'invalid_redirect_uri');
    const others = { ...body, redirect_uris: [...wildcards, REDIRECT_URI] };
    const client = (await (await send('/oauth/register', 'POST', vouch, others)).json()) as Secret;
    for (const uri of [ourGpt, REDIRECT_URI]) assert.equal(await isAskedForPkce(client, uri), true);
  });

  it('is worth nothing without the token', async () => {
    for (const token of ['', 'guessed', `${vouch}x`]) {
      const answer = await send('/oauth/register', 'POST', token, body);
      assert.equal(answer.status, 400);
      assert.equal(await errorOf(answer), 'invalid_redirect_uri');
    }
  });
});

describe('doing without PKCE', () => {
  const alone = { redirect_uris: [ourGpt], token_endpoint_auth_method: 'client_secret_post' };
  const vouched = (client: Client): Client => ({
    ...client,
    registeredBy: 'dynamic',
    registeredWith: 'the agents team',
    requirePkce: false,
  });
  const isAllowed = async (client_id: string, redirect_uri = ourGpt): Promise<boolean> => {
    const url = authorizationUrl({ client_id }, { redirect_uri, ...nothing }).url;
    const arrived = await browser.open(url);
    if ('html' in arrived) return true;
    assert.equal(arrived.left.searchParams.get('error'), 'invalid_request');
    assert.match(arrived.left.searchParams.get('error_description') ?? '', /^PKCE is required/);
    return false;
  };

  it('is for a client that the operator said it of, and no other of theirs', async () => {
    assert.equal(await isAllowed((await addClient(alone)).client_id), true);
    assert.equal(await isAllowed((await addClient(alone, {})).client_id), false);
  });

  it('is for one with an initial access token that has GPTs’ callbacks alone', async () => {
    const { client_id } = await addClient(alone, {});
    await changeClient(client_id, vouched);
    assert.equal(await isAllowed(client_id), true);
    await changeClient(client_id, (client) => ({
      ...client,
      metadata: { ...client.metadata, redirect_uris: [ourGpt, REDIRECT_URI] },
    }));
    assert.equal(await isAllowed(client_id), false);
    assert.equal(await isAllowed(client_id, REDIRECT_URI), false);
  });

  it('is never for strangers, although a row says so', async () => {
    const { client_id } = await register(house, alone);
    await changeClient(client_id, (client) => ({ ...client, requirePkce: false }));
    assert.equal(await isAllowed(client_id), false);
  });

  it('ends when the client becomes public, or one of this computer, also for what is under way', async () => {
    const client = await addClient(alone);
    const page = pageOf(
      await browser.open(authorizationUrl(client, { redirect_uri: ourGpt, ...nothing }).url),
    );
    const { secretDigest, ...rest } = (await house.storage.findClient(client.client_id))!;
    assert.ok(secretDigest);
    await changeClient(client.client_id, () => ({
      ...rest,
      metadata: { ...rest.metadata, token_endpoint_auth_method: 'none' },
    }));
    assert.equal(await isAllowed(client.client_id), false);
    const after = pageOf(await browser.submit(page, { decision: 'allow' }));
    assert.equal(after.status, 400);
    const local = 'http://localhost/callback';
    await changeClient(client.client_id, () => ({
      ...rest,
      secretDigest,
      metadata: { ...rest.metadata, redirect_uris: [ourGpt, local] },
    }));
    assert.equal(await isAllowed(client.client_id), false);
  });

  for (const [what, metadata] of [
    ['a public client', { token_endpoint_auth_method: 'none', redirect_uris: [REDIRECT_URI] }],
    ['a client of this computer', { redirect_uris: ['http://localhost/callback'] }],
    ['an app with a scheme of its own', { redirect_uris: [REDIRECT_URI, 'cursor://a/callback'] }],
  ] as const) {
    it(`cannot be asked for with ${what}`, async () => {
      await assert.rejects(addClient(metadata), { reason: 'pkce_required' });
    });
  }
});

describe('the wildcard', () => {
  it('is refused to strangers, who are told what would pass', async () => {
    for (const token_endpoint_auth_method of ['none', 'client_secret_post']) {
      const response = await house.ask('/oauth/register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: wildcards, token_endpoint_auth_method }),
      });
      assert.equal(response.status, 400);
      const body = (await response.json()) as Record<string, string>;
      assert.equal(body['error'], 'invalid_redirect_uri');
      assert.match(body['error_description'] ?? '', /initial access token/);
    }
  });

  it('is refused to a public client of the operator', async () => {
    await assert.rejects(addClient({ token_endpoint_auth_method: 'none' }, {}), {
      reason: 'redirect_wildcard_refused',
    });
  });

  it('is no place to go to, and leads nowhere but to a GPT', async () => {
    const client = await addClient();
    for (const redirect_uri of [
      undefined,
      ...wildcards,
      'https://chatgpt.com/aip/g-a/../../evil/oauth/callback',
      'https://chatgpt.com/aip/g-x/elsewhere?q=/oauth/callback',
      'https://chatgpt.com/aip/g-x%2F/oauth/callback',
      `${ourGpt}/`,
      `${ourGpt}?x=1`,
      'https://chatgpt.com:443/aip/g-x/oauth/callback',
      'https://evil.example.com/aip/g-x/oauth/callback',
    ]) {
      const page = pageOf(await browser.open(authorizationUrl(client, { redirect_uri, ...nothing }).url));
      assert.equal(page.status, 400, redirect_uri);
      assert.match(page.html, /redirect_uri/);
    }
  });

  it('never remembers consent, even with PKCE: the next GPT may be another maker’s', async () => {
    const client = await addClient({}, {});
    const asked = {
      redirect_uri: ourGpt,
      code_challenge: codeChallengeOf(randomToken()),
      code_challenge_method: 'S256',
    };
    await codeFor(client, asked);
    for (const redirect_uri of [ourGpt, otherGpt])
      assert.equal(
        await errorAt(authorizationUrl(client, { redirect_uri, prompt: 'none' }).url),
        'interaction_required',
      );
  });

  it('beside exact callbacks of two GPTs: what is remembered for one is none of the other’s', async () => {
    const client = await addClient({ redirect_uris: [ourGpt, otherGpt] }, {});
    const asked = {
      redirect_uri: ourGpt,
      code_challenge: codeChallengeOf(randomToken()),
      code_challenge_method: 'S256',
    };
    await codeFor(client, asked);
    const again = leftTo(await browser.open(authorizationUrl(client, { ...asked, prompt: 'none' }).url));
    assert.ok(again.searchParams.has('code'), again.href);
    assert.equal(
      await errorAt(authorizationUrl(client, { redirect_uri: otherGpt, prompt: 'none' }).url),
      'consent_required',
    );
  });
});

describe('private-use schemes', () => {
  const scheme = 'cursor://anysphere.cursor-mcp/oauth/callback';
  it('can be switched off, for what is registered already as well', async () => {
    const closed = await openHouse({ environment: { SALLYPORT_REGISTRATION_PRIVATE_USE_SCHEMES: 'deny' } });
    try {
      const refused = await closed.ask('/oauth/register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [scheme], token_endpoint_auth_method: 'none' }),
      });
      assert.equal(await errorOf(refused.clone()), 'invalid_redirect_uri');
      assert.match(await refused.text(), /private-use scheme/);
      const both = await register(closed, { redirect_uris: [scheme, REDIRECT_URI] });
      assert.deepEqual(both['redirect_uris'], [REDIRECT_URI]);

      const before = await register(house, { redirect_uris: [scheme] });
      await closed.storage.addClient((await house.storage.findClient(before.client_id))!);
      const { url } = authorizationUrl(before, { redirect_uri: scheme });
      const page = pageOf(await openBrowserAt(closed).open(url));
      assert.equal(page.status, 400);
      assert.match(page.html, /switched off/);
    } finally {
      await closed.close();
    }
  });
});
