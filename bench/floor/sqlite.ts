// The floor's store on disk: SQLite, write-ahead log, synchronous=FULL; writes that arrive together share one commit.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Code, FloorStore } from './store.ts';

export function sqliteStore(): FloorStore {
  const folder = mkdtempSync(join(tmpdir(), 'floor-bench-'));
  const database = new DatabaseSync(join(folder, 'floor.db'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT, name TEXT);
    CREATE TABLE sessions (digest TEXT PRIMARY KEY, user TEXT);
    CREATE TABLE clients (client_id TEXT PRIMARY KEY, metadata TEXT);
    CREATE TABLE consents (user TEXT, client_id TEXT, PRIMARY KEY (user, client_id));
    CREATE TABLE codes (digest TEXT PRIMARY KEY, client_id TEXT, user TEXT, redirect_uri TEXT, challenge TEXT);
    CREATE TABLE refresh_tokens (digest TEXT PRIMARY KEY, client_id TEXT, user TEXT);
  `);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const insertUser = database.prepare('INSERT INTO users VALUES (?, ?, ?)');
  const selectUser = database.prepare('SELECT id, email, name FROM users WHERE id = ?');
  const insertSession = database.prepare('INSERT INTO sessions VALUES (?, ?)');
  const selectSession = database.prepare('SELECT user FROM sessions WHERE digest = ?');
  const insertClient = database.prepare('INSERT INTO clients VALUES (?, ?)');
  const selectClient = database.prepare('SELECT metadata FROM clients WHERE client_id = ?');
  const insertConsent = database.prepare('INSERT INTO consents VALUES (?, ?)');
  const selectConsent = database.prepare('SELECT 1 FROM consents WHERE user = ? AND client_id = ?');
  const insertCode = database.prepare('INSERT INTO codes VALUES (?, ?, ?, ?, ?)');
  const selectCode = database.prepare('SELECT * FROM codes WHERE digest = ?');
  const deleteCode = database.prepare('DELETE FROM codes WHERE digest = ? RETURNING user');
  const insertRefresh = database.prepare('INSERT INTO refresh_tokens VALUES (?, ?, ?)');
  const deleteRefresh = database.prepare('DELETE FROM refresh_tokens WHERE digest = ? RETURNING user');

  let waiting: (() => void)[] = [];

  /** Answers once the commit that the write belongs to is on disk. */
  async function durably<Answer>(write: () => Answer): Promise<Answer> {
    if (waiting.length === 0) {
      begin.run();
      setImmediate(() => {
        commit.run();
        const done = waiting;
        waiting = [];
        for (const goOn of done) goOn();
      });
    }
    const kept = new Promise<void>((resolve) => waiting.push(resolve));
    const answer = write();
    await kept;
    return answer;
  }

  const taken = (row: unknown): string => {
    if (row === undefined) throw new Error('spent');
    return (row as { user: string }).user;
  };

  return {
    addUser: ({ id, email, name }) => void insertUser.run(id, email, name),
    user: (id) => selectUser.get(id),
    keepSession: (digest, user) => durably(() => void insertSession.run(digest, user)),
    session: (digest) => selectSession.get(digest)?.['user'] as string | undefined,
    addClient: (client_id, metadata) => durably(() => void insertClient.run(client_id, metadata)),
    client: (client_id) => selectClient.get(client_id)?.['metadata'] as string | undefined,
    hasConsent: (user, client_id) => selectConsent.get(user, client_id) !== undefined,
    keepConsent: (user, client_id) => durably(() => void insertConsent.run(user, client_id)),
    addCode: ({ digest, client_id, user, redirect_uri, challenge }) =>
      durably(() => void insertCode.run(digest, client_id, user, redirect_uri, challenge)),
    code: (digest) => selectCode.get(digest) as Code | undefined,
    redeem: (code, refresh) =>
      durably(() => {
        const user = taken(deleteCode.get(code));
        insertRefresh.run(refresh.digest, refresh.client_id, user);
        return user;
      }),
    rotate: (refresh, successor) =>
      durably(() => {
        const user = taken(deleteRefresh.get(refresh));
        insertRefresh.run(successor.digest, successor.client_id, user);
        return user;
      }),
    close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
