// What instances make of the keys when they start, alone and all at once: another algorithm, a key of the operator's own,
// a store that others have begun to use.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import * as oauth from 'oauth4webapi';
import { freshSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { startServer } from '../../src/server.ts';
import { loadConfig } from '../../src/config/index.ts';
import { askMcp, connect, refresh, type Tokens } from '../house/client.ts';
import type { House } from '../house/open-house.ts';
import { call } from '../program/call.ts';
import { freePort } from '../program/free-port.ts';
import { temporaryFolder } from '../program/run.ts';
import { deploy, eventually, kidOf, nowOf, publishedBy, stores } from './deployment.ts';

const [sqlite] = stores;
assert.ok(sqlite);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pkcs1 = String(rsa.export({ format: 'pem', type: 'pkcs1' }));
const pkcs8 = String(rsa.export({ format: 'pem', type: 'pkcs8' }));
const otherPem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));

const algOf = ({ access_token }: Tokens): string | undefined => decodeProtectedHeader(access_token).alg;

for (const { name, options, urlIn } of stores) {
  describe(`instances that start at once on ${name}`, options, () => {
    test('add one key for another algorithm, which signs ten minutes later and signs nobody out', async (t) => {
      const deployment = await deploy(t, urlIn);
      const first = await deployment.open();
      const { client, tokens } = await connect(first);
      assert.equal(algOf(tokens), 'ES256');
      const environment = { SALLYPORT_TOKENS_ACCESS_ALG: 'RS256' };
      const houses = await Promise.all(Array.from({ length: 5 }, () => deployment.open({ environment })));
      const [next, ...others] = (await deployment.listed()).filter(({ purpose }) => purpose === 'signing');
      assert.deepEqual(
        [next?.alg, next?.state, others.map(({ id }) => id)],
        ['RS256', 'next', [kidOf(tokens)]],
      );
      for (const house of [first, ...houses])
        await eventually(async () => (await publishedBy(house)).length === 2);
      const [one, two] = houses as [House, House];
      for (const house of [first, one, two]) house.clock.now = next?.from ?? 0;
      const renewed = (await (await refresh(one, client, tokens.refresh_token)).json()) as Tokens;
      assert.equal(algOf(renewed), 'RS256');
      for (const house of [first, one, two])
        for (const each of [tokens, renewed])
          assert.equal((await askMcp(house, each.access_token)).status, 200);
      // Started again, they find that nothing is to be done.
      await deployment.open({ environment });
      assert.equal((await deployment.listed()).filter(({ purpose }) => purpose === 'signing').length, 2);
    });

    test('take one key of the operator, at once when there was none', async (t) => {
      const deployment = await deploy(t, urlIn, {
        OAUTH_PRIVATE_KEY_PEM: pkcs1.replaceAll('\n', String.raw`\n`),
      });
      const houses = await Promise.all(Array.from({ length: 4 }, () => deployment.open()));
      const published = await Promise.all(houses.map(publishedBy));
      assert.deepEqual(new Set(published.map((kids) => kids.join())).size, 1);
      assert.equal(published[0]?.length, 1);
      const { tokens } = await connect(houses[0] as House);
      assert.equal(algOf(tokens), 'RS256');
    });
  });
}

describe('RS256 and EdDSA tokens', () => {
  for (const alg of ['RS256', 'EdDSA', 'ES256'] as const) {
    test(`${alg} is verified by jose and by oauth4webapi`, async (t) => {
      const deployment = await deploy(t, sqlite.urlIn, { SALLYPORT_TOKENS_ACCESS_ALG: alg });
      const house = await deployment.open();
      const { tokens, client } = await connect(house);
      const jwks = (await (await house.ask('/oauth/jwks')).json()) as JSONWebKeySet;
      const audience = `${house.origin}/mcp`;
      const { payload, protectedHeader } = await jwtVerify(tokens.access_token, createLocalJWKSet(jwks), {
        issuer: house.origin,
        audience,
        typ: 'at+jwt',
        currentDate: new Date(house.clock.now * 1000),
      });
      assert.deepEqual([protectedHeader.alg, payload['client_id']], [alg, client.client_id]);
      const claims = await oauth.validateJwtAccessToken(
        { issuer: house.origin, jwks_uri: `${house.origin}/oauth/jwks` },
        new Request(audience, { headers: { authorization: `Bearer ${tokens.access_token}` } }),
        audience,
        {
          [oauth.allowInsecureRequests]: true,
          signingAlgorithms: [alg],
          [oauth.customFetch]: (url) => house.ask(new URL(url).pathname),
        },
      );
      assert.equal(claims.client_id, client.client_id);
    });
  }
});

describe('a key of the operator', () => {
  async function deployWith(t: TestContext, pem: string, more: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder(t);
    const file = join(folder, 'key.pem');
    writeFileSync(file, pem);
    const deployment = await deploy(t, sqlite!.urlIn, {
      SALLYPORT_TOKENS_ACCESS_PRIVATE_KEY_FILE: file,
      ...more,
    });
    return { file, deployment };
  }

  test('is the same whatever form it is in, and is added once', async (t) => {
    const { file, deployment } = await deployWith(t, pkcs1);
    const house = await deployment.open();
    writeFileSync(file, pkcs8);
    assert.deepEqual(await publishedBy(await deployment.open()), await publishedBy(house));
  });

  test('follows the one that is there after ten minutes, and another file follows it', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const { tokens } = await connect(await deployment.open());
    const file = join(deployment.folder, 'key.pem');
    const environment = { OAUTH_PRIVATE_KEY_PATH: file };
    writeFileSync(file, pkcs1);
    const one = await deployment.open({ environment });
    const [first, old] = await publishedBy(one);
    assert.equal(old, kidOf(tokens));
    writeFileSync(file, otherPem);
    const two = await deployment.open({ environment });
    const [second] = await publishedBy(two);
    assert.deepEqual(await publishedBy(two), [second, first, old]);
    const listed = await deployment.listed();
    assert.deepEqual(
      listed.slice(0, 3).map(({ alg, state }) => [alg, state]),
      [
        ['EdDSA', 'next'],
        ['RS256', 'next'],
        ['ES256', 'current'],
      ],
    );
    // An instance that still has the older file does not bring it back.
    writeFileSync(file, pkcs1);
    assert.deepEqual(await publishedBy(await deployment.open({ environment })), [second, first, old]);
  });

  test('is the only way to another one: rotate and import say so', async (t) => {
    const { file, deployment } = await deployWith(t, pkcs8);
    await deployment.open();
    for (const args of [['rotate'], ['rotate', 'signing', '--now'], ['import', file]]) {
      const end = await call(['keys', ...args], {
        cwd: deployment.folder,
        environment: deployment.environment,
      });
      assert.equal(end.code, 1);
      assert.equal(
        end.stderr,
        `✗ The signing key is the one of ${file}.\n  → Put another key there, and start the instances again: it is published at once, and signs after ten minutes.\n`,
      );
    }
    assert.equal((await deployment.rotate('cookies')).id.length, 8);
  });

  test('that cannot be used keeps the server from starting, with a sentence that does not quote it', async (t) => {
    const secret = pkcs8.split('\n')[3] ?? '';
    const encrypted = String(
      rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
    );
    const rows: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
      [encrypted, {}, /key\.pem is encrypted; decrypt it first/],
      ['nothing', {}, /key\.pem holds no PEM/],
      [`${pkcs8}${pkcs8}`, {}, /more than one private key/],
      [
        pkcs8,
        { SALLYPORT_TOKENS_ACCESS_ALG: 'ES256' },
        /holds a key for RS256, but tokens\.access\.alg is ES256/,
      ],
    ];
    for (const [pem, more, says] of rows) {
      const { deployment } = await deployWith(t, pem, more);
      await assert.rejects(deployment.open(), (error: Error) => {
        assert.match(error.message, says);
        assert.ok(!error.message.includes(secret));
        return true;
      });
      const check = await call(['check', '--json'], {
        cwd: deployment.folder,
        environment: deployment.environment,
      });
      assert.equal(check.code, 1);
      const findings = JSON.parse(check.stdout) as { about: string; state: string; says: string }[];
      const found = findings.find(({ about }) => about === 'signing key');
      assert.equal(found?.state, 'fail');
      assert.match(found.says, says);
    }
    const missing = await deploy(t, sqlite.urlIn, { OAUTH_PRIVATE_KEY_PATH: 'nowhere.pem' });
    await assert.rejects(missing.open(), /The key file .*nowhere\.pem cannot be read \(ENOENT\)/);
  });
});

describe('a PostgreSQL that others have begun to use', onPostgres, () => {
  const settings = async (t: TestContext, url: string) => {
    const folder = temporaryFolder(t);
    const environment = {
      SALLYPORT_DATA: join(folder, 'data'),
      SALLYPORT_STORAGE_URL: url,
      SALLYPORT_LISTEN_PORT: String(await freePort()),
    };
    const secretsFile = join(folder, 'data', 'secrets.json');
    return { folder, environment, secretsFile, config: loadConfig({ environment, cwd: folder }) };
  };
  const surroundings = { log: () => {}, now: nowOf };

  test('is refused without its secrets, and no new ones are left behind', async (t) => {
    const { url } = await freshSchema(t);
    const [first, second] = [await settings(t, url), await settings(t, url)];
    const server = await startServer(first.config, surroundings);
    t.after(() => server.close());
    await assert.rejects(startServer(second.config, surroundings), (error: Error & { instead?: string }) => {
      assert.match(
        error.message,
        /secrets\.json is missing, but there is a database that was sealed with it/,
      );
      assert.match(error.instead ?? '', /copy it from an instance that works/);
      assert.ok(!`${error.message}${error.instead}`.includes('postgres:'));
      return true;
    });
    assert.equal(existsSync(second.secretsFile), false);
    const { folder: cwd, environment } = second;
    const list = await call(['users', 'list'], { cwd, environment });
    assert.equal(list.code, 1);
    assert.match(list.stderr, /secrets\.json is missing/);
    const check = await call(['check', '--json'], { cwd, environment });
    assert.match(check.stdout, /secrets\.json is missing, but there is a database/);
    assert.equal(existsSync(second.secretsFile), false);
  });

  test('is refused with the secrets of another one, which are left as they are', async (t) => {
    const [mine, theirs] = [await freshSchema(t), await freshSchema(t)];
    const first = await settings(t, mine.url);
    await (await startServer(first.config, surroundings)).close();
    const second = await settings(t, theirs.url);
    await (await startServer(second.config, surroundings)).close();
    const config = { ...second.config, storage: first.config.storage };
    await assert.rejects(startServer(config, surroundings), /secrets\.json does not belong to this database/);
    assert.equal(existsSync(second.secretsFile), true);
  });

  test('of two instances that make secrets of their own at once, one works and the other leaves none', async (t) => {
    const { url } = await freshSchema(t);
    const both = [await settings(t, url), await settings(t, url)] as const;
    const started = await Promise.allSettled(both.map(({ config }) => startServer(config, surroundings)));
    const servers = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    for (const server of servers) await server.close();
    assert.equal(servers.length, 1, JSON.stringify(started));
    const left = both.map(({ secretsFile }) => existsSync(secretsFile));
    assert.deepEqual(
      left,
      started.map(({ status }) => status === 'fulfilled'),
    );
  });

  test('needs nothing to be writable when the secrets are mounted', async (t) => {
    const { url } = await freshSchema(t);
    const first = await settings(t, url);
    await (await startServer(first.config, surroundings)).close();
    const second = await settings(t, url);
    mkdirSync(second.folder, { recursive: true });
    const environment = { ...second.environment, SALLYPORT_SECRETS_FILE: first.secretsFile };
    const config = loadConfig({ environment, cwd: second.folder });
    await (await startServer(config, surroundings)).close();
    assert.equal(existsSync(join(second.folder, 'data')), false);
  });
});
