// Version 24: which identity somebody had signed in with who allowed an app; that a refresh token was shown to its provider,
// whose answer may be lost; and what was forgotten here and is still to be revoked there.

export const ends = (bytes: 'BLOB' | 'BYTEA'): readonly string[] => [
  'ALTER TABLE grants ADD COLUMN subject TEXT',
  'ALTER TABLE vault_entries ADD COLUMN asked_at BIGINT',
  // No reference to its person: they may have gone.
  `CREATE TABLE revocations (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    sealed ${bytes} NOT NULL,
    tries BIGINT NOT NULL,
    try_at BIGINT NOT NULL
  )`,
  'CREATE INDEX revocations_by_try ON revocations (try_at)',
  'CREATE INDEX revocations_of_identity ON revocations (provider, subject)',
];
