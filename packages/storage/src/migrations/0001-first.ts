// Version 1: people, clients, authorizations, tokens, keys, items.
// Every column that a cascade or the sweep looks for has an index, or a removal would read whole tables.

export const first = (bytes: 'BLOB' | 'BYTEA'): readonly string[] => [
  `CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    role TEXT NOT NULL CHECK (role IN ('operator', 'member')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
  )`,

  `CREATE TABLE sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
  )`,
  'CREATE INDEX sessions_of_user ON sessions (user_id)',
  'CREATE INDEX sessions_by_expiry ON sessions (expires_at)',

  `CREATE TABLE clients (
    client_id TEXT NOT NULL PRIMARY KEY,
    metadata TEXT NOT NULL,
    registered_by TEXT NOT NULL CHECK (registered_by IN ('dynamic', 'operator')),
    secret_digest TEXT,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    trace_id TEXT NOT NULL
  )`,
  `CREATE INDEX unused_clients_by_age ON clients (created_at)
    WHERE registered_by = 'dynamic' AND used_at IS NULL`,

  `CREATE TABLE paused_authorizations (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    browser TEXT NOT NULL,
    value TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decision TEXT CHECK (decision IN ('allowed', 'denied')),
    decided_by TEXT
  )`,
  'CREATE INDEX paused_authorizations_of_client ON paused_authorizations (client_id)',
  'CREATE INDEX paused_authorizations_by_expiry ON paused_authorizations (expires_at)',

  `CREATE TABLE consents (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    redirect_origin TEXT NOT NULL,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id, redirect_origin, resource)
  )`,
  'CREATE INDEX consents_of_client ON consents (client_id)',

  `CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
  )`,
  'CREATE INDEX grants_of_user ON grants (user_id)',
  'CREATE INDEX grants_of_client ON grants (client_id)',
  'CREATE INDEX grants_by_expiry ON grants (expires_at)',

  `CREATE TABLE codes (
    digest TEXT NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
  )`,
  'CREATE INDEX codes_of_grant ON codes (grant_id)',
  'CREATE INDEX codes_by_expiry ON codes (expires_at)',

  // `successor` and `asked` are what the rotation was answered with, so that a repeat can be told from another request.
  `CREATE TABLE refresh_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    rotated_at BIGINT,
    successor TEXT,
    asked TEXT
  )`,
  'CREATE INDEX refresh_tokens_of_grant ON refresh_tokens (grant_id)',
  'CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)',

  `CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    alg TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed_private_jwk ${bytes} NOT NULL,
    created_at BIGINT NOT NULL
  )`,

  `CREATE TABLE items (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
  )`,
  'CREATE INDEX items_of_user ON items (user_id, created_at, id)',
];
