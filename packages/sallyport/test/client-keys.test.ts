// Clients whose keys are at a URL: fetched, kept, rotated, away, hostile; clients of documents that may come with a key or
// without, as ChatGPT's; and clients that the operator adds with keys.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import {
  assertionBy,
  assertionForm,
  clientKey,
  type ClientKey,
} from '../../authorization-server/test/assertions.ts';
import { json, openWorld, PUBLIC_ADDRESS, type Answer, type World } from '../../guarded-fetch/test/world.ts';
import { temporaryFolder } from '../../storage/test/folder.ts';
import { openBrowserAt, pageOf } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  PASSWORD,
  REDIRECT_URI,
  register,
  type Registered,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { call } from './program/call.ts';

const HOST = 'app.example.com';
const KEYS = `${HOST}/oauth/jwks.json`;
const jwks_uri = `https://${KEYS}`;
const method = 'private_key_jwt';

let world: World;
let house: House;
before(async () => {
  world = await openWorld([HOST, 'other.example.com', 'keys.internal.example']);
});
after(() => world.close());
beforeEach(async () => {
  world.pages.clear();
  world.names.set(HOST, [PUBLIC_ADDRESS]);
  house = await open();
});
afterEach(() => house.close());

async function open(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse({ network: world.network, ...options });
  await opened.addPerson(EMAIL, PASSWORD);
  world.requests.length = world.opened.length = 0;
  return opened;
}

const publish = (keys: readonly ClientKey[], headers: Record<string, string> = {}, at = KEYS) =>
  void world.pages.set(at, json({ keys: keys.map(({ jwk }) => jwk) }, headers));

const fetches = (): number => world.requests.filter((url) => url === KEYS).length;

const proof = (key: ClientKey, { client_id }: Registered, claims: Record<string, unknown> = {}) =>
  assertionForm(assertionBy(key, { client_id, issuer: house.origin, now: house.clock.now, claims }));

interface Told {
  readonly status: number;
  readonly error: string;
  readonly says: string;
  readonly reason: unknown;
  readonly retryAfter: string | null;
}

/** @returns what is said to a client whose refresh token is none: `refresh_token_invalid` to one that is let in */
async function askWith(form: Readonly<Record<string, string>>): Promise<Told> {
  house.events.length = 0;
  const response = await askToken(house, { grant_type: 'refresh_token', refresh_token: 'nothing', ...form });
  const { error, error_description } = (await response.json()) as Record<string, string>;
  assert.match(error_description!, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  // Where a name leads is nobody's business.
  assert.ok(!error_description!.includes(PUBLIC_ADDRESS));
  return {
    status: response.status,
    error: error!,
    says: error_description!,
    reason: house.events.find(({ event }) => event === 'refused')?.facts['reason'],
    retryAfter: response.headers.get('retry-after'),
  };
}

const letsIn = async (key: ClientKey, client: Registered): Promise<void> =>
  assert.equal((await askWith(proof(key, client))).reason, 'refresh_token_invalid');

describe('keys that a registered client publishes', () => {
  const [first, second, third] = [1, 2, 3].map((n) => clientKey('ES256', `key-${n}`));
  assert.ok(first && second && third);
  let client: Registered;
  beforeEach(async () => {
    client = await register(house, { token_endpoint_auth_method: method, jwks_uri });
    publish([first]);
  });

  const fresh: Readonly<Record<string, [Record<string, string>, number]>> = {
    'their headers say': [{ 'cache-control': 'max-age=1200' }, 1200],
    'a minute at least': [{ 'cache-control': 'no-store' }, 60],
    'an hour at most': [{ 'cache-control': 'max-age=31536000' }, 3600],
    'ten minutes when nothing is said': [{}, 600],
  };
  for (const [name, [headers, seconds]] of Object.entries(fresh))
    it(`are not fetched before they are needed, and then once for as long as ${name}`, async () => {
      publish([first], headers);
      assert.equal(fetches(), 0);
      await letsIn(first, client);
      house.clock.now += seconds - 1;
      await letsIn(first, client);
      assert.equal(fetches(), 1);
      house.clock.now += 1;
      await letsIn(first, client);
      assert.equal(fetches(), 2);
    });

  it('are not fetched for what would be refused anyway', async () => {
    const wrong = await askWith(proof(first, client, { aud: 'https://other.example.com' }));
    assert.equal(wrong.reason, 'assertion_audience_refused');
    assert.equal((await askWith(proof(first, { client_id: 'nobody' }))).status, 401);
    assert.equal(world.opened.length, 0);
  });

  it('are fetched once, however many need them at the same time', async () => {
    const told = await Promise.all(Array.from({ length: 20 }, () => askWith(proof(first, client))));
    for (const { error } of told) assert.equal(error, 'invalid_grant');
    assert.equal(fetches(), 1);
  });

  it('may be replaced: a new one is found at once, and an old one is refused once it is seen to be gone', async () => {
    await letsIn(first, client);
    house.clock.now += 31;
    publish([first, second]);
    await letsIn(second, client);
    assert.equal(fetches(), 2);
    publish([second, third]);
    await letsIn(first, client);
    house.clock.now += 31;
    await letsIn(third, client);
    const gone = await askWith(proof(first, client));
    assert.deepEqual([gone.status, gone.reason], [503, 'client_keys_asked_just_now']);
    house.clock.now += 31;
    const told = await askWith(proof(first, client));
    assert.deepEqual([told.error, told.reason], ['invalid_client', 'assertion_key_unknown']);
  });

  it('are no lever: a stranger with any kid has them fetched twice a minute at most', async () => {
    await letsIn(first, client);
    world.requests.length = 0;
    let later = 0;
    for (let second_ = 1; second_ <= 60; second_++) {
      house.clock.now += 1;
      const told = await askWith(proof(clientKey('ES256', `made-up-${second_}`), client));
      if (told.reason === 'client_keys_asked_just_now') {
        later += 1;
        assert.ok(Number(told.retryAfter) > 0 && Number(told.retryAfter) <= 30);
      } else assert.equal(told.reason, 'assertion_key_unknown');
    }
    assert.equal(fetches(), 2);
    assert.equal(later, 58);
    await letsIn(first, client);
    assert.equal(fetches(), 2);
  });

  it('are used for four hours more while their server is away, and no longer', async () => {
    publish([first], { 'cache-control': 'max-age=3600' });
    await letsIn(first, client);
    world.names.delete(HOST);
    house.clock.now += 3600;
    await letsIn(first, client);
    house.clock.now += 4 * 3600 - 1;
    const asked = world.resolved.length;
    for (let times = 0; times < 10; times++) await letsIn(first, client);
    assert.equal(world.resolved.length, asked + 1);
    assert.equal(house.events.filter(({ event }) => event === 'client_keys_stale').length, 0);
    house.clock.now += 31;
    const told = await askWith(proof(first, client));
    assert.deepEqual([told.status, told.error], [503, 'temporarily_unavailable']);
    assert.match(told.says, /host name in the address was not found/);
    world.names.set(HOST, [PUBLIC_ADDRESS]);
    await letsIn(first, client);
  });

  it('are asked for again when they could not be had: an error is not kept', async () => {
    world.pages.set(KEYS, (_request, response) => response.writeHead(500).end());
    const told = await askWith(proof(first, client));
    assert.deepEqual([told.status, told.reason], [503, 'client_keys_away']);
    publish([first]);
    await letsIn(first, client);
  });

  it('are left alone for a while when strangers have them fetched in vain, and nobody is signed out for it', async () => {
    world.pages.set(KEYS, (_request, response) => response.writeHead(500).end());
    for (let times = 0; times < 6; times++) await askWith(proof(first, client));
    assert.equal(fetches(), 6);
    const told = await askWith(proof(first, client));
    assert.deepEqual([told.status, told.reason], [503, 'client_keys_away']);
    assert.match(told.says, /asked too often/);
    assert.ok(Number(told.retryAfter) > 0);
    assert.equal(fetches(), 6);
  });

  it('that were withdrawn live no longer for somebody who has others fetched until nothing more is fetched for them', async () => {
    await letsIn(first, client);
    publish([second]);
    house.clock.now += 600;
    for (let n = 0; n < 6; n += 1) {
      const other = { token_endpoint_auth_method: method, jwks_uri: `https://other.example.com/${n}` };
      const busy = await register(house, other);
      for (let times = 0; times < 6; times += 1) await askWith(proof(third, busy));
      assert.ok(n < 5 || /asked too often/.test((await askWith(proof(third, busy))).says));
    }
    assert.equal((await askWith(proof(first, client))).reason, 'assertion_key_unknown');
    await letsIn(second, client);
  });

  it('are fetched however often somebody names them as a metadata document', async () => {
    for (let times = 0; times < 7; times += 1) {
      const { url } = authorizationUrl({ client_id: jwks_uri });
      assert.ok(pageOf(await openBrowserAt(house.from(`203.0.113.${times}`)).open(url)).status >= 400);
    }
    await letsIn(first, client);
  });

  const raw =
    (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
    (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  const hostile: Readonly<Record<string, [Answer, RegExp]>> = {
    'a web page': [raw('<!doctype html><h1>Are you human?</h1>'), /no JWK Set/],
    'not text': [raw(Buffer.from([0x7b, 0xff])), /no JWK Set/],
    'a set with its keys twice': [
      raw(`{"keys":[],"keys":[${JSON.stringify(first.jwk)}]}`),
      /names no member twice/,
    ],
    'a set with a prototype': [raw(`{"__proto__":{},"keys":[]}`), /no JWK Set/],
    'a set with a private key': [
      json({ keys: [first.jwk, second.privateKey.export({ format: 'jwk' })] }),
      /nothing private/,
    ],
    'a set with a shared secret': [
      json({ keys: [first.jwk, { kty: 'oct', kid: 'key-1', k: 'c2VjcmV0' }] }),
      /nothing private/,
    ],
    'a thousand keys': [
      json({ keys: Array.from({ length: 1000 }, () => ({ kty: 'EC' })) }),
      /at most 32 keys/,
    ],
    'a key, and no set': [json(first.jwk), /no JWK Set/],
    null: [raw('null'), /no JWK Set/],
    'six megabytes': [json({ keys: [first.jwk], padding: 'x'.repeat(6_000_000) }), /larger than/],
    'more and more': [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => void (response.write('x'.repeat(16_384)) && setImmediate(more));
        response.on('drain', more);
        more();
      },
      /larger than/,
    ],
    'a redirect': [
      (_request, response) => response.writeHead(302, { location: 'https://other.example.com/jwks' }).end(),
      /redirect/,
    ],
    compressed: [raw('{}', { 'content-encoding': 'gzip' }), /compressed/],
    gone: [(_request, response) => response.writeHead(404).end(), /no document at the address/],
  };
  for (const [name, [answer, says]] of Object.entries(hostile))
    it(`prove nothing when what comes is ${name}, not even with a copy from before`, async () => {
      await letsIn(first, client);
      world.pages.set(KEYS, answer);
      house.clock.now += 3600;
      const told = await askWith(proof(first, client));
      assert.deepEqual(
        [told.status, told.error, told.reason],
        [401, 'invalid_client', 'client_keys_unusable'],
      );
      assert.match(told.says, says);
      assert.ok(!world.requests.some((url) => url.startsWith('other.')));
      publish([first]);
      await letsIn(first, client);
    });

  it('are not fetched from a private network, wherever their name leads today', async () => {
    for (const address of ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1']) {
      world.names.set(HOST, [PUBLIC_ADDRESS, address]);
      world.opened.length = 0;
      house.clock.now += 61;
      const told = await askWith(proof(first, client));
      assert.equal(told.reason, 'client_keys_unusable');
      assert.match(told.says, /private or reserved network/);
      assert.ok(!told.says.includes(address));
      assert.equal(world.opened.length, 0);
    }
  });

  it('that are no keys for signatures are passed over', async () => {
    const weak = { kty: 'RSA', kid: 'key-1', n: 'x'.repeat(170), e: 'AQAB' };
    const others = [{ ...first.jwk, use: 'enc' }, { kty: 'AKP', kid: 'key-1' }, null, 'key-1', weak];
    world.pages.set(KEYS, json({ keys: [...others, first.jwk] }));
    await letsIn(first, client);
    house.clock.now += 3600;
    world.pages.set(KEYS, json({ keys: others }));
    const told = await askWith(proof(first, client));
    assert.equal(told.reason, 'assertion_key_unknown');
  });
});

describe('a client whose document offers a key and nothing, as ChatGPT’s', () => {
  const client_id = `https://${HOST}/oauth/client.json`;
  const client = { client_id };
  const key = clientKey('RS256');
  const document = {
    client_id,
    client_name: 'Example app',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: method,
    token_endpoint_auth_methods_supported: ['none', method],
    token_endpoint_auth_signing_alg: 'RS256',
    jwks_uri,
  };
  beforeEach(() => {
    world.pages.set(`${HOST}/oauth/client.json`, json(document));
    publish([key]);
  });

  type Proof = () => Record<string, string>;
  const withKey: Proof = () => proof(key, client);
  const withNothing: Proof = () => ({ client_id });

  async function redeemBy(by: Proof): Promise<Response> {
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const form = { grant_type: 'authorization_code', code, code_verifier, redirect_uri: REDIRECT_URI };
    return askToken(house, { ...form, ...by() });
  }
  async function connectBy(by: Proof): Promise<Tokens> {
    const redeemed = await redeemBy(by);
    assert.equal(redeemed.status, 200, await redeemed.clone().text());
    return (await redeemed.json()) as Tokens;
  }
  const refreshBy = ({ refresh_token }: Tokens, by: Proof) =>
    askToken(house, { grant_type: 'refresh_token', refresh_token, ...by() });
  const post = (path: string, form: Record<string, string>) =>
    house.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
  const errorsOf = async (response: Response) => [
    response.status,
    ((await response.json()) as { error: string }).error,
  ];

  it('comes with the key, for everything', async () => {
    const tokens = await connectBy(withKey);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const next = (await (await refreshBy(tokens, withKey)).json()) as Tokens;
    const token = next.access_token;
    const told = (await (await post('/oauth/introspect', { token, ...withKey() })).json()) as object;
    assert.equal('active' in told && told.active, true);
    assert.equal((await post('/oauth/revoke', { token, ...withKey() })).status, 200);
    assert.equal((await askMcp(house, token)).status, 401);
    assert.equal(fetches(), 1);
  });

  it('comes with nothing, for everything, and may prove itself later', async () => {
    const tokens = await connectBy(withNothing);
    const refreshed = await refreshBy(tokens, withNothing);
    assert.equal(refreshed.status, 200);
    assert.equal(fetches(), 0);
    const next = (await refreshed.json()) as Tokens;
    assert.equal((await refreshBy(next, withKey)).status, 200);
    const revoked = await post('/oauth/revoke', { token: next.access_token, ...withNothing() });
    assert.equal(revoked.status, 200);
  });

  it('that came with the key cannot leave it away: whoever has its refresh token alone has nothing', async () => {
    const tokens = await connectBy(withKey);
    assert.deepEqual(await errorsOf(await refreshBy(tokens, withNothing)), [400, 'invalid_grant']);
    for (const token of [tokens.refresh_token, tokens.access_token])
      assert.deepEqual(await errorsOf(await post('/oauth/revoke', { token, ...withNothing() })), [
        400,
        'invalid_grant',
      ]);
    const stolen = clientKey('RS256');
    const forged = await refreshBy(tokens, () => proof(stolen, client));
    assert.deepEqual(await errorsOf(forged), [401, 'invalid_client']);
    // Nothing of it has hurt the client itself, neither now nor for what follows.
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const next = (await (await refreshBy(tokens, withKey)).json()) as Tokens;
    assert.deepEqual(await errorsOf(await refreshBy(next, withNothing)), [400, 'invalid_grant']);
    assert.equal((await refreshBy(next, withKey)).status, 200);
  });

  it('cannot be made to leave it away by a document that says so later', async () => {
    const tokens = await connectBy(withKey);
    world.pages.set(
      `${HOST}/oauth/client.json`,
      json({ ...document, token_endpoint_auth_method: 'none', token_endpoint_auth_methods_supported: [] }),
    );
    house.clock.now += 3600;
    await openBrowserAt(house).open(authorizationUrl(client).url);
    assert.deepEqual(await errorsOf(await refreshBy(tokens, withNothing)), [400, 'invalid_grant']);
    assert.deepEqual(await errorsOf(await refreshBy(tokens, withKey)), [401, 'invalid_client']);
  });

  it('is asked about every time where a web address passes its answers on, unless it always has the key', async () => {
    const redirect_uri = 'https://vscode.dev/redirect';
    const publishWith = (more: object) =>
      void world.pages.set(
        `${HOST}/oauth/client.json`,
        json({ ...document, redirect_uris: [redirect_uri], ...more }, { 'cache-control': 'no-store' }),
      );
    const again = () => browser.open(authorizationUrl(client, { redirect_uri }).url);
    publishWith({});
    const { browser } = await authorizeAndAllow(house, client, { redirect_uri });
    assert.match(pageOf(await again()).html, /name="decision"/);
    house.clock.now += 60;
    publishWith({ token_endpoint_auth_methods_supported: [method] });
    await authorizeAndAllow(house, client, { redirect_uri }, browser);
    assert.ok('left' in (await again()), 'and is remembered of one that nobody else can be');
  });

  it('that says no more than a key is refused without it', async () => {
    const { token_endpoint_auth_methods_supported: _, ...only } = document;
    world.pages.set(`${HOST}/oauth/client.json`, json(only));
    assert.deepEqual(await errorsOf(await redeemBy(withNothing)), [401, 'invalid_client']);
    assert.equal((await redeemBy(withKey)).status, 200);
  });

  it('may have its keys in the document', async () => {
    const { jwks_uri: _, ...rest } = document;
    world.pages.set(`${HOST}/oauth/client.json`, json({ ...rest, jwks: { keys: [key.jwk] } }));
    await connectBy(withKey);
    assert.equal(fetches(), 0);
  });

  it('signs with the algorithm that its document names, and no other', async () => {
    const pss = await redeemBy(() => proof({ ...key, alg: 'PS256' }, client));
    assert.deepEqual(await errorsOf(pss), [401, 'invalid_client']);
  });

  it('is not fetched for an assertion: an unknown one stays unknown', async () => {
    const told = await askWith(withKey());
    assert.deepEqual([told.error, told.reason], ['invalid_client', 'client_authentication_failed']);
    assert.equal(world.opened.length, 0);
  });

  const refused: Readonly<Record<string, object>> = {
    'keys in two places': { jwks: { keys: [key.jwk] } },
    'no keys': { jwks_uri: undefined, token_endpoint_auth_methods_supported: [method] },
    'keys for another algorithm': { jwks_uri: undefined, jwks: { keys: [clientKey('ES256').jwk] } },
    'a private key': { jwks_uri: undefined, jwks: { keys: [key.privateKey.export({ format: 'jwk' })] } },
    'keys in a private network': { jwks_uri: 'https://10.0.0.1/jwks' },
    'a shared secret': { token_endpoint_auth_method: 'client_secret_jwt' },
    'an algorithm of shared secrets': { token_endpoint_auth_signing_alg: 'HS256' },
  };
  for (const [name, members] of Object.entries(refused))
    it(`is refused with ${name}`, async () => {
      world.pages.set(`${HOST}/oauth/client.json`, json({ ...document, ...members }));
      const page = pageOf(await openBrowserAt(house).open(authorizationUrl(client).url));
      assert.equal(page.status, 400);
      assert.match(page.html, /This app could not be checked/);
      assert.deepEqual(await house.storage.listClients(), []);
    });
});

describe('a client that the operator adds with its keys', () => {
  const key = clientKey('ES256');
  const place = 'https://keys.internal.example:8443/jwks';

  it('may have them anywhere: what the operator configured is trusted, and nobody else’s is', async (t) => {
    const cwd = temporaryFolder(t);
    const { stdout, code, stderr } = await call(
      [
        'clients',
        'add',
        '--redirect-uri',
        REDIRECT_URI,
        '--auth-method',
        method,
        '--jwks-uri',
        place,
        '--json',
      ],
      { cwd },
    );
    assert.equal(code, 0, stderr);
    const client = JSON.parse(stdout) as Registered;
    assert.deepEqual([client['jwks_uri'], client.client_secret], [place, undefined]);
    await house.close();
    house = await open({ storageUrl: `sqlite:${join(cwd, 'data', 'sallyport.db')}` });
    world.names.set('keys.internal.example', ['10.20.30.40']);
    publish([key], {}, 'keys.internal.example:8443/jwks');
    await letsIn(key, client);
    assert.deepEqual(world.opened, [
      { host: 'keys.internal.example', addresses: ['10.20.30.40'], port: 8443 },
    ]);
    // The same place, said by a stranger.
    const response = await house.ask('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: method,
        jwks_uri: place,
      }),
    });
    assert.equal(response.status, 400);
  });

  it('may have them in a file: a set, or one key', async (t) => {
    const cwd = temporaryFolder(t);
    const add = (...args: string[]) =>
      call(['clients', 'add', '--redirect-uri', REDIRECT_URI, ...args], { cwd });
    const write = (value: unknown) => writeFileSync(join(cwd, 'keys.json'), JSON.stringify(value));
    const byKey = ['--auth-method', method];
    for (const value of [{ keys: [key.jwk] }, key.jwk]) {
      write(value);
      const { code, stdout, stderr } = await add(...byKey, '--jwks', 'keys.json', '--json');
      assert.equal(code, 0, stderr);
      assert.deepEqual((JSON.parse(stdout) as Registered)['jwks'], { keys: [key.jwk] });
    }
    assert.match((await call(['clients', 'list'], { cwd })).stdout, /private_key_jwt/);

    const refuses = async (says: RegExp, ...args: string[]) => {
      const { code, stderr } = await add(...args);
      assert.deepEqual([code, says.test(stderr)], [2, true], stderr);
      assert.doesNotMatch(stderr, /"d"|at .*\.ts/);
    };
    await refuses(/needs its public keys/, ...byKey);
    await refuses(/keys have one place/, ...byKey, '--jwks', 'keys.json', '--jwks-uri', place);
    await refuses(/go with --auth-method private_key_jwt/, '--jwks', 'keys.json');
    await refuses(/is no https URL/, ...byKey, '--jwks-uri', 'http://keys.internal.example/jwks');
    await refuses(/names nowhere\.json, which cannot be read \(ENOENT\)/, ...byKey, '--jwks', 'nowhere.json');
    write({ keys: [key.privateKey.export({ format: 'jwk' })] });
    await refuses(/names keys\.json, which has a private key in it/, ...byKey, '--jwks', 'keys.json');
    write(key.privateKey.export({ format: 'jwk' }));
    await refuses(/has a private key in it/, ...byKey, '--jwks', 'keys.json');
    write({ keys: [] });
    await refuses(/no JWK Set with a key for signatures/, ...byKey, '--jwks', 'keys.json');
    writeFileSync(join(cwd, 'keys.json'), '-----BEGIN PUBLIC KEY-----');
    await refuses(/a PEM file has to be turned into one first/, ...byKey, '--jwks', 'keys.json');
  });
});
