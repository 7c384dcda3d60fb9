// Version 20: what other parties gave for a person, sealed.

export const vaultEntries = (bytes: 'BLOB' | 'BYTEA'): readonly string[] => [
  `CREATE TABLE vault_entries (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    sealed ${bytes} NOT NULL,
    generation BIGINT NOT NULL,
    expires_at BIGINT,
    refresh_at BIGINT,
    dead_at BIGINT,
    dead_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (user_id, provider, subject)
  )`,
  // Of what is dead, and of what cannot be refreshed, refresh_at is null.
  'CREATE INDEX vault_entries_by_refresh ON vault_entries (refresh_at)',
];
