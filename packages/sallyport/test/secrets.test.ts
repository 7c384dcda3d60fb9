// secrets.json: made once, by whoever comes first, and never again.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  hasDatabase,
  inspectSecrets,
  loadConfig,
  openSecrets,
  SecretsUnusable,
} from '../src/config/index.ts';
import type { Config } from '../src/config/index.ts';
import { run, temporaryFolder } from './program/run.ts';

function configIn(t: TestContext, environment: Readonly<Record<string, string>> = {}): Config {
  return loadConfig({ environment, cwd: temporaryFolder(t) });
}

const open = (config: Config) =>
  openSecrets(config, { now: 1, isInUse: () => hasDatabase(config.storage.url) });

describe('secrets.json', () => {
  test('is made at the first start, in a folder and a file that only the owner reads', async (t) => {
    const config = configIn(t);
    assert.equal(await inspectSecrets(config), undefined, 'looking makes nothing');
    assert.equal(existsSync(config.data), false);
    const { path, isReadableByOthers } = await open(config);
    assert.equal(path, join(config.data, 'secrets.json'));
    assert.equal(isReadableByOthers, false);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(config.data).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(config.data), ['secrets.json'], 'no draft is left');
  });

  test('stays the same', async (t) => {
    const config = configIn(t);
    const first = await open(config);
    const text = readFileSync(first.path, 'utf8');
    const second = await open(config);
    assert.equal(readFileSync(first.path, 'utf8'), text);
    const [one, again] = [first, second].map(({ secrets }) => secrets.sealing.keys[0]);
    assert.ok(one && again);
    assert.equal(again.id, one.id);
    assert.ok(again.key.equals(one.key));
  });

  test('is one, when several start at once in this process', async (t) => {
    const config = configIn(t);
    const all = await Promise.all(Array.from({ length: 16 }, () => open(config)));
    assert.equal(new Set(all.map(({ secrets }) => secrets.derivation.keys[0]?.id)).size, 1);
    assert.deepEqual(readdirSync(config.data), ['secrets.json']);
  });

  test('is one, when several processes start at once', async (t) => {
    const cwd = temporaryFolder(t);
    const people = ['ada', 'bob', 'cyd', 'dee'].map((name) => `${name}@example.com`);
    const ends = await Promise.all(
      people.map((email) => run(['users', 'add', email], { cwd, input: 'a long password' })),
    );
    for (const end of ends) assert.equal(end.code, 0, end.stderr);
    const { stdout } = await run(['users', 'list', '--json'], { cwd });
    const users = JSON.parse(stdout) as { email: string; role: string }[];
    assert.deepEqual(users.map(({ email }) => email).toSorted(), people);
    assert.deepEqual(
      readdirSync(join(cwd, 'data')).filter((name) => name.startsWith('secrets')),
      ['secrets.json'],
    );
  });

  test('is refused when it is damaged, and left as it is', async (t) => {
    const config = configIn(t);
    const { path } = await open(config);
    const good = JSON.parse(readFileSync(path, 'utf8')) as { sealing: { keys: [{ key: string }] } };
    const [entry] = good.sealing.keys;
    const { key } = entry;
    entry.key = key.slice(1);
    for (const [text, why] of [
      ['', 'it is not JSON'],
      ['{"version":1', 'it is not JSON'],
      ['null', 'it is not a JSON object'],
      ['{"version":3}', 'its "version" is not 1 or 2'],
      [JSON.stringify(good), '"sealing.keys[0].key" is not 32 bytes of base64url'],
    ] as const) {
      writeFileSync(path, text);
      await assert.rejects(open(config), (error: unknown) => {
        assert.ok(error instanceof SecretsUnusable);
        assert.equal(error.message, `${path} is damaged: ${why}.`);
        assert.match(error.instead, /backup/);
        assert.ok(!`${error.message}${error.instead}`.includes(key.slice(1)));
        return true;
      });
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  });

  test('is not made anew beside a database that was sealed with the lost one', async (t) => {
    const config = configIn(t);
    const { path } = await open(config);
    writeFileSync(join(config.data, 'sallyport.db'), 'anything');
    rmSync(path);
    await assert.rejects(open(config), /secrets\.json is missing, but there is a database/);
    assert.equal(existsSync(path), false);
  });

  test('that others may read is reported', async (t) => {
    const config = configIn(t);
    const { path } = await open(config);
    chmodSync(path, 0o644);
    assert.equal((await open(config)).isReadableByOthers, true);
  });

  test('needs a folder that can be made', async (t) => {
    const config = configIn(t, { SALLYPORT_DATA: 'a-file/below' });
    writeFileSync(join(config.data, '..'), 'a file, so that not even root makes a folder in it');
    await assert.rejects(
      open(config),
      /^SecretsUnusable: The data folder .*below cannot be made \(ENOTDIR\)\.$/,
    );
    const other = configIn(t, { SALLYPORT_DATA: 'taken' });
    writeFileSync(other.data, '');
    await assert.rejects(open(other), /cannot be made \(EEXIST\)/);
    const third = configIn(t);
    mkdirSync(join(third.data, 'secrets.json'), { recursive: true });
    await assert.rejects(open(third), /secrets\.json cannot be read \(EISDIR\)/);
  });
});
