// `sallyport keys` as somebody calls it who has never called it before.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect } from '../house/client.ts';
import { call } from '../program/call.ts';
import { temporaryFolder } from '../program/run.ts';
import { deploy, nowOf, stores, type Listed } from './deployment.ts';

const [sqlite] = stores;
assert.ok(sqlite);
const minute = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}`;
const kid = '[\\w-]{43}';

async function begun(t: TestContext) {
  const cwd = temporaryFolder(t);
  const keys = (...args: readonly string[]) => call(['keys', ...args], { cwd });
  const listed = async () => JSON.parse((await keys('list', '--json')).stdout) as Listed[];
  const idsOf = async (purpose: string) =>
    (await listed()).filter((key) => key.purpose === purpose).map(({ id }) => id);
  return { cwd, keys, listed, idsOf };
}

/** As if the keys in the file had been in use for an hour. */
function makeOlder(path: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replaceAll(/"usedFromAt": (\d+)/g, (_, at) => `"usedFromAt": ${Number(at) - 3600}`),
  );
}

describe('keys', () => {
  test('are listed before the first start, with what is to come', async (t) => {
    const { keys } = await begun(t);
    const { code, stdout, stderr } = await keys('list');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Purpose +Id +Algorithm +State \(UTC\) +Made \(UTC\)\n/);
    assert.match(stdout, new RegExp(`^sealing +\\S{8} +AES-256-GCM +is used now +${minute}$`, 'm'));
    assert.match(stdout, new RegExp(`^cookies +\\S{8} +HMAC-SHA-256 +is used now +${minute}$`, 'm'));
    assert.match(stdout, /The first signing key is made when the server starts\.\n$/);
  });

  test('tell nothing secret, in any form', async (t) => {
    const { cwd, keys } = await begun(t);
    await keys('rotate');
    const told = (await keys('list')).stdout + (await keys('list', '--json')).stdout;
    const text = readFileSync(join(cwd, 'data', 'secrets.json'), 'utf8');
    const secrets = [...text.matchAll(/"key": "([^"]+)"/g)].map(([, key]) => key ?? '');
    assert.equal(secrets.length, 3);
    for (const secret of secrets) assert.ok(!told.includes(secret));
    assert.doesNotMatch(told, /"d"|private/i);
  });

  test('of a signature follow one another: the first at once, the next in ten minutes, one more only with --now', async (t) => {
    const { keys, idsOf } = await begun(t);
    const first = await keys('rotate');
    assert.match(first.stdout, new RegExp(`^✓ ${kid} \\(ES256\\) signs at once\\.\n$`));
    const next = await keys('rotate', 'signing');
    assert.match(
      next.stdout,
      new RegExp(
        `^✓ ${kid} \\(ES256\\) signs from ${minute} UTC\\.\n  Nobody is signed out: what older keys signed is accepted until it expires\\.\n$`,
      ),
    );
    const third = await keys('rotate');
    assert.equal(third.code, 1);
    assert.match(
      third.stderr,
      new RegExp(
        `^✗ The next signing key is there already: ${kid} signs from ${minute} UTC\\.\n  → Wait until then\\. If it cannot wait, --now adds one that signs at once\\.\n$`,
      ),
    );
    const [, old] = await idsOf('signing');
    const now = await keys('rotate', '--now');
    assert.match(now.stdout, / signs at once\./);
    assert.ok(now.stdout.endsWith(`  To refuse it now: npm run -s sallyport -- keys retire ${old}\n`));
    assert.equal((await idsOf('signing')).length, 3);
    const text = (await keys('list')).stdout;
    assert.match(text, new RegExp(`^signing +${kid} +ES256 +signs now +${minute}$`, 'm'));
    assert.match(text, new RegExp(`^signing +${kid} +ES256 +accepted until ${minute} +${minute}$`, 'm'));
  });

  test('for a signature are retired, but never the one that signs', async (t) => {
    const { keys, idsOf } = await begun(t);
    await keys('rotate');
    const [only = ''] = await idsOf('signing');
    const refused = await keys('retire', only);
    assert.deepEqual(refused, {
      code: 1,
      stdout: '',
      stderr: `✗ ${only} is the key that signs now.\n  Without another one nobody could get a token.\n  → First: npm run -s sallyport -- keys rotate --now\n  → Then again: npm run -s sallyport -- keys retire ${only}\n`,
    });
    await keys('rotate', '--now');
    assert.deepEqual(await keys('retire', only), {
      code: 0,
      stdout: `✓ ${only} is gone. What it signed is refused from now on.\n  Apps get new access tokens with their refresh tokens, without asking anybody.\n`,
      stderr: '',
    });
    assert.deepEqual(await keys('retire', only), {
      code: 1,
      stdout: '',
      stderr: `✗ There is no key ${only}.\n  → See: npm run -s sallyport -- keys list\n`,
    });
    assert.equal((await idsOf('signing')).length, 1);
  });

  test('with an id that begins with a hyphen are no options', async (t) => {
    const { keys } = await begun(t);
    for (const id of [`-${'x'.repeat(42)}`, '-x_2-456', `--${'y'.repeat(41)}`]) {
      const end = await keys('retire', '--force', id);
      assert.equal(end.stderr.split('\n')[0], `✗ There is no key ${id}.`);
    }
  });

  test('of secrets.json are known for a minute before they are used, or for as long as is said', async (t) => {
    const { keys, listed } = await begun(t);
    const missing = await keys('rotate', 'cookies');
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /secrets\.json is not there yet; it is made at the first start\./);
    await keys('list');
    for (const [purpose, args, seconds] of [
      ['cookies', [], 60],
      ['derivation', ['--after', '3600'], 3600],
      ['sealing', ['--after', '0'], 0],
    ] as const) {
      const before = nowOf();
      const end = await keys('rotate', purpose, ...args, '--json');
      assert.equal(end.code, 0, end.stderr);
      const made = JSON.parse(end.stdout) as { purpose: string; id: string; from: number };
      assert.equal(made.purpose, purpose);
      assert.ok(made.from >= before + seconds && made.from <= nowOf() + seconds, String(made.from));
      const found = (await listed()).find(({ id }) => id === made.id);
      assert.equal(found?.state, seconds === 0 ? 'current' : 'next');
    }
    const again = await keys('rotate', 'cookies');
    assert.equal(again.code, 1);
    assert.match(
      again.stderr,
      /^✗ The next key for cookies is there already: \S{8}\.\n  → Wait until it is used/,
    );
  });

  test('wrong use is explained', async (t) => {
    const { keys } = await begun(t);
    await keys('list');
    const rows: readonly (readonly [string[], number, RegExp])[] = [
      [
        ['rotate', 'cookie'],
        2,
        /^✗ There are no keys for "cookie"\.\n  → Name one of: signing, sealing, cookies, derivation\n$/,
      ],
      [['rotate', 'cookies', '--after', 'soon'], 2, /^✗ --after takes whole seconds, a month at most\./],
      [['rotate', 'cookies', '--after', '99999999'], 2, /a month at most/],
      [['rotate', 'cookies', '--after', '5', '--now'], 2, /^✗ --now and --after contradict each other\./],
      [['rotate', 'signing', 'x'], 2, /Too many arguments/],
      [['retire'], 2, /Missing required argument 'id'/],
      [['import'], 2, /Missing required argument 'file'/],
      [['import', 'missing.pem'], 1, /^✗ The key file \S+missing\.pem cannot be read \(ENOENT\)\./],
      [['forget'], 2, /Unknown command 'forget'/],
    ];
    for (const [args, code, says] of rows) {
      const end = await keys(...args);
      assert.equal(end.code, code, args.join(' '));
      assert.match(end.stderr, says);
      assert.equal(end.stdout, '');
    }
  });
});

describe('a derivation key', () => {
  test('that refresh tokens need is retired only by force, and it is said how many they are', async (t) => {
    const deployment = await deploy(t, sqlite.urlIn);
    const house = await deployment.open();
    await connect(house);
    await connect(house);
    const keys = (...args: readonly string[]) =>
      call(['keys', ...args], { cwd: deployment.folder, environment: deployment.environment });
    const [older] = (await deployment.listed()).filter(({ purpose }) => purpose === 'derivation');
    const id = older?.id ?? '';
    assert.equal(older?.needed, 2);
    const inUse = await keys('retire', '--force', id);
    assert.match(
      inUse.stderr,
      new RegExp(`^✗ ${id} is in use for derivation\\.\n  → First: .* keys rotate derivation\n$`),
    );
    await deployment.rotate('derivation', '--now');
    assert.match(
      (await keys('list')).stdout,
      new RegExp(`^derivation +${id} .*needed by 2 refresh tokens`, 'm'),
    );
    assert.deepEqual(await keys('retire', id), {
      code: 1,
      stdout: '',
      stderr: `✗ 2 refresh tokens need ${id}.\n  Whoever holds one would have to sign in again. Each moves to the newer key when it is used.\n  → Wait, or sign them out: npm run -s sallyport -- keys retire --force ${id}\n`,
    });
    const tooEarly = await keys('retire', '--force', id);
    assert.match(
      tooEarly.stderr,
      /has been in use for less than a minute\.\n  → Some instance may still work with/,
    );
    makeOlder(deployment.secretsFile);
    assert.deepEqual(await keys('retire', '--force', id), {
      code: 0,
      stdout: `✓ ${id}, for derivation, is gone.\n  Refresh tokens that needed it are refused from now on.\n`,
      stderr: '',
    });
    assert.ok(!(await deployment.listed()).some((key) => key.id === id));
  });
});

describe('a key that is imported', () => {
  const pems = {
    'EC in SEC 1': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'pem',
      type: 'sec1',
    }),
    Ed25519: generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
    'RSA in PKCS#1': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      format: 'pem',
      type: 'pkcs1',
    }),
  };

  test('is the next one, of the algorithm that it is for, and is taken once', async (t) => {
    const { cwd, keys, listed } = await begun(t);
    await keys('rotate');
    for (const [index, pem] of Object.values(pems).entries()) {
      writeFileSync(join(cwd, 'own.pem'), pem);
      const end = await keys('import', 'own.pem', ...(index === 0 ? [] : ['--now']));
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stdout, index === 0 ? / signs from / : / signs at once\./);
      assert.ok(!end.stdout.includes(String(pem).split('\n')[1] ?? ''));
    }
    const signing = (await listed()).filter(({ purpose }) => purpose === 'signing');
    assert.deepEqual(
      signing.map(({ alg, state }) => [alg, state]),
      [
        ['RS256', 'current'],
        ['EdDSA', 'accepted'],
        ['ES256', 'accepted'],
        ['ES256', 'accepted'],
      ],
    );
    const again = await keys('import', 'own.pem', '--now');
    assert.equal(again.code, 1);
    assert.match(again.stderr, new RegExp(`^✗ The key ${signing[0]?.id} is there already\\.`));
    // What is rotated next is of the same kind, unless the configuration says otherwise.
    await keys('rotate', '--now');
    assert.equal((await listed())[0]?.alg, 'RS256');
  });

  test('is refused when the configuration asks for another algorithm, which would add a key at the next start', async (t) => {
    const { cwd, keys, idsOf } = await begun(t);
    writeFileSync(join(cwd, 'sallyport.yaml'), 'tokens: { access: { alg: ES256 } }');
    writeFileSync(join(cwd, 'own.pem'), pems['RSA in PKCS#1']);
    const end = await keys('import', 'own.pem');
    assert.equal(end.code, 1);
    assert.match(
      end.stderr,
      /own\.pem holds a key for RS256, but tokens\.access\.alg is ES256\.\n  → Leave tokens\.access\.alg out/,
    );
    assert.deepEqual(await idsOf('signing'), []);
  });
});

describe('commands with the secrets of another store', () => {
  test('add nothing that no instance could open', async (t) => {
    const [one, two] = [await begun(t), await begun(t)];
    for (const each of [one, two]) await each.keys('rotate');
    const environment = {
      SALLYPORT_SECRETS_FILE: join(two.cwd, 'data', 'secrets.json'),
    };
    const before = readFileSync(environment.SALLYPORT_SECRETS_FILE, 'utf8');
    for (const args of [['rotate', '--now'], ['reseal']]) {
      const end = await call(['keys', ...args], { cwd: one.cwd, environment });
      assert.equal(end.code, 1);
      assert.match(end.stderr, /does not belong to this database|does not have/);
    }
    assert.equal((await one.idsOf('signing')).length, 1);
    assert.equal(readFileSync(environment.SALLYPORT_SECRETS_FILE, 'utf8'), before);
  });
});
