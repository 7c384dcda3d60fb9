// A database that an earlier version wrote is read by this one with everything in it.

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openStorage } from '@sallyport/storage';
import { migrations } from '../src/migrations/index.ts';
import { aConsent, aGrant, aSession, digestOf, now } from './contract/samples.ts';
import { temporaryFolder } from './folder.ts';

test('sessions, consents and grants of version 1 are listed, with what was known of them', async (t) => {
  const path = `${temporaryFolder(t)}/test.db`;
  const old = new DatabaseSync(path);
  old.exec(
    'CREATE TABLE sallyport_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
  );
  for (const sql of migrations.find(({ version }) => version === 1)?.statements('BLOB') ?? []) old.exec(sql);
  const { resource, redirectOrigin } = { ...aGrant(), ...aConsent() };
  old.exec(`
    INSERT INTO sallyport_migrations VALUES (1, ${now});
    INSERT INTO users VALUES ('user-1', 'user-1@example.com', 'One', NULL, 'operator', ${now}, ${now});
    INSERT INTO sessions VALUES ('${digestOf('session')}', 'user-1', ${now}, ${aSession().expiresAt});
    INSERT INTO clients VALUES ('client-1', '{"redirect_uris":[]}', 'dynamic', NULL, ${now}, ${now}, 'trace-1');
    INSERT INTO consents VALUES ('user-1', 'client-1', '${redirectOrigin}', '${resource}', '["a"]', ${now + 2});
    INSERT INTO grants VALUES ('grant-1', 'user-1', 'client-1', '${resource}', '["b"]', 't', ${now + 3}, ${now + 9}, NULL);
  `);
  old.close();

  const storage = await openStorage(`sqlite:${path}`);
  t.after(() => storage.close());
  const { provider: _, ...session } = aSession();
  assert.deepEqual(await storage.listSessions('user-1', now), [session]);
  const [access, ...others] = await storage.listClientAccess('user-1', now + 4);
  assert.deepEqual(others, []);
  assert.deepEqual([access?.scope, access?.since, access?.lastUsedAt], [['a', 'b'], now + 2, undefined]);
  assert.deepEqual(await storage.findGrant('grant-1').then((grant) => grant?.scope), ['b']);
});
