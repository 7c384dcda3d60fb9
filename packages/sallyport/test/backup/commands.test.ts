// backup, restore, export, import: what they make, what they refuse, and what they say.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createSecrets, readSecrets } from '@sallyport/crypto';
import { openStorage } from '@sallyport/storage';
import { main } from '../../src/main.ts';
import { freshSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { openHouse } from '../house/open-house.ts';
import { call } from '../program/call.ts';
import { temporaryFolder } from '../program/run.ts';

/** A folder with two accounts, a client and a key in `data/`. */
async function aHouse(t: TestContext): Promise<string> {
  const cwd = temporaryFolder(t);
  for (const name of ['ada', 'grace']) {
    const added = await call(['users', 'add', `${name}@example.com`], {
      cwd,
      input: 'correct horse battery',
    });
    assert.equal(added.code, 0, added.stderr);
  }
  const uri = 'https://app.example.com/callback';
  assert.equal((await call(['clients', 'add', '--redirect-uri', uri], { cwd })).code, 0);
  return cwd;
}

async function done(args: readonly string[], cwd: string, environment: Record<string, string> = {}) {
  const end = await call(args, { cwd, environment });
  assert.equal(end.code, 0, end.stderr);
  return end;
}

/** @returns what was said; nothing may have been made in the folder but what was there */
async function refused(
  args: readonly string[],
  cwd: string,
  says: RegExp,
  environment: Record<string, string> = {},
) {
  const before = readdirSync(cwd);
  const end = await call(args, { cwd, environment });
  assert.equal(end.code, 1, end.stdout);
  assert.match(end.stderr, says);
  // What the store itself says has it in its sentence.
  if (!/^✗ (The database|PostgreSQL|There is no database) /.test(end.stderr)) {
    assert.match(end.stderr, /^ {2}→ \S/m, 'nothing says what to do');
  }
  assert.equal(end.stdout, '');
  assert.deepEqual(readdirSync(cwd), before);
  return end.stderr;
}

const nobodysTerminal = { stdin: process.stdin, environment: {}, program: 'sallyport', now: () => 0 };

const secretsIn = (cwd: string) => readFileSync(join(cwd, 'data', 'secrets.json'), 'utf8');

describe('backup', () => {
  test('writes one file for its owner alone, and says what is in it', async (t) => {
    const cwd = await aHouse(t);
    const { stdout, stderr } = await done(['backup', 'a.backup'], cwd);
    assert.match(
      stdout,
      /^✓ Copied 3 rows and secrets\.json to \S+\/a\.backup \(\d\.\d kB\)\.\n {2}clients {2}1\n {2}users {4}2\nWhoever has this copy has the keys: keep it as safe as the data folder\.\n$/,
    );
    assert.equal(stderr, '');
    assert.equal(statSync(join(cwd, 'a.backup')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(cwd).toSorted(), ['a.backup', 'data']);
  });

  test('--json says it for a script', async (t) => {
    const cwd = await aHouse(t);
    const { stdout } = await done(['backup', 'a.backup', '--json'], cwd);
    const said = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(said), [
      'file',
      'bytes',
      'format',
      'schema',
      'program',
      'made_at',
      'backend',
      'secrets',
      'rows',
      'tables',
    ]);
    assert.equal(said['bytes'], statSync(join(cwd, 'a.backup')).size);
    assert.deepEqual([said['rows'], said['secrets'], said['backend']], [3, true, 'sqlite']);
  });

  test('replaces no file unless it is told to, and then only with a whole one', async (t) => {
    const cwd = await aHouse(t);
    const path = join(cwd, 'a.backup');
    writeFileSync(path, 'precious', { mode: 0o644 });
    await refused(
      ['backup', 'a.backup'],
      cwd,
      /^✗ \S+a\.backup is there already, and was left as it is\.\n {2}→ .*--force\n$/,
    );
    assert.equal(readFileSync(path, 'utf8'), 'precious');
    await done(['backup', 'a.backup', '--force'], cwd);
    assert.equal(gunzipSync(readFileSync(path)).toString('utf8', 0, 22), '{"sallyport":"backup",');
    assert.equal(statSync(path).mode & 0o777, 0o600);

    rmSync(join(cwd, 'data', 'sallyport.db'));
    const before = readFileSync(path);
    await refused(['backup', 'a.backup', '--force'], cwd, /There is no database at/);
    assert.deepEqual(readFileSync(path), before);
  });

  test('--without-secrets leaves the keys out, and export is the same', async (t) => {
    const cwd = await aHouse(t);
    const key = (JSON.parse(secretsIn(cwd)) as { sealing: { keys: [{ key: string }] } }).sealing.keys[0].key;
    await done(['backup', 'whole'], cwd);
    await done(['backup', 'rows', '--without-secrets'], cwd);
    const { stdout } = await done(['export', 'exported'], cwd);
    assert.doesNotMatch(stdout, /keys|secrets/);
    const textOf = (name: string) => gunzipSync(readFileSync(join(cwd, name))).toString('utf8');
    assert.ok(textOf('whole').includes(key));
    for (const name of ['rows', 'exported']) {
      assert.ok(!textOf(name).includes(key));
      assert.match(textOf(name), /"secrets":false/);
    }
  });

  test('refuses where there are no secrets, since it could not be used', async (t) => {
    const cwd = await aHouse(t);
    rmSync(join(cwd, 'data', 'secrets.json'));
    await refused(
      ['backup', 'a.backup'],
      cwd,
      /There is no \S+secrets\.json, without which a backup cannot be used\.\n.*--without-secrets/,
    );
    assert.equal(existsSync(join(cwd, 'data', 'secrets.json')), false);
  });

  test('refuses damaged secrets, which would be found only when they are needed', async (t) => {
    const cwd = await aHouse(t);
    writeFileSync(join(cwd, 'data', 'secrets.json'), '{"version":2}');
    await refused(['backup', 'a.backup'], cwd, /secrets\.json is damaged: "sealing" is missing/);
  });

  test('says what is wrong with the place for it', async (t) => {
    const cwd = await aHouse(t);
    mkdirSync(join(cwd, 'folder'));
    symlinkSync('/dev/null', join(cwd, 'null'));
    await refused(
      ['backup', 'nowhere/a.backup'],
      cwd,
      /There is no folder \S+nowhere\.\n {2}→ Make it: mkdir -p \S+nowhere\n/,
    );
    await refused(
      ['backup', 'folder', '--force'],
      cwd,
      /folder is there, and is no file that could be replaced/,
    );
    await refused(['backup', '/dev/null', '--force'], cwd, /\/dev\/null is there, and is no file/);
    await refused(['backup', 'x'.repeat(300)], cwd, /is too long a name/);
    await refused(['backup', 'a.backup'], cwd, /There is no database at \S+other\.db/, {
      SALLYPORT_STORAGE_URL: 'sqlite:other.db',
    });
  });

  test('says when the disk is full, and leaves nothing behind', async (t) => {
    const cwd = await aHouse(t);
    const full = new Writable({
      write: (_chunk, _encoding, next) => next(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    });
    full.on('error', () => undefined);
    let said = '';
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, next) => ((said += chunk.toString()), next()),
    });
    assert.equal(await main(['backup', '-'], { ...nobodysTerminal, stdout: full, stderr, cwd }), 1);
    assert.match(said, /^✗ The disk of the output is full, so nothing was kept there\./);
  });

  test('does not write to a terminal', async (t) => {
    const cwd = await aHouse(t);
    let said = '';
    const terminal = Object.assign(
      new Writable({ write: (chunk: Buffer, _encoding, next) => ((said += chunk.toString()), next()) }),
      { isTTY: true },
    );
    assert.equal(
      await main(['backup', '-'], { ...nobodysTerminal, stdout: terminal, stderr: terminal, cwd }),
      2,
    );
    assert.match(said, /A terminal cannot show a backup/);
  });
});

describe('restore', () => {
  test('brings everything back on another machine, keys included', async (t) => {
    const cwd = await aHouse(t);
    await done(['backup', 'a.backup'], cwd);
    const other = temporaryFolder(t);
    const { stdout, stderr } = await done(['restore', join(cwd, 'a.backup')], other);
    assert.match(
      stdout,
      /^✓ Restored 3 rows, made \d{4}-\d\d-\d\d \d\d:\d\d UTC by Sallyport [\d.]+ from SQLite\.\n {2}clients {2}1\n {2}users {4}2\nEach was read back from the store and is the same\.\nThe keys are in \S+secrets\.json\.\n/,
    );
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(secretsIn(other)), JSON.parse(secretsIn(cwd)));
    for (const name of ['secrets.json', 'sallyport.db']) {
      assert.equal(statSync(join(other, 'data', name)).mode & 0o777, 0o600);
    }
    assert.equal((await done(['users', 'list'], other)).stdout, (await done(['users', 'list'], cwd)).stdout);
    assert.deepEqual(
      readdirSync(join(other, 'data')).filter((name) => name.includes('.part')),
      [],
    );
  });

  test('into a store with somebody in it is refused, and says who is there', async (t) => {
    const cwd = await aHouse(t);
    await done(['backup', 'a.backup'], cwd);
    await refused(
      ['restore', 'a.backup'],
      cwd,
      /^✗ The store is not empty, and nothing in it was touched\. It has rows in: clients \(1\), users \(2\)\.\n {2}→ /,
    );
  });

  test('beside the secrets of another deployment is refused; beside newer ones of the same, they stay', async (t) => {
    const cwd = await aHouse(t);
    await done(['backup', 'a.backup'], cwd);
    const other = temporaryFolder(t);
    mkdirSync(join(other, 'data'));
    const secrets = join(other, 'data', 'secrets.json');
    writeFileSync(secrets, JSON.stringify(createSecrets(0)), { mode: 0o600 });
    const before = secretsIn(other);
    await refused(
      ['restore', join(cwd, 'a.backup')],
      other,
      /^✗ \S+secrets\.json has other keys than the copy, whose rows need theirs\. Nothing was restored\.\n/,
    );
    assert.equal(secretsIn(other), before);
    assert.deepEqual(readdirSync(join(other, 'data')), ['secrets.json']);

    const own = JSON.parse(secretsIn(cwd)) as ReturnType<typeof createSecrets>;
    const more = createSecrets(0).sealing.keys;
    writeFileSync(
      secrets,
      JSON.stringify({ ...own, sealing: { ...own.sealing, keys: [...own.sealing.keys, ...more] } }),
    );
    const newer = secretsIn(other);
    await done(['restore', join(cwd, 'a.backup')], other);
    assert.equal(secretsIn(other), newer);
  });

  test('of rows alone needs the secrets to be there, and to be theirs', async (t) => {
    const cwd = await aHouse(t);
    await startOnce(cwd);
    await done(['export', 'rows'], cwd);
    const other = temporaryFolder(t);
    const rows = join(cwd, 'rows');
    await refused(
      ['import', rows],
      other,
      /^✗ The copy has no keys in it, and there are none here to use its rows with\.\n {2}Nothing was restored\.\n {2}→ Put the secrets\.json/,
    );
    mkdirSync(join(other, 'data'), { mode: 0o700 });
    writeFileSync(join(other, 'data', 'secrets.json'), JSON.stringify(createSecrets(0)), { mode: 0o600 });
    await refused(
      ['import', rows],
      other,
      /does not belong to this copy: it cannot open what is sealed in its rows/,
    );
    const empty = await openStorage(`sqlite:${join(other, 'data', 'sallyport.db')}`);
    assert.equal(await empty.hasUsers(), false);
    await empty.close();
    writeFileSync(join(other, 'data', 'secrets.json'), secretsIn(cwd));
    await done(['import', rows], other);
  });

  test('--revoke-all ends what lets anybody in', async (t) => {
    const cwd = await aHouse(t);
    await done(['backup', 'a.backup'], cwd);
    const other = temporaryFolder(t);
    const { stdout } = await done(['restore', join(cwd, 'a.backup'), '--revoke-all'], other);
    assert.match(stdout, /Everybody has to sign in again, and every app to be allowed again\.\n$/);
  });

  test('says what is wrong with the file', async (t) => {
    const cwd = await aHouse(t);
    await done(['backup', 'a.backup'], cwd);
    const whole = readFileSync(join(cwd, 'a.backup'));
    const other = temporaryFolder(t);
    const lines = gunzipSync(whole).toString();
    writeFileSync(join(other, 'half'), gzipSync(lines.slice(0, lines.indexOf('\n') + 20)));
    writeFileSync(join(other, 'notes'), 'notes');
    await refused(
      ['restore', 'half'],
      other,
      /^✗ The backup ends too early, \S.*: it was cut off, and nothing was restored\.\n/,
    );
    await refused(
      ['restore', 'notes'],
      other,
      /^✗ This is not a backup of Sallyport\. Nothing was restored\.\n/,
    );
    await refused(['restore', 'nowhere'], other, /^✗ There is no file nowhere\. Nothing was restored\.\n/);
    await refused(['restore', '.'], other, /^✗ \. is a folder\. Nothing was restored\.\n/);
    if (process.getuid?.() !== 0) {
      chmodSync(join(other, 'half'), 0);
      await refused(['restore', 'half'], other, /cannot be read by this user/);
    }
  });
});

/** A start makes a signing key, sealed with the secrets of the folder. */
async function startOnce(cwd: string): Promise<void> {
  const secrets = readSecrets(JSON.parse(secretsIn(cwd)));
  const house = await openHouse({ storageUrl: `sqlite:${join(cwd, 'data', 'sallyport.db')}`, secrets });
  await house.close();
}

describe('export and import', () => {
  test('pass rows on through a pipe, and say beside it what they did', async (t) => {
    const [cwd, other] = [await aHouse(t), temporaryFolder(t)];
    await startOnce(cwd);
    mkdirSync(join(other, 'data'), { mode: 0o700 });
    writeFileSync(join(other, 'data', 'secrets.json'), secretsIn(cwd), { mode: 0o600 });
    const [stdout, errors] = [new PassThrough(), new PassThrough()];
    const [rows, said] = [buffer(stdout), text(errors)];
    assert.equal(await main(['export', '-'], { ...nobodysTerminal, stdout, stderr: errors, cwd }), 0);
    stdout.end();
    errors.end();
    const stderr = await said;
    assert.match(stderr, /^✓ Copied 4 rows\.\n {2}clients {7}1\n {2}signing_keys {2}1\n {2}users {9}2\n$/);
    const imported = await call(['import', '-'], { cwd: other, input: await rows });
    assert.equal(imported.code, 0, imported.stderr);
    assert.match(imported.stdout, /^✓ Restored 4 rows, /);
    assert.doesNotMatch(imported.stdout, /keys are in/);
  });

  test('give both stores the same digests, table by table', onPostgres, async (t) => {
    const cwd = await aHouse(t);
    await startOnce(cwd);
    const environment = { SALLYPORT_STORAGE_URL: (await freshSchema(t)).url };
    await done(['export', 'rows'], cwd);
    const { stdout } = await done(['import', 'rows', '--json'], cwd, environment);
    const [there, back] = [
      await done(['export', 'of-sqlite', '--json'], cwd),
      await done(['export', 'of-postgres', '--json'], cwd, environment),
    ];
    const tablesIn = (text: string) => (JSON.parse(text) as { tables: unknown }).tables;
    assert.deepEqual(tablesIn(back.stdout), tablesIn(there.stdout));
    assert.deepEqual(tablesIn(stdout), tablesIn(there.stdout));
    assert.match(there.stdout, /"backend": "sqlite"/);
    assert.match(back.stdout, /"backend": "postgres"/);
    assert.equal(
      (await done(['users', 'list'], cwd, environment)).stdout,
      (await done(['users', 'list'], cwd)).stdout,
    );
  });

  test('say when PostgreSQL is not there, and not the password', async (t) => {
    const cwd = await aHouse(t);
    const environment = { SALLYPORT_STORAGE_URL: 'postgres://nobody-of-this-name:hunter2@127.0.0.1:1/test' };
    await done(['export', 'rows'], cwd);
    for (const args of [
      ['export', 'other'],
      ['import', 'rows'],
    ]) {
      const said = await refused(args, cwd, /^✗ PostgreSQL cannot be reached\./, environment);
      assert.doesNotMatch(said, /hunter2/);
    }
  });
});
