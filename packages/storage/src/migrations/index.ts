// The numbered migrations, oldest first. A published one is never changed; a new one is one file and one line here.

import { first } from './0001-first.ts';
import { accessTokens } from './0002-access-tokens.ts';
import { records } from './0003-records.ts';
import { loginEvents } from './0004-login-events.ts';
import { account } from './0005-account.ts';

export interface Migration {
  readonly version: number;
  /** Statements in order. `bytes` is the backend's type for binary values: BLOB or BYTEA. */
  readonly statements: (bytes: 'BLOB' | 'BYTEA') => readonly string[];
}

export const migrations: readonly Migration[] = [
  { version: 1, statements: first },
  { version: 2, statements: accessTokens },
  { version: 3, statements: records },
  { version: 4, statements: loginEvents },
  { version: 5, statements: account },
];

export const newestVersion = Math.max(...migrations.map((migration) => migration.version));
