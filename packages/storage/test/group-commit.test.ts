// Calls that arrive together share a commit; no answer before it, nothing left of what failed.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import type { OnCommit, Storage } from '@sallyport/storage';
import { run, statement } from '../src/script.ts';
import { explain } from '../src/sqlite/failures.ts';
import { groupCommit } from '../src/sqlite/group-commit.ts';
import { sqliteStorage } from '../src/sqlite/index.ts';
import { prepareDatabase } from '../src/sqlite/open.ts';
import { performerOn } from '../src/sqlite/statements.ts';
import { sqliteError, WatchedConnection } from './connection.ts';
import * as samples from './contract/samples.ts';
import { temporaryFolder } from './folder.ts';

const { anItem, aUser, digestOf, now } = samples;

async function open(
  t: TestContext,
): Promise<{ storage: Storage; connection: WatchedConnection; path: string }> {
  const path = join(temporaryFolder(t), 'test.db');
  const connection = new WatchedConnection(path, { timeout: 1 });
  await prepareDatabase(connection, path);
  const storage = sqliteStorage(connection, path);
  t.after(() => storage.close());
  return { storage, connection, path };
}

const addUsers = (storage: Storage, n: number) =>
  Array.from({ length: n }, (_, i) => storage.addUser(aUser({ id: `user-${i}` })));

suite('group commit', () => {
  test('calls of one turn of the event loop share one commit', async (t) => {
    const { storage, connection } = await open(t);
    assert.deepEqual(new Set(await Promise.all(addUsers(storage, 50))), new Set(['added']));
    assert.equal(connection.commits, 1);
    await storage.addUser(aUser({ id: 'later' }));
    assert.equal(connection.commits, 2);
  });

  test('a burst is cut into groups, and every call is answered', async (t) => {
    const { storage, connection } = await open(t);
    await Promise.all(addUsers(storage, 600));
    assert.equal(connection.commits, 3);
    assert.equal((await storage.listUsers()).length, 600);
  });

  test('whoever watches hears of each commit: how many shared it, how many wait, how long it took', async (t) => {
    const commits: Parameters<OnCommit>[0][] = [];
    const storage = await openStorage('sqlite::memory:', { onCommit: (commit) => commits.push(commit) });
    t.after(() => storage.close());
    await storage.hasUsers();
    assert.deepEqual(commits, []);
    await Promise.all(addUsers(storage, 300));
    assert.deepEqual(
      commits.map(({ calls, waiting }) => [calls, waiting]),
      [
        [256, 44],
        [44, 0],
      ],
    );
    assert.ok(commits.every(({ seconds }) => seconds > 0));
  });

  test('no answer and no notice leaves before the commit', async (t) => {
    const { storage, connection } = await open(t);
    await samples.withRefreshToken(storage);
    const order: string[] = [];
    connection.beforeCommit = () => order.push('commit');
    storage.onChange((change) => order.push(`heard ${typeof change === 'string' ? change : change.grantId}`));
    const answered = storage.revokeGrant('grant-1', now).then(() => order.push('answered'));
    await storage.listUsers();
    await answered;
    assert.deepEqual(order, ['commit', 'heard grant-1', 'answered']);
  });

  test('a read sees nothing of a group that is not committed', async (t) => {
    const { storage, connection, path } = await open(t);
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    const users = () => other.prepare('SELECT COUNT(*) AS n FROM users').get()?.['n'];
    let seenByOther: unknown;
    connection.beforeCommit = () => {
      seenByOther = users();
    };
    const added = Promise.all(addUsers(storage, 3));
    assert.deepEqual(await storage.listUsers(), []);
    await added;
    assert.equal(seenByOther, 0);
    assert.equal(users(), 3);
    assert.equal((await storage.listUsers()).length, 3);
  });

  test('a commit that fails rejects every call of its group, tells no listener, and keeps nothing', async (t) => {
    const { storage, connection } = await open(t);
    await samples.withRefreshToken(storage);
    const heard: unknown[] = [];
    storage.onChange((change) => heard.push(change));
    connection.failCommit = sqliteError(13, 'database or disk is full');
    const answers = await Promise.allSettled([
      ...addUsers(storage, 3),
      storage.revokeGrant('grant-1', now),
      storage.rotateRefreshToken(samples.rotate('unknown', 'next')),
    ]);
    for (const answer of answers) {
      assert.equal(answer.status, 'rejected');
      assert.ok(answer.reason instanceof StorageUnavailable);
      assert.match(answer.reason.message, /disk that is full/);
    }
    assert.deepEqual(heard, []);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
    assert.equal(await storage.findUser('user-0'), undefined);
    await storage.revokeGrant('grant-1', now);
    assert.deepEqual(heard, [{ grantId: 'grant-1' }]);
  });

  test('a full disk refuses what does not fit, and works again when there is room', async (t) => {
    const { storage, connection } = await open(t);
    await storage.addUser(aUser());
    connection.exec('PRAGMA max_page_count = 1');
    const large = anItem({ id: 'large', content: 'x'.repeat(1_000_000) });
    await assert.rejects(storage.addItem(large), (error) => {
      assert.ok(error instanceof StorageUnavailable);
      assert.match(error.message, /disk that is full\. Free some space/);
      return true;
    });
    assert.equal(await storage.findItem('large'), undefined);
    assert.deepEqual(await storage.findUser('user-1'), aUser());
    connection.exec('PRAGMA max_page_count = 1000000');
    assert.deepEqual(await storage.addItem(large), large);
  });

  test('while another process writes, writes wait and reads are answered', async (t) => {
    const { storage, path } = await open(t);
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    let done = false;
    const added = storage.addUser(aUser()).then((answer) => {
      done = true;
      return answer;
    });
    // Two turns: the first try of the group has met the lock by then.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await storage.listUsers(), []);
    assert.equal(done, false);
    other.exec('COMMIT');
    assert.equal(await added, 'added');
  });

  test('a lock that is never given up is an error that says what to do', async (t) => {
    const { connection, path } = await open(t);
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    const group = groupCommit({
      database: connection,
      perform: performerOn(connection),
      tell: () => {},
      explain: (error) => explain(error, path),
      patienceMilliseconds: 0,
    });
    const nothing = statement('DELETE FROM users WHERE id = $1');
    await assert.rejects(
      group.write(() => run(nothing, 'nobody')),
      /StorageUnavailable: .*locked by another process/,
    );
    other.exec('ROLLBACK');
    assert.equal(await group.write(() => run(nothing, 'nobody')), 0);
  });

  test('closing waits for what is queued', async (t) => {
    const { storage, path } = await open(t);
    const queued = storage.addUser(aUser());
    await storage.close();
    assert.equal(await queued, 'added');
    const other = new DatabaseSync(path, { readOnly: true });
    t.after(() => other.close());
    assert.equal(other.prepare('SELECT COUNT(*) AS n FROM users').get()?.['n'], 1);
  });

  test('calls that change nothing do not reach the disk', async (t) => {
    const { storage, path } = await open(t);
    await samples.withRefreshToken(storage);
    await storage.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    const version = () => other.prepare('PRAGMA data_version').get()?.['data_version'];
    const before = version();
    assert.equal(await storage.rotateRefreshToken(samples.rotate('token-1', 'token-2')), 'repeated');
    assert.equal(await storage.redeemCode(samples.redeem({ digest: digestOf('unknown') })), 'dead');
    await storage.endSession(digestOf('unknown'));
    assert.equal(version(), before);
    await storage.revokeGrant('grant-1', now);
    const revoked = version();
    assert.notEqual(revoked, before);
    assert.equal(await storage.rotateRefreshToken(samples.rotate('token-2', 'token-3')), 'dead');
    assert.equal(version(), revoked);
  });
});
