// The numbered migrations, oldest first. A published one is never changed; a new one is one file and one line here.

import { first } from './0001-first.ts';
import { accessTokens } from './0002-access-tokens.ts';
import { records } from './0003-records.ts';
import { loginEvents } from './0004-login-events.ts';
import { account } from './0005-account.ts';
import { introspection } from './0006-introspection.ts';
import { keySchedule } from './0007-key-schedule.ts';
import { codesElsewhere } from './0008-codes-elsewhere.ts';
import { calledOnce } from './0009-called-once.ts';
import { clientDocuments } from './0010-client-documents.ts';
import { rateCounters } from './0011-rate-counters.ts';
import { admittedClients } from './0012-admitted-clients.ts';
import { claims } from './0013-claims.ts';
import { registration } from './0014-registration.ts';
import { scopeWords } from './0015-scope-words.ts';
import { personalAccessTokens } from './0016-personal-access-tokens.ts';
import { serviceAccounts } from './0017-service-accounts.ts';
import { pinnedDocuments } from './0018-pinned-documents.ts';
import { identities } from './0019-identities.ts';
import { vaultEntries } from './0020-vault-entries.ts';
import { upstreamSignIns } from './0021-upstream-sign-ins.ts';
import { whoSignedIn } from './0022-who-signed-in.ts';
import { outboundRegistrations } from './0023-outbound-registrations.ts';
import { ends } from './0024-ends.ts';

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
  { version: 6, statements: introspection },
  { version: 7, statements: keySchedule },
  { version: 8, statements: codesElsewhere },
  { version: 9, statements: calledOnce },
  { version: 10, statements: clientDocuments },
  { version: 11, statements: rateCounters },
  { version: 12, statements: admittedClients },
  { version: 13, statements: claims },
  { version: 14, statements: registration },
  { version: 15, statements: scopeWords },
  { version: 16, statements: personalAccessTokens },
  { version: 17, statements: serviceAccounts },
  { version: 18, statements: pinnedDocuments },
  { version: 19, statements: identities },
  { version: 20, statements: vaultEntries },
  { version: 21, statements: upstreamSignIns },
  { version: 22, statements: whoSignedIn },
  { version: 23, statements: outboundRegistrations },
  { version: 24, statements: ends },
];

export const newestVersion = Math.max(...migrations.map((migration) => migration.version));
