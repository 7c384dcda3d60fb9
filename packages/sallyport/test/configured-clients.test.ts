// Clients that stand in the configuration: judged when it is read, in the store from the start on, refused once they are
// taken out, and back with everything when they are put in again.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { assertionBy, assertionForm, clientKey } from '../../authorization-server/test/assertions.ts';
import { addResourceServer } from '@sallyport/authorization-server';
import { ConfigInvalid, loadConfig, type Config } from '../src/config/index.ts';
import { leftTo, openBrowserAt, pageOf } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  errorOf,
  PASSWORD,
  REDIRECT_URI,
  register,
  signedInBrowser,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';
import { call } from './program/call.ts';
import { start, temporaryFolder } from './program/run.ts';

const secret = '4f0c2b9d7e618a35c4f1d0e2b7a96853';
const newSecret = 'f9e8d7c6b5a4938271605f4e3d2c1b0a';
const app = { clientId: 'app', name: 'App', redirectUris: [REDIRECT_URI], clientSecret: secret };
const gpts = 'https://chatgpt.com/aip/g-*/oauth/callback';

/** What the file says beside `clients`, as JSON, which is YAML. */
type Written = Readonly<Record<string, unknown>>;

function load(cwd: string, clients: readonly Written[], more: Written = {}, environment = {}): Config {
  writeFileSync(join(cwd, 'sallyport.yaml'), JSON.stringify({ ...more, clients }));
  return loadConfig({ environment, cwd });
}

function problemsOf(cwd: string, clients: readonly Written[], more?: Written): string {
  try {
    load(cwd, clients, more);
  } catch (error) {
    assert.ok(error instanceof ConfigInvalid, String(error));
    for (const one of [secret, newSecret]) assert.ok(!error.message.includes(one), 'no secret is repeated');
    return error.message;
  }
  return assert.fail('nothing was wrong with it');
}

describe('clients of the configuration', () => {
  it('are read with their secrets, from variables and files', (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(join(cwd, 'former'), `${newSecret}\n`);
    const config = load(
      cwd,
      [
        {
          ...app,
          clientSecret: '${APP_SECRET}',
          formerClientSecretFile: 'former',
          accessTokenFormat: 'opaque',
        },
        { clientId: 'cli', redirectUris: ['http://localhost/cb', 'cursor://a/cb'] },
        {
          clientId: 'gpt',
          redirectUris: [gpts],
          authMethod: 'client_secret_post',
          clientSecret: secret,
          requirePkce: false,
        },
      ],
      {},
      { APP_SECRET: secret },
    );
    assert.deepEqual(config.clients, [
      {
        client_id: 'app',
        metadata: {
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: 'client_secret_basic',
          client_name: 'App',
        },
        client_secret: secret,
        formerClientSecret: newSecret,
        accessTokenFormat: 'opaque',
      },
      {
        client_id: 'cli',
        metadata: {
          redirect_uris: ['http://localhost/cb', 'cursor://a/cb'],
          token_endpoint_auth_method: 'none',
        },
      },
      {
        client_id: 'gpt',
        metadata: { redirect_uris: [gpts], token_endpoint_auth_method: 'client_secret_post' },
        client_secret: secret,
        requirePkce: false,
      },
    ]);
  });

  const rows: readonly (readonly [string, Written, RegExp, Written?])[] = [
    ['an id with spaces', { clientId: 'my app' }, /clients\[0\]\.clientId must be 1 to 128 letters/],
    ['an id that is a URL', { clientId: 'https://a.example.com/client.json' }, /clientId must be/],
    ['no redirect URI', { redirectUris: [] }, /redirectUris is an empty list/],
    ['plain http', { redirectUris: ['http://app.example.com/cb'] }, /is plain http to another machine/],
    ['a script', { redirectUris: ['javascript:alert(1)'] }, /must never receive a code/],
    ['a fragment', { redirectUris: ['https://a.example.com/#x'] }, /has a fragment/],
    ['a user name', { redirectUris: ['https://u@a.example.com/'] }, /has a user name/],
    ['no URI', { redirectUris: ['/callback'] }, /is no redirect URI/],
    ['a free wildcard', { redirectUris: ['https://*.example.com/cb'] }, /has a \* where none has a meaning/],
    [
      'a wildcard without a secret',
      { clientSecret: undefined, redirectUris: [gpts] },
      /has a \*, which is for clients with a secret only/,
    ],
    [
      'a private-use scheme that is switched off',
      { redirectUris: ['cursor://a/cb'] },
      /redirectUris has a private-use scheme, while registration\.privateUseSchemes is deny/,
      { registration: { privateUseSchemes: 'deny' } },
    ],
    ['a short secret', { clientSecret: secret.slice(1) }, /clientSecret must be 32 to 1024 characters/],
    ['one character', { clientSecret: 'a'.repeat(40) }, /clientSecret is too regular/],
    ['a word again and again', { clientSecret: 'changemechangemechangemechangeme' }, /is too regular/],
    ['a pattern', { clientSecret: '0123456789abcdef0123456789abcdef' }, /is too regular/],
    ['a sentence', { clientSecret: 'correct horse battery staple again' }, /without spaces/],
    ['two secrets', { clientSecretFile: 'x' }, /clientSecretFile is there beside clientSecret/],
    [
      'a file that is none',
      { clientSecret: undefined, clientSecretFile: 'gone' },
      /which cannot be read \(ENOENT\)/,
    ],
    [
      'a secret that is not asked for',
      { authMethod: 'none' },
      /with authMethod: none no secret is ever asked for/,
    ],
    [
      'a method without its secret',
      { clientSecret: undefined, authMethod: 'client_secret_post' },
      /clientSecret is missing\. Write: clientSecret: \$\{APP_CLIENT_SECRET\}/,
    ],
    [
      'a former secret alone',
      { clientSecret: undefined, formerClientSecret: secret },
      /formerClientSecret is there without a clientSecret/,
    ],
    ['the same secret twice', { formerClientSecret: secret }, /has the same secret as the one before it/],
    [
      'no PKCE in public',
      { clientSecret: undefined, requirePkce: false },
      /requirePkce is false for a client without/,
    ],
    [
      'no PKCE on this computer',
      { requirePkce: false, redirectUris: ['http://localhost/cb'] },
      /requirePkce is false for a client that returns to this computer/,
    ],
    [
      'keys beside a secret',
      { jwksUri: 'https://a.example.com/jwks' },
      /keys are for authMethod: private_key_jwt/,
    ],
    [
      'a secret for a client with keys',
      { authMethod: 'private_key_jwt', jwksUri: 'https://a.example.com/jwks' },
      /clientSecret is there, but with authMethod: private_key_jwt no secret is ever asked for/,
    ],
    [
      'a key that is not there',
      { clientSecret: undefined, authMethod: 'private_key_jwt' },
      /jwksFile is missing/,
    ],
    [
      'keys in two places',
      { clientSecret: undefined, jwksUri: 'https://a.example.com/jwks', jwksFile: 'keys.json' },
      /keys have one place/,
    ],
    [
      'keys on plain http',
      { clientSecret: undefined, jwksUri: 'http://a.example.com/jwks' },
      /jwksUri is no https URL/,
    ],
    [
      'a file of keys that is none',
      { clientSecret: undefined, jwksFile: 'gone' },
      /jwksFile names \S+gone, which cannot be read \(ENOENT\)/,
    ],
    ['an unknown key', { redirectUri: REDIRECT_URI }, /Did you mean `redirectUris`\?/],
    ['nowhere to return to', { redirectUris: undefined }, /redirectUris is missing/],
    ['a browser and no person', { ownScope: { records: ['read'] } }, /redirectUris is there beside ownScope/],
    [
      'scopes of its own and no secret',
      { redirectUris: undefined, clientSecret: undefined, ownScope: { records: ['read'] } },
      /ownScope is there, and nothing by which it could prove/,
    ],
    [
      'scopes of its own at no server',
      { redirectUris: undefined, ownScope: { recrods: ['read'] } },
      /ownScope names "recrods", which is no server here\. Did you mean `records`\?/,
    ],
    [
      'scopes of its own that are none',
      { redirectUris: undefined, ownScope: { records: ['wirte'] } },
      /ownScope names "wirte", which records has not\. Did you mean `write`\?/,
    ],
    ['another method', { authMethod: 'tls_client_auth' }, /must be one of client_secret_basic/],
  ];
  for (const [what, change, says, more] of rows)
    it(`are refused with ${what}`, (t) =>
      assert.match(problemsOf(temporaryFolder(t), [{ ...app, ...change }], more), says));

  it('have ids of their own', (t) => {
    assert.match(
      problemsOf(temporaryFolder(t), [app, { ...app, name: 'Other' }]),
      /clients\[1\]\.clientId is "app", as is clients\[0\]\.clientId/,
    );
  });

  it('have no private key in a file', (t) => {
    const cwd = temporaryFolder(t);
    const { privateKey } = clientKey();
    writeFileSync(join(cwd, 'keys.json'), JSON.stringify(privateKey.export({ format: 'jwk' })));
    const said = problemsOf(cwd, [{ ...app, clientSecret: undefined, jwksFile: 'keys.json' }]);
    assert.match(said, /has a private key in it, and only the client may have that/);
    assert.doesNotMatch(said, /"d"/);
  });

  it('prove themselves with the key in the file, and with no other', async (t) => {
    const cwd = temporaryFolder(t);
    const [key, other] = [clientKey(), clientKey()];
    writeFileSync(join(cwd, 'keys.json'), JSON.stringify({ keys: [key.jwk] }));
    const { clients } = load(cwd, [{ ...app, clientSecret: undefined, jwksFile: 'keys.json' }]);
    const house = await openHouse({ configure: (config) => ({ ...config, clients }) });
    t.after(() => house.close());
    const asserted = { client_id: 'app', issuer: house.origin, now: house.clock.now };
    const ask = async (by: typeof key) =>
      errorOf(
        await askToken(house, {
          grant_type: 'refresh_token',
          refresh_token: 'x',
          ...assertionForm(assertionBy(by, asserted)),
        }),
      );
    assert.equal(await ask(key), 'invalid_grant');
    assert.equal(await ask(other), 'invalid_client');
    const [kept] = await house.storage.listClients();
    assert.deepEqual([kept?.registeredBy, kept?.secretDigest], ['configuration', undefined]);
  });

  it('have files that are judged as what is written itself', (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(join(cwd, 'weak'), 'secret');
    const said = problemsOf(cwd, [{ ...app, clientSecret: undefined, clientSecretFile: 'weak' }]);
    assert.match(said, /clientSecretFile names \S+weak, whose text must be 32 to 1024 characters/);
  });
});

interface Started {
  /** Starts with these clients, in place of the instance before. */
  readonly startWith: (clients: readonly Written[]) => Promise<House>;
  /** Starts one more with these. */
  readonly startBeside: (clients: readonly Written[]) => Promise<House>;
}

function starting(t: TestContext, storageUrl: string): Started {
  const cwd = temporaryFolder(t);
  let open: House | undefined;
  let secrets: House['secrets'] | undefined;
  t.after(() => open?.close());
  return {
    async startWith(clients) {
      await open?.close();
      open = undefined;
      open = await startOne(clients);
      return open;
    },
    async startBeside(clients) {
      const beside = await startOne(clients);
      t.after(() => beside.close());
      return beside;
    },
  };

  async function startOne(clients: readonly Written[]): Promise<House> {
    const { clients: configured } = load(cwd, clients);
    const house = await openHouse({
      storageUrl,
      ...(secrets && { secrets }),
      configure: (config) => ({ ...config, clients: configured }),
    });
    secrets = house.secrets;
    return house;
  }
}

for (const { name, options, urlFor } of storesOfHouse) {
  describe(`a configured client on ${name}`, options, () => {
    const storeFor = async (t: TestContext) =>
      name === 'SQLite' ? `sqlite:${join(temporaryFolder(t), 'sallyport.db')}` : urlFor(t);

    it('that asks for itself has what the newest start says', async (t) => {
      const { startWith } = starting(t, await storeFor(t));
      const machine = { clientId: 'nightly', name: 'Nightly export', clientSecret: secret };
      let house = await startWith([{ ...machine, ownScope: { records: ['read', 'write'] } }]);
      const authorization = `Basic ${Buffer.from(`nightly:${secret}`).toString('base64')}`;
      const ask = () => askToken(house, { grant_type: 'client_credentials' }, { authorization });
      const tokens = (await (await ask()).json()) as Tokens;
      assert.equal(tokens.scope, 'read write');
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);

      house.clock.now += 1;
      house = await startWith([{ ...machine, ownScope: { records: ['read'] } }]);
      assert.equal((await askMcp(house, tokens.access_token)).status, 401, 'what exceeds it has ended');
      const fewer = (await (await ask()).json()) as Tokens;
      assert.equal(fewer.scope, 'read');
      assert.equal((await askMcp(house, fewer.access_token)).status, 200);

      house = await startWith([]);
      assert.equal((await ask()).status, 401);
    });

    it('gets in, changes its secret with an overlap, is refused when it is taken out, and comes back', async (t) => {
      const { startWith } = starting(t, await storeFor(t));
      let house = await startWith([app]);
      await house.addPerson(EMAIL, PASSWORD);
      const client = { client_id: 'app' };
      const { code, code_verifier } = await authorizeAndAllow(house, client);
      const basic = (text: string) => ({
        authorization: `Basic ${Buffer.from(`app:${text}`).toString('base64')}`,
      });
      const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code, code_verifier };
      let tokens = (await (await askToken(house, form, basic(secret))).json()) as Tokens;
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      const isAccepted = async (text: string): Promise<boolean> => {
        const answer = await askToken(
          house,
          { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
          basic(text),
        );
        if (answer.status === 401) return false;
        tokens = (await answer.json()) as Tokens;
        return true;
      };
      assert.ok(!JSON.stringify(await house.storage.listClients()).includes(secret));

      house = await startWith([{ ...app, clientSecret: newSecret, formerClientSecret: secret }]);
      assert.deepEqual([await isAccepted(secret), await isAccepted(newSecret)], [true, true]);
      house = await startWith([{ ...app, clientSecret: newSecret }]);
      assert.deepEqual([await isAccepted(secret), await isAccepted(newSecret)], [false, true]);

      house = await startWith([]);
      const withdrawn = house.events.filter(({ event }) => event === 'configured_client_withdrawn');
      assert.equal(withdrawn.length, 1);
      assert.match(String(withdrawn[0]?.facts['next']), /sallyport clients remove app$/);
      assert.equal(await isAccepted(newSecret), false);
      const browser = openBrowserAt(house);
      const page = pageOf(await browser.open(authorizationUrl(client).url));
      assert.equal(page.status, 400);
      assert.match(page.html, /taken it out of the configuration/);
      const asking = { token: tokens.access_token };
      for (const path of ['/oauth/introspect', '/oauth/revoke']) {
        const answer = await house.ask(path, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(newSecret) },
          body: new URLSearchParams(asking).toString(),
        });
        assert.equal(answer.status, 401, path);
        assert.equal(await errorOf(answer), 'invalid_client');
      }

      house = await startWith([{ ...app, clientSecret: newSecret }]);
      assert.equal(await isAccepted(newSecret), true);
      // Consent too is as it was.
      const again = await signedInBrowser(house);
      assert.ok(leftTo(await again.open(authorizationUrl(client).url)).searchParams.has('code'));
    });

    it('takes its access tokens along at every instance, and brings them back', async (t) => {
      const { startWith, startBeside } = starting(t, await storeFor(t));
      const running = await startWith([app]);
      await running.addPerson(EMAIL, PASSWORD);
      const { code, code_verifier } = await authorizeAndAllow(running, { client_id: 'app' });
      const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code, code_verifier };
      const authorization = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`;
      const { access_token } = (await (await askToken(running, form, { authorization })).json()) as Tokens;
      const status = async (house: House): Promise<number> => (await askMcp(house, access_token)).status;
      assert.equal(await status(running), 200);

      const introspects = [`${running.origin}/mcp`];
      const { now } = running.clock;
      const { client, client_secret } = await addResourceServer(running.storage, { introspects }, now);
      const asGuard = Buffer.from(`${client.client_id}:${client_secret}`).toString('base64');
      const isActive = async (house: House) => {
        const answer = await house.ask('/oauth/introspect', {
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization: `Basic ${asGuard}`,
          },
          body: new URLSearchParams({ token: access_token }).toString(),
        });
        return ((await answer.json()) as { active: boolean }).active;
      };
      assert.equal(await isActive(running), true);

      const withoutIt = await startBeside([]);
      assert.equal(await status(withoutIt), 401);
      for (let waited = 0; waited < 15 && (await status(running)) !== 401; waited += 1) await wait(100);
      assert.equal(await status(running), 401);
      assert.equal(await isActive(running), false);

      const again = await startBeside([app]);
      for (const house of [again, withoutIt, running]) assert.equal(await status(house), 200);
      assert.equal(await isActive(running), true);
    });

    it('is refused in the middle of a login', async (t) => {
      const { startWith } = starting(t, await storeFor(t));
      let house = await startWith([app]);
      await house.addPerson(EMAIL, PASSWORD);
      const site = { origin: house.origin, ask: (path: string, init?: RequestInit) => house.ask(path, init) };
      const browser = await signedInBrowser(site);
      const consent = pageOf(await browser.open(authorizationUrl({ client_id: 'app' }).url));
      house = await startWith([]);
      const page = pageOf(await browser.submit(consent, { decision: 'allow' }));
      assert.equal(page.status, 400);
      assert.match(page.html, /taken it out of the configuration/);
    });

    it('does not take the place of another client', async (t) => {
      const { startWith } = starting(t, await storeFor(t));
      const house = await startWith([app]);
      const { client_id } = await register(house);
      const before = await house.storage.listClients();
      await assert.rejects(startWith([{ ...app, clientId: client_id }]), {
        name: 'ClientIdTaken',
        message: new RegExp(`^${client_id}: in \`clients\` of the configuration, but the database has`),
        instead: new RegExp(`sallyport clients remove ${client_id}$`),
      });
      const after = await startWith([app]);
      assert.deepEqual(await after.storage.listClients(), before);
    });
  });
}

describe('commands', () => {
  const configured = { ...app, redirectUris: [gpts], authMethod: 'client_secret_post', requirePkce: false };

  it('say where a configured client is changed, and remove one that is not configured any more', async (t) => {
    const cwd = temporaryFolder(t);
    const write = (clients: readonly Written[]) =>
      writeFileSync(join(cwd, 'sallyport.yaml'), JSON.stringify({ listen: { port: 18_431 }, clients }));
    const serveOnce = async () => {
      const server = start(['serve'], { cwd, environment: { SALLYPORT_LOG_LEVEL: 'error' } });
      await server.says(/Sallyport is running/);
      server.kill('SIGINT');
      const { stdout, stderr } = await server.ended;
      return stdout + stderr;
    };
    write([configured]);
    await serveOnce();
    const listed = await call(['clients', 'list'], { cwd });
    assert.match(
      listed.stdout,
      /^app +App .* client_secret_post, may do without PKCE +configuration +never$/m,
    );
    for (const [args, says] of [
      [['remove', 'app'], /Take it out of `clients`, in \S+sallyport\.yaml, and start/],
      [['rotate-secret', 'app'], /Move its clientSecret to formerClientSecret/],
      [['rotate-secret', 'app', '--revoke-old'], /Move its clientSecret to formerClientSecret/],
    ] as const) {
      const end = await call(['clients', ...args], { cwd });
      assert.equal(end.code, 1);
      assert.match(end.stderr, /^✗ app comes from the configuration, so nothing was done\.$/m);
      assert.match(end.stderr, says);
    }
    const good = await call(['check'], { cwd });
    assert.match(good.stdout, /^ok +clients +app may do without PKCE/m);

    write([]);
    const before = await call(['check'], { cwd });
    assert.match(before.stdout, /^warn +clients +app is not in the configuration any more/m);
    assert.match(await serveOnce(), /app is not in the configuration any more and is refused\./);
    const withdrawn = await call(['clients', 'list', '--json'], { cwd });
    assert.equal((JSON.parse(withdrawn.stdout) as { withdrawn?: boolean }[])[0]?.withdrawn, true);
    assert.match((await call(['clients', 'list'], { cwd })).stdout, /configuration, not any more/);
    assert.equal((await call(['clients', 'remove', 'app'], { cwd })).code, 0);

    const added = await call(['clients', 'add', '--redirect-uri', REDIRECT_URI, '--json'], { cwd });
    const { client_id } = JSON.parse(added.stdout) as { client_id: string };
    write([{ ...app, clientId: client_id }]);
    const taken = await call(['check'], { cwd });
    assert.equal(taken.code, 1);
    assert.match(taken.stdout, /^fail +clients .*came in another way\.\n.*→ Give it another clientId/m);
    const server = start(['serve'], { cwd });
    const end = await server.ended;
    assert.equal(end.code, 1);
    assert.match(end.stderr, /came in another way\./);
    rmSync(join(cwd, 'sallyport.yaml'));
  });
});
