// Opening: what is made, what is refused, and that each refusal says what to do and leaves the file alone.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import { migrations, newestVersion } from '../src/migrations/index.ts';
import { sqliteStorage } from '../src/sqlite/index.ts';
import { configure, connect } from '../src/sqlite/open.ts';
import { aSession, anItem, aUser, digestOf } from './contract/samples.ts';
import { temporaryFolder } from './folder.ts';

const refuses = (url: string, sentence: RegExp, baseDirectory?: string) =>
  assert.rejects(openStorage(url, baseDirectory === undefined ? {} : { baseDirectory }), (error) => {
    assert.ok(error instanceof StorageUnavailable, String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /undefined|\[object|\n/);
    return true;
  });

/** A database with enough rows for every table to have pages. */
async function filled(path: string): Promise<void> {
  const storage = await openStorage(`sqlite:${path}`);
  await storage.addUser(aUser());
  for (let i = 0; i < 300; i++) {
    void storage.addItem(anItem({ id: `item-${i}`, content: 'x'.repeat(500) }));
    void storage.keepSession(aSession({ digest: digestOf(`${i}`) }));
  }
  await storage.close();
}

suite('a new database', () => {
  test('is made below the base directory, with its folder, for its owner only', async (t) => {
    const folder = temporaryFolder(t);
    const storage = await openStorage('sqlite:made/here/test.db', { baseDirectory: folder });
    t.after(() => storage.close());
    await storage.addUser(aUser());
    for (const suffix of ['', '-wal', '-shm']) {
      const { mode } = statSync(join(folder, `made/here/test.db${suffix}`));
      assert.equal((mode & 0o777).toString(8), '600', suffix);
    }
    assert.equal(statSync(join(folder, 'made/here')).mode & 0o077, 0);
  });

  test('keeps everything over a restart', async (t) => {
    const path = join(temporaryFolder(t), "it's a test ?mode=ro#.db");
    await filled(path);
    assert.ok(existsSync(path));
    const storage = await openStorage(`sqlite:${path}`);
    t.after(() => storage.close());
    assert.deepEqual(await storage.listUsers(), [aUser()]);
    assert.equal((await storage.listItems({ userId: 'user-1', limit: 1000, offset: 0 })).length, 300);
  });

  test('works with the settings that durability rests on', async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    await filled(path);
    const database = connect(path);
    t.after(() => database.close());
    configure(database);
    const setting = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.equal(setting('journal_mode'), 'wal');
    assert.equal(setting('synchronous'), 2);
    assert.equal(setting('foreign_keys'), 1);
    assert.equal(setting('trusted_schema'), 0);
  });

  test('in memory is nobody else’s', async (t) => {
    const [one, two] = [await openStorage('sqlite::memory:'), await openStorage('sqlite::memory:')];
    t.after(() => Promise.all([one.close(), two.close()]));
    await one.addUser(aUser());
    assert.equal(await two.hasUsers(), false);
    assert.equal(existsSync(':memory:'), false);
  });

  test('is migrated once when several processes start at the same time', async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    const source = `
      import { openStorage } from '@sallyport/storage';
      const storage = await openStorage(process.argv[1]);
      const user = { ...${JSON.stringify(aUser())}, id: String(process.pid), email: String(process.pid) };
      console.log(await storage.addFirstUser(user));
      await storage.close();`;
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const args = [
          '--conditions=@sallyport/source',
          '--input-type=module',
          '-e',
          source,
          `sqlite:${path}`,
        ];
        const child = spawn(process.execPath, args, { cwd: import.meta.dirname });
        let said = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => (said += text));
        }
        await once(child, 'close');
        return said.trim();
      }),
    );
    assert.deepEqual(answers.sort(), ['added', 'not_first', 'not_first', 'not_first']);
    const database = new DatabaseSync(path);
    t.after(() => database.close());
    const applied = database.prepare('SELECT version FROM sallyport_migrations').all();
    assert.deepEqual(
      applied.map((row) => row['version']),
      migrations.map(({ version }) => version),
    );
  });
});

suite('a URL', () => {
  test('that is not understood is refused without repeating it', async () => {
    for (const url of [
      '',
      'test.db',
      'sqlite:',
      'sqlite://test.db',
      'sqlite:///test.db',
      'sqlite:a\0b',
      'mysql://x:hunter2@y',
    ]) {
      await refuses(url, /^storage\.url \(SALLYPORT_STORAGE_URL\) is not understood\. Write sqlite:<path>/);
      await assert.rejects(openStorage(url), (error: Error) => !error.message.includes('hunter2'));
    }
  });
});

suite('a file that must not be used', () => {
  test('because it is not a database is refused and left alone', async (t) => {
    const path = join(temporaryFolder(t), 'notes.txt');
    for (const text of ['short', 'A long text. '.repeat(2000)]) {
      writeFileSync(path, text);
      await refuses(`sqlite:${path}`, /notes\.txt is not a database\. Move the file away/);
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  });

  test('because it belongs to another program is refused and left alone', async (t) => {
    const path = join(temporaryFolder(t), 'other.db');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    const before = readFileSync(path);
    await refuses(`sqlite:${path}`, /belongs to another program/);
    assert.deepEqual(readFileSync(path), before);
  });

  test('because a newer version wrote it is refused and left alone', async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    await filled(path);
    const database = new DatabaseSync(path);
    database.exec('INSERT INTO sallyport_migrations VALUES (99, 0)');
    database.close();
    const before = readFileSync(path);
    await refuses(
      `sqlite:${path}`,
      new RegExp(
        `newer version of Sallyport \\(schema 99; this version knows ${newestVersion}\\)\\. Start the newer`,
      ),
    );
    assert.deepEqual(readFileSync(path), before);
  });

  test('because its folder cannot be made is refused at once, also where Node would try for ever', async () => {
    await assert.rejects(openStorage('sqlite:/proc/no-such-folder/deeper/test.db'), (error: Error) => {
      assert.ok(error instanceof StorageUnavailable);
      assert.match(error.message, /cannot be made|not a folder|read-only/);
      return true;
    });
  });

  test('because pages of it are damaged is refused, wherever the damage is', async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    await filled(path);
    const whole = readFileSync(path);
    const pages = whole.length / 4096;
    assert.ok(pages > 60);
    for (const page of [1, Math.floor(pages / 3), Math.floor(pages / 2), Math.floor((2 * pages) / 3)]) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xa5, page * 4096, (page + 1) * 4096);
      writeFileSync(path, damaged);
      await refuses(`sqlite:${path}`, /test\.db is damaged.* put back a backup/);
      assert.deepEqual(readFileSync(path), damaged);
    }
    writeFileSync(path, whole);
    truncateSync(path, whole.length - 40 * 4096);
    await refuses(`sqlite:${path}`, /test\.db is damaged/);
  });

  test('because it is damaged is noticed on reading too, when it was not looked through', async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    await filled(path);
    const damaged = readFileSync(path);
    damaged.fill(0xa5, damaged.length / 2);
    writeFileSync(path, damaged);
    const storage = sqliteStorage(connect(path), path);
    t.after(() => storage.close());
    const reading = async () => {
      for (let i = 0; i < 300; i++) await storage.findItem(`item-${i}`);
    };
    await assert.rejects(reading(), /StorageUnavailable: .* is damaged/);
  });

  test('because it is a folder, or below a file, is refused', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'file'), '');
    await refuses('sqlite:.', /is a folder\. Name a file in storage\.url/, folder);
    await refuses('sqlite:file/test.db', /is below something that is not a folder/, folder);
    await refuses(`sqlite:${'n'.repeat(300)}`, /a name that is too long/, folder);
  });
});

/** Runs as a user who owns nothing when this one may write everywhere. */
async function unprivileged(t: { skip: (why: string) => void }, check: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return check();
  const { seteuid } = process;
  if (seteuid === undefined) return t.skip('this system has no users');
  seteuid(65_534);
  try {
    await check();
  } finally {
    seteuid(0);
  }
}

suite('a file that cannot be written', () => {
  test('because of its folder is refused', async (t) => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o555);
    await unprivileged(t, async () => {
      await refuses('sqlite:test.db', /cannot be written\. Give this user write permission/, folder);
      await refuses('sqlite:below/test.db', /cannot be written\. Give this user write permission/, folder);
    });
    chmodSync(folder, 0o755);
    assert.equal(existsSync(join(folder, 'test.db')), false);
  });

  test('because of its own mode, or because its log cannot be made beside it, is refused', async (t) => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o777);
    const path = join(folder, 'test.db');
    await filled(path);
    chmodSync(path, 0o444);
    await unprivileged(t, () => refuses(`sqlite:${path}`, /cannot be written/));
    chmodSync(path, 0o666);
    chmodSync(folder, 0o555);
    await unprivileged(t, () => refuses(`sqlite:${path}`, /cannot be (written|opened)/));
    chmodSync(folder, 0o755);
  });

  test('beyond what the system allows refuses the write, keeps what was answered, and still reads', (t) => {
    if (process.platform === 'win32') return t.skip('this system has no file size limit');
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'data'));
    const path = join(folder, 'data/test.db');
    const source = `
      import { openStorage } from '@sallyport/storage';
      const storage = await openStorage(process.argv[1]);
      await storage.addUser(${JSON.stringify(aUser())});
      let kept = 0;
      try {
        for (; kept < 1000; kept++) await storage.addItem({ ...${JSON.stringify(anItem())}, id: 'item-' + kept, content: 'x'.repeat(20000) });
      } catch (error) {
        const found = await storage.findItem('item-' + (kept - 1));
        console.log(JSON.stringify({ kept, name: error.name, message: error.message, found: found?.id }));
      }`;
    const command =
      'ulimit -f 2000; exec "$0" --conditions=@sallyport/source --input-type=module -e "$1" "$2"';
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, source, `sqlite:${path}`], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const told = JSON.parse(stdout) as { kept: number; name: string; message: string; found: string };
    assert.ok(told.kept > 0 && told.kept < 1000);
    assert.equal(told.name, 'StorageUnavailable');
    assert.match(told.message, /is on a disk that (reports errors|is full)/);
    assert.equal(told.found, `item-${told.kept - 1}`);
    const database = new DatabaseSync(path);
    t.after(() => database.close());
    assert.equal(database.prepare('SELECT COUNT(*) AS n FROM items').get()?.['n'], told.kept);
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  });
});
