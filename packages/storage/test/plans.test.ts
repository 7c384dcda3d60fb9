// No request may read a whole table, however many rows there are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqliteStorage } from '../src/sqlite/index.ts';
import { prepareDatabase } from '../src/sqlite/open.ts';
import { WatchedConnection } from './connection.ts';
import * as samples from './contract/samples.ts';

const {
  aClient,
  aCode,
  aConsent,
  aGrant,
  aKey,
  aLoginEvent,
  anAccessToken,
  anItem,
  aPaused,
  aRecordsClient,
  aSession,
  aTag,
  aToken,
  aUser,
  now,
} = samples;

/** Lists for an operator, questions whether there is any row, and the newest of many: these read a table on purpose. */
const readsATable = [
  /^SELECT .* FROM users ORDER BY created_at, email$/s,
  /^SELECT id FROM users LIMIT 1$/,
  /^SELECT version FROM sallyport_migrations LIMIT 1$/,
  /^SELECT .* FROM clients ORDER BY/s,
  /^SELECT .* FROM signing_keys ORDER BY/s,
  /^SELECT .* FROM login_events WHERE trace_id IN/s,
  /^DELETE FROM login_events .* OFFSET/s,
  /^INSERT INTO users .* WHERE NOT EXISTS/s,
  /^INSERT INTO signing_keys .* WHERE NOT EXISTS/s,
];

test('every statement finds its rows by an index, and every cascade too', async (t) => {
  const connection = new WatchedConnection(':memory:');
  await prepareDatabase(connection, ':memory:');
  connection.prepared.length = 0;
  const storage = sqliteStorage(connection, ':memory:');
  t.after(() => storage.close());

  const called = new Set<string>();
  const all = new Proxy(storage, {
    get(target, name, receiver) {
      called.add(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  await all.addFirstUser(aUser());
  await all.addUser(aUser({ id: 'user-2' }));
  await all.hasUsers();
  await all.findUser('user-1');
  await all.findUserByEmail('a@example.com');
  await all.listUsers();
  await all.keepSession(aSession());
  await all.findSession(aSession().digest, now);
  await all.setPassword({ userId: 'user-1', passwordHash: 'x', now });
  await all.listSessions('user-1', now);
  await all.markSessionSeen(aSession().digest, now);
  await all.endOtherSessions({ userId: 'user-1', keep: 'x' });
  await all.endSession(aSession().digest);
  await all.addClient(aClient());
  await all.findClient('client-1');
  await all.listClients();
  await all.replaceClientSecret({ client_id: 'client-1', secretDigest: 'x' });
  await all.keepPausedAuthorization(aPaused());
  await all.findPausedAuthorization(aPaused().id, now);
  await all.findConsent(aConsent());
  const granting = { pausedId: aPaused().id, grant: aGrant(), code: aCode(), consent: aConsent(), now };
  await all.grantAuthorization(granting);
  await all.grantAuthorization(granting);
  await all.denyAuthorization({ pausedId: aPaused().id, userId: 'user-1', now });
  await all.findCode(aCode().digest);
  await all.redeemCode(samples.redeem({ accessToken: anAccessToken() }));
  await all.findRefreshToken(aToken().digest);
  await all.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
  await all.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
  await all.redeemCode(samples.redeem());
  await all.findAccessToken(anAccessToken().digest);
  await all.findGrant('grant-1');
  await all.revokeGrant('grant-1', now);
  await all.markGrantsUsed([{ grantId: 'grant-1', at: now }]);
  await all.listClientAccess('user-1', now);
  await all.removeClientAccess({
    userId: 'user-1',
    of: { clientId: 'client-1', resource: aGrant().resource },
    now,
  });
  await all.removeClientAccess({ userId: 'user-1', of: 'everything', now });
  await all.addFirstSigningKey(aKey());
  await all.listSigningKeys();
  const own = { id: 'none', userId: 'user-1', now };
  const page = { userId: 'user-1', limit: 10, offset: 0 };
  await all.addTag(aTag());
  await all.findTag('tag-1');
  await all.listTags(page);
  await all.changeTag({ ...own, name: 'x' });
  await all.addItem(anItem(), ['tag-1']);
  await all.findItem('item-1');
  await all.listItems(page);
  await all.changeItem({ ...own, id: 'item-1', tagIds: ['none'] });
  await all.addRecordsClient(aRecordsClient(), ['tag-1']);
  await all.findRecordsClient('records-client-1');
  await all.listRecordsClients(page);
  await all.changeRecordsClient({ ...own, id: 'records-client-1', tagIds: [] });
  await all.removeItem(own);
  await all.removeRecordsClient(own);
  await all.removeTag(own);
  await all.keepLoginEvents([aLoginEvent()]);
  await all.findLoginEvents('trace-1');
  await all.listLoginEvents(10);
  await all.sweep({ now, unusedClientsBefore: now, limit: 10 });
  await all.ping();
  await all.removeClient('client-1');
  await all.addUser(aUser({ id: 'operator', role: 'operator' }));
  await all.isLastOperator('operator');
  await all.removeUserUnlessNeeded('operator');
  await all.removeUser('user-1');
  const expected = Object.keys(storage).filter((name) => name !== 'onChange' && name !== 'close');
  assert.deepEqual([...called].sort(), expected.sort());

  const statements = [...new Set(connection.prepared)].filter((sql) =>
    /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql),
  );
  assert.ok(statements.length > 60, `only ${statements.length} statements were seen`);
  const scans: string[] = [];
  for (const sql of statements) {
    const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    const details = plan.map((step) => String(step['detail']));
    const slow = details.filter((detail) => /^SCAN (?!CONSTANT ROW)|TEMP B-TREE/.test(detail));
    if (slow.length > 0 && !readsATable.some((reason) => reason.test(sql)))
      scans.push(`${sql}\n${slow.join('; ')}`);
  }
  assert.deepEqual(scans, []);
});

test('every column that refers to another table has an index, so that no cascade reads a whole table', async (t) => {
  const connection = new WatchedConnection(':memory:');
  t.after(() => connection.close());
  await prepareDatabase(connection, ':memory:');
  const references = connection
    .prepare(
      `SELECT m.name AS table_name, f."from" AS column_name
        FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
    )
    .all();
  assert.ok(references.length >= 16);
  for (const { table_name, column_name } of references) {
    const plan = connection
      .prepare(`EXPLAIN QUERY PLAN DELETE FROM "${String(table_name)}" WHERE "${String(column_name)}" = ?`)
      .all();
    assert.match(String(plan[0]?.['detail']), /^SEARCH .* USING (COVERING )?INDEX/, String(table_name));
  }
});
