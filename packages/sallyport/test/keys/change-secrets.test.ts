// secrets.json is changed by commands while instances read it: whole at every moment, one command after another, and by
// nobody where it was mounted for reading.
import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { addSecret, createSecrets, readSecrets, readSecretsDocument } from '@sallyport/crypto';
import type { SecretsDocument } from '@sallyport/crypto';
import { SecretsUnusable } from '../../src/config/index.ts';
import { changeSecrets, SecretsReadOnly } from '../../src/keys/change-secrets.ts';
import { liveSecrets } from '../../src/keys/live-secrets.ts';
import { sharedRun } from '../../src/keys/shared-run.ts';
import { run, startNode, temporaryFolder } from '../program/run.ts';
import { call } from '../program/call.ts';
import { eventually } from './deployment.ts';

const now = 1_800_000_000;

function fileIn(t: TestContext, document: object = createSecrets(now)): string {
  const path = join(temporaryFolder(t), 'secrets.json');
  writeFileSync(path, JSON.stringify(document), { mode: 0o600 });
  return path;
}

const read = (path: string): SecretsDocument => readSecretsDocument(JSON.parse(readFileSync(path, 'utf8')));
const addCookies = (document: SecretsDocument) =>
  addSecret(document, 'cookies', { now, usedFromAt: now + 60 });

describe('a change', () => {
  test('keeps what is there, and leaves nothing beside the file but an empty lock', async (t) => {
    const path = fileIn(t);
    const before = read(path);
    const { id } = await changeSecrets(path, addCookies);
    const after = read(path);
    assert.deepEqual({ ...after, cookies: before.cookies }, before);
    assert.deepEqual(after.cookies.keys[0], before.cookies.keys[0]);
    assert.equal(after.cookies.keys[1]?.id, id);
    const beside = readdirSync(join(path, '..')).toSorted();
    assert.deepEqual(beside, ['secrets.json', 'secrets.json.lock']);
    assert.equal(statSync(`${path}.lock`).size, 0);
    for (const name of beside) assert.equal(statSync(join(path, '..', name)).mode & 0o777, 0o600);
  });

  test('makes version 2 of version 1, with the same keys', async (t) => {
    const entry = (byte: number) => ({ id: `id-${byte}`, key: Buffer.alloc(32, byte).toString('base64url') });
    const first = { version: 1, keys: { sealing: entry(1), cookies: entry(2), derivation: entry(3) } };
    const path = fileIn(t, first);
    const before = readSecrets(first);
    await changeSecrets(path, addCookies);
    const after = readSecrets(JSON.parse(readFileSync(path, 'utf8')));
    assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { version: number }).version, 2);
    for (const purpose of ['sealing', 'cookies', 'derivation'] as const) {
      const [one, again] = [before[purpose].keys[0], after[purpose].keys[0]];
      assert.ok(one && again && one.id === again.id && one.key.equals(again.key));
    }
  });

  test('that throws leaves the file as it was, and the next one possible', async (t) => {
    const path = fileIn(t);
    const text = readFileSync(path, 'utf8');
    await assert.rejects(
      changeSecrets(path, () => {
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(readFileSync(path, 'utf8'), text);
    await changeSecrets(path, addCookies);
  });

  test('keeps the mode, and what a link points to', async (t) => {
    const path = fileIn(t);
    chmodSync(path, 0o640);
    const link = join(temporaryFolder(t), 'secrets.json');
    symlinkSync(path, link);
    await changeSecrets(link, addCookies);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(read(path).cookies.keys.length, 2);
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  test('keeps the owner when it is made by root', { skip: process.getuid?.() !== 0 }, async (t) => {
    const path = fileIn(t);
    const { chownSync } = await import('node:fs');
    chownSync(path, 12_345, 12_346);
    await changeSecrets(path, addCookies);
    for (const each of [path, `${path}.lock`])
      assert.deepEqual([statSync(each).uid, statSync(each).gid], [12_345, 12_346]);
  });

  test('of a damaged file is refused, and so is that of one that is gone', async (t) => {
    const path = fileIn(t, {});
    await assert.rejects(changeSecrets(path, addCookies), SecretsUnusable);
    rmSync(path);
    await assert.rejects(changeSecrets(path, addCookies), SecretsReadOnly);
  });
});

describe('several commands at once', () => {
  test('each add their key, in processes of their own', async (t) => {
    const cwd = temporaryFolder(t);
    assert.equal((await call(['users', 'list'], { cwd })).code, 0);
    const ends = await Promise.all(
      Array.from({ length: 4 }, () => run(['keys', 'rotate', 'cookies', '--now', '--json'], { cwd })),
    );
    const ids = ends.map(({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as { id: string }).id;
    });
    const kept = read(join(cwd, 'data', 'secrets.json')).cookies.keys.map(({ id }) => id);
    assert.equal(kept.length, 5);
    for (const id of ids) assert.ok(kept.includes(id));
  });

  test('go on after one that was killed while it held the lock', async (t) => {
    const path = fileIn(t);
    const holder = new URL('../../src/keys/change-secrets.ts', import.meta.url).pathname;
    const program = `
      const { changeSecrets } = await import(${JSON.stringify(holder)});
      await changeSecrets(${JSON.stringify(path)}, () => {
        process.stdout.write('held');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const child = startNode(['--conditions=@sallyport/source', '--input-type=module', '--eval', program], {
      cwd: temporaryFolder(t),
    });
    await child.says(/held/);
    let isDone = false;
    const waiting = changeSecretsElsewhere(path, t).then(() => (isDone = true));
    await wait(500);
    assert.equal(isDone, false);
    child.kill('SIGKILL');
    await waiting;
    assert.equal(read(path).cookies.keys.length, 2);
  });
});

/** In a process of its own, since waiting for the lock stands still. */
async function changeSecretsElsewhere(path: string, t: TestContext): Promise<void> {
  const environment = { SALLYPORT_SECRETS_FILE: path };
  const end = await run(['keys', 'rotate', 'cookies'], { cwd: temporaryFolder(t), environment });
  assert.equal(end.code, 0, end.stderr);
}

describe('a secrets.json that was mounted for reading', () => {
  test('is left alone, and the command says what to do instead', async (t) => {
    const cwd = temporaryFolder(t);
    await call(['users', 'list'], { cwd });
    // As Kubernetes mounts a Secret: nobody, root included, makes a file there.
    const mounted = '/proc/self/secrets.json';
    const environment = { SALLYPORT_SECRETS_FILE: mounted };
    await assert.rejects(changeSecrets('/proc/self/status', addCookies), SecretsReadOnly);
    const end = await call(['keys', 'rotate', 'cookies'], { cwd, environment });
    assert.equal(end.code, 1);
    assert.match(end.stderr, /is not there yet/);

    const path = join(cwd, 'data', 'secrets.json');
    const text = readFileSync(path, 'utf8');
    mkdirSync(`${path}.lock`);
    const blocked = await call(['keys', 'rotate', 'derivation'], { cwd });
    assert.equal(blocked.code, 1);
    assert.match(blocked.stderr, /secrets\.json cannot be changed here/);
    assert.match(blocked.stderr, /→ cp \S+ secrets\.json\n/);
    assert.match(
      blocked.stderr,
      /→ SALLYPORT_SECRETS_FILE=secrets\.json npm run -s sallyport -- keys rotate derivation --after 3600\n/,
    );
    assert.equal(readFileSync(path, 'utf8'), text);
    const resealed = await call(['keys', 'reseal'], { cwd });
    assert.equal(resealed.code, 1);
    assert.match(resealed.stderr, /keys rotate sealing --after 3600\n/);
    assert.equal(readFileSync(path, 'utf8'), text);
  });
});

describe('secrets that are watched', () => {
  test('are read again when another file takes their place, and asked for a key nobody knows at once', async (t) => {
    const path = fileIn(t);
    const events: string[] = [];
    const log = (_level: string, event: string): void => void events.push(event);
    const secrets = liveSecrets({ secrets: readSecrets(read(path)), path }, { log, now: () => now });
    t.after(() => secrets.close());
    const { document, id } = addSecret(read(path), 'derivation', { now, usedFromAt: now + 60 });
    writeFileSync(`${path}.new`, JSON.stringify(document));
    renameSync(`${path}.new`, path);
    assert.equal((await secrets.derivation.find(id))?.id, id);
    assert.notEqual(secrets.derivation.current.id, id);
    assert.deepEqual(events, ['secrets_changed']);
    rmSync(path);
    await eventually(() => events.includes('secrets_unreadable'));
    assert.equal(secrets.derivation.known.length, 2);
  });
});

describe('a shared run', () => {
  test('begins after whoever asked for it, serves all who wait, and never goes on twice at once', async () => {
    let going = 0;
    let began = 0;
    const look = sharedRun(async () => {
      began += 1;
      assert.equal((going += 1), 1);
      await wait(20);
      going -= 1;
    });
    const first = look();
    await wait(5);
    const others = [look(), look(), look()];
    await Promise.all([first, ...others]);
    assert.equal(began, 2);
    await look();
    assert.equal(began, 3);
  });

  test('that failed is over for those who waited for it, and for nobody else', async () => {
    let fails = true;
    const look = sharedRun(async () => {
      if (fails) throw new Error('away');
    }, 10);
    await assert.rejects(look(), /away/);
    fails = false;
    await look();
  });

  test('keeps its pause', async () => {
    const began: number[] = [];
    const look = sharedRun(async () => void began.push(performance.now()), 50);
    for (let i = 0; i < 3; i += 1) await look();
    const [one = 0, two = 0, three = 0] = began;
    // Timers may come a millisecond early.
    assert.ok(two - one >= 48 && three - two >= 48, began.join());
  });
});
