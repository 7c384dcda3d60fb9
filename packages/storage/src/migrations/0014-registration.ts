// Version 14: initial access tokens (RFC 7591 §3) that let clients register, and when the operator approved a client.

export const registration = (): readonly string[] => [
  `CREATE TABLE initial_access_tokens (
    name TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    max_uses BIGINT,
    uses BIGINT NOT NULL,
    last_used_at BIGINT
  )`,
  'CREATE INDEX initial_access_tokens_by_expiry ON initial_access_tokens (expires_at)',
  'ALTER TABLE clients ADD COLUMN approved_at BIGINT',
  `CREATE INDEX unused_clients_of_token ON clients (registered_with) WHERE registered_with IS NOT NULL AND used_at IS NULL`,
  // What strangers registered and nobody used is counted with every new registration, and the oldest goes first.
  `CREATE INDEX strangers_unused ON clients (created_at) WHERE registered_by = 'dynamic' AND used_at IS NULL
    AND fetched_at IS NULL AND admission IS NULL AND approved_at IS NULL AND registered_with IS NULL`,
];
