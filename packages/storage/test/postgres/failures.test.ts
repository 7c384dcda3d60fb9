// Whatever happens to PostgreSQL, callers learn that the store is unavailable and what to do, never its URL; and when it
// is back, everything goes on by itself.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import pg from 'pg';
import { explain } from '../../src/postgres/failures.ts';
import { aUser, hearing, now, withRefreshToken } from '../contract/samples.ts';
import { makeServer, withOwnServer } from './own-server.ts';
import type { OwnServer } from './own-server.ts';
import { wayTo } from './way.ts';
import type { Passage } from './way.ts';

const PASSWORD = 'hunter2 & more';

/** @returns the sentence */
async function unavailable(call: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.ok(error instanceof StorageUnavailable, String(error));
    assert.match(error.message, sentence);
    assert.match(error.message, /^[^\n]{40,}\.$/, 'a sentence that says what to do');
    const said = inspect(error);
    assert.doesNotMatch(said, /hunter2|127\.0\.0\.1|postgres:\/\/|undefined|\[object/);
    return true;
  });
}

suite('a PostgreSQL server', withOwnServer, () => {
  let server: OwnServer;
  before(async () => {
    server = await makeServer({ max_connections: '30' });
  });
  after(() => server?.remove());

  /** A database of the test's own. */
  async function database(t: TestContext, options: { poolSize?: number } = {}) {
    const name = `test_${Math.random().toString(36).slice(2)}`;
    await beside(`CREATE DATABASE ${name}`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const open = async (as = url.href) => {
      const storage = await openStorage(as, { poolSize: 3, ...options });
      t.after(() => storage.close());
      return storage;
    };
    return { url: url.href, open };
  }

  async function beside(sql: string, url = server.url): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client(url);
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** As a server that is elsewhere and wants a password. */
  const askForPasswords = async () => {
    await beside(`CREATE ROLE guest LOGIN PASSWORD '${PASSWORD}'`);
    server.allow('host all guest 127.0.0.1/32 scram-sha-256');
    server.allow('host all nobody 127.0.0.1/32 reject');
    await beside('SELECT pg_reload_conf()');
  };

  function as(url: string, changes: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'search'>>) {
    return Object.assign(new URL(url), changes).href;
  }

  test('lets nobody open it who may not, and says why', async (t) => {
    await askForPasswords();
    const { url } = await database(t);
    const opening = (changes: Parameters<typeof as>[1]) => openStorage(as(url, changes));
    const password = encodeURIComponent('hunter2');
    await unavailable(opening({ username: 'guest', password }), /does not know this user or password/);
    await unavailable(opening({ username: 'guest' }), /does not know this user or password/);
    await unavailable(opening({ username: 'nobody', password }), /does not let this user in/);
    await unavailable(opening({ username: 'stranger', password }), /does not let this user in|does not know/);
    await unavailable(opening({ password, pathname: '/nothing' }), /has no database of this name/);
    await unavailable(opening({ password, search: '?sslmode=verify-full' }), /offers no TLS/);
    await unavailable(
      opening({ username: 'guest', password: encodeURIComponent(PASSWORD) }),
      /does not allow this user what it must do/,
    );
    await beside('GRANT ALL ON SCHEMA public TO guest', url);
    const storage = await opening({ username: 'guest', password: encodeURIComponent(PASSWORD) });
    t.after(() => storage.close());
    assert.equal(await storage.hasUsers(), false);
  });

  test('with TLS is believed only for the name that its certificate is for', async (t) => {
    const { url } = await database(t);
    const file = (name: string) => join(server.data, name);
    for (const [name, subject] of Object.entries({ mine: 'IP:127.0.0.1', other: 'DNS:other.example.com' })) {
      const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x -addext`;
      const paths = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
      execFileSync('openssl', [...made.split(' '), `subjectAltName=${subject}`, ...paths], { stdio: 'pipe' });
      chownSync(file(`${name}.key`), statSync(server.data).uid, statSync(server.data).gid);
    }
    const open = async (name: string, search: string) => {
      const settings = { ssl: 'on', ssl_cert_file: `${name}.crt`, ssl_key_file: `${name}.key` };
      await server.stop('fast');
      await server.start(settings);
      const storage = await openStorage(as(url, { password: 'hunter2', search }));
      t.after(() => storage.close());
      return storage.hasUsers();
    };
    const [mine, other] = ['mine', 'other'].map((name) => encodeURIComponent(file(`${name}.crt`)));
    try {
      assert.equal(await open('mine', `sslmode=verify-full&sslrootcert=${mine}`), false);
      assert.equal(await open('mine', 'sslmode=no-verify'), false);
      assert.equal(await open('other', `sslmode=verify-ca&sslrootcert=${other}`), false);
      const untrusted =
        /a certificate that is not trusted for its name\. Name its authority with sslrootcert/;
      await unavailable(open('mine', 'sslmode=require'), untrusted);
      await unavailable(open('mine', `sslmode=verify-ca&sslrootcert=${other}`), untrusted);
      await unavailable(open('other', `sslmode=verify-full&sslrootcert=${other}`), untrusted);
    } finally {
      await server.stop('fast');
      await server.start();
    }
  });

  test('that is nowhere is refused, and so is a name that nobody knows', async () => {
    await unavailable(openStorage('postgres://me:hunter2@127.0.0.1:1/x'), /cannot be reached/);
    await unavailable(
      openStorage('postgres://me:hunter2@name.invalid/x'),
      /a name that (is not known|cannot be looked up)/,
    );
    await unavailable(openStorage('postgres:///x?host=/nonexistent'), /cannot be reached/);
  });

  test('without a free connection says which number to change', async (t) => {
    const { url } = await database(t);
    await (await openStorage(url)).close();
    await beside(
      'CREATE ROLE few LOGIN CONNECTION LIMIT 1; GRANT ALL ON ALL TABLES IN SCHEMA public TO few',
      url,
    );
    const storage = await openStorage(as(url, { username: 'few' }), { poolSize: 5 });
    t.after(() => storage.close());
    assert.equal(await storage.hasUsers(), false);
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => storage.listUsers()));
    const refused = answers.filter(({ status }) => status === 'rejected');
    assert.ok(refused.length > 0 && refused.length < 5, `${refused.length} of 5 were refused`);
    await unavailable(
      Promise.all(refused.map((answer) => Promise.reject((answer as PromiseRejectedResult).reason))),
      /no connection left\. Lower storage\.poolSize/,
    );
    assert.equal(await storage.hasUsers(), false);
  });

  test('that takes no writes is refused when it is opened, and says so at work', async (t) => {
    const { url, open } = await database(t);
    const storage = await open();
    const name = new URL(url).pathname.slice(1);
    await beside(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await unavailable(openStorage(url), /takes no writes.* Name the primary/);
    await beside(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    await unavailable(storage.addUser(aUser()), /takes no writes.* Name the primary/);
    assert.equal(await storage.hasUsers(), false);
    await beside(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await beside(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    assert.equal(await storage.addUser(aUser()), 'added');
  });

  test('that is a standby is refused when it is opened', async (t) => {
    const { url, open } = await database(t);
    await (await open()).close();
    await server.stop('fast');
    const signal = join(server.data, 'standby.signal');
    writeFileSync(signal, '');
    await server.start();
    await unavailable(openStorage(url), /takes no writes.* Name the primary/);
    await server.stop('fast');
    rmSync(signal);
    await server.start();
    await (await open()).close();
  });

  test('that was restarted between two calls is not noticed', async (t) => {
    const { open } = await database(t);
    const storage = await open();
    const user = (i: number) => storage.addUser(aUser({ id: `user-${i}` }));
    await Promise.all([1, 2, 3].map(user));
    for (const how of ['fast', 'immediate'] as const) {
      await server.stop(how);
      await server.start();
      const answers = await Promise.all([storage.hasUsers(), user(4), user(5), storage.listUsers()]);
      assert.equal(answers[0], true);
    }
    assert.equal((await storage.listUsers()).length, 5);
  });

  test('that ends its connections does not lose a call', async (t) => {
    const { url, open } = await database(t);
    const storage = await open();
    await withRefreshToken(storage);
    const name = new URL(url).pathname.slice(1);
    for (let i = 0; i < 5; i++) {
      await Promise.all([storage.hasUsers(), storage.hasUsers(), storage.hasUsers()]);
      await beside(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
      assert.equal(await storage.addUser(aUser({ id: `later-${i}` })), 'added');
    }
  });

  test('that is down makes every call fail at once, listeners forget, and all goes on when it is back', async (t) => {
    const { open } = await database(t);
    const storage = await open();
    await withRefreshToken(storage);
    const heard: unknown[] = [];
    storage.onChange((change) => heard.push(change));
    while (heard.length === 0) await wait(10);
    heard.length = 0;

    await server.stop('immediate');
    const began = performance.now();
    const down = /(cannot be reached|ended the connection|is starting or shutting down)/;
    await unavailable(storage.findGrant('grant-1'), down);
    await unavailable(storage.addUser(aUser({ id: 'later' })), down);
    await unavailable(storage.ping(), down);
    await unavailable(storage.addFirstUser(aUser({ id: 'later' })), down);
    assert.ok(performance.now() - began < 4_000, 'nobody waits for what cannot come');
    while (heard.length < 3) await wait(50);
    assert.deepEqual(new Set(heard), new Set(['anything']));

    await server.start();
    assert.equal((await storage.findGrant('grant-1'))?.id, 'grant-1');
    await storage.ping();
    const { heard: named } = hearing(storage);
    await storage.revokeGrant('grant-1', now);
    assert.deepEqual(named, ['grant-1']);
  });

  test('that waits for a lock is given up in seconds, for those who wait for a connection, too', async (t) => {
    const { url, open } = await database(t, { poolSize: 1 });
    const storage = await open();
    const other = new pg.Client(url);
    await other.connect();
    t.after(() => other.end());
    await other.query('BEGIN; LOCK TABLE users');
    await Promise.all([
      unavailable(storage.addUser(aUser()), /does not answer in time/),
      unavailable(storage.listUsers(), /does not answer in time/),
      unavailable(storage.hasUsers(), /all connections are busy\. Raise storage\.poolSize/),
    ]);
    await other.query('ROLLBACK');
    assert.equal(await storage.addUser(aUser()), 'added');
  });
});

suite('a connection that is lost', withOwnServer, () => {
  let server: OwnServer;
  before(async () => {
    server = await makeServer();
  });
  after(() => server?.remove());

  async function behindWay(t: TestContext) {
    const way = await wayTo(t, server.url);
    const storage = await openStorage(way.url, { poolSize: 2 });
    t.after(() => storage.close());
    for (const { id } of await storage.listUsers()) await storage.removeUser(id);
    // From here on a statement that is new to its connection is sent as text.
    for (const passage of way.passages()) passage.cut();
    const beside = await openStorage(server.url);
    t.after(() => beside.close());
    return { way, storage, beside };
  }

  test('before the commit costs nothing: the call is made again on another', async (t) => {
    const { way, storage, beside } = await behindWay(t);
    let cuts = 0;
    way.onSaid = (text, passage) => {
      if (!text.includes('INSERT INTO users') || cuts > 0) return;
      cuts += 1;
      passage.cut();
    };
    assert.equal(await storage.addUser(aUser()), 'added');
    assert.equal(cuts, 1);
    assert.deepEqual(await beside.listUsers(), [aUser()]);
  });

  test('again and again is an error, and nothing was kept', async (t) => {
    const { way, storage, beside } = await behindWay(t);
    let cuts = 0;
    way.onSaid = (text, passage) => {
      if (!text.includes('INSERT INTO users')) return;
      cuts += 1;
      passage.cut();
    };
    await unavailable(storage.addUser(aUser()), /ended the connection/);
    assert.equal(cuts, 2);
    assert.deepEqual(await beside.listUsers(), []);
  });

  for (const reaches of [false, true]) {
    test(`during the commit, which ${reaches ? 'was' : 'was not'} made, is an error, and nothing is done twice`, async (t) => {
      const { way, storage, beside } = await behindWay(t);
      let commits = 0;
      way.onSaid = (text, passage) => {
        if (!text.includes('\0COMMIT\0')) return;
        commits += 1;
        if (reaches) cutAnswer(passage);
        else passage.cut();
      };
      await unavailable(storage.addUser(aUser()), /nobody knows whether it did\. Try again/);
      assert.equal(commits, 1);
      assert.equal((await beside.listUsers()).length, reaches ? 1 : 0);
      way.onSaid = () => {};
      assert.equal(await storage.addUser(aUser()), reaches ? 'email_taken' : 'added');
    });
  }

  test('without anybody being told of it is given up after seconds', async (t) => {
    const { way, storage } = await behindWay(t);
    assert.deepEqual(await storage.listUsers(), []);
    for (const passage of way.passages()) passage.freeze();
    const began = performance.now();
    await unavailable(storage.findUser('user-1'), /does not answer in time/);
    assert.ok(performance.now() - began < 10_000);
    assert.equal(await storage.addUser(aUser()), 'added');
  });

  test('during the commit of a revocation still makes this process forget', async (t) => {
    const { way, storage, beside } = await behindWay(t);
    await withRefreshToken(beside);
    const { heard } = hearing(storage);
    way.onSaid = (text, passage) => {
      if (text.includes('\0COMMIT\0')) passage.cut();
    };
    await unavailable(storage.revokeGrant('grant-1', now), /nobody knows/);
    assert.deepEqual(heard, ['grant-1']);
  });
});

/** What was said goes through and is done; the answer does not come back. */
function cutAnswer(passage: Passage): void {
  passage.loseAnswers((answered) => {
    if (answered.includes('COMMIT\0')) passage.cut();
  });
}

test('what PostgreSQL says of values is not repeated', () => {
  const failure = Object.assign(new Error('Key (email)=(ada@example.com) already exists.'), {
    code: '23505',
    constraint: 'users_email_key',
    detail: 'ada@example.com',
  });
  const told = explain(failure);
  assert.ok(told instanceof Error && !(told instanceof StorageUnavailable));
  assert.equal(told.message, 'PostgreSQL: 23505 users_email_key');
  const full = explain(Object.assign(new Error('could not extend file'), { code: '53100' }));
  assert.ok(full instanceof StorageUnavailable);
  assert.match(full.message, /a disk that is full\. Free some space/);
});
