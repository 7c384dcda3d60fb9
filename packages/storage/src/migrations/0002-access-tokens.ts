// Version 2: opaque access tokens, and which clients get them.

export const accessTokens = (): readonly string[] => [
  `CREATE TABLE access_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
  )`,
  'CREATE INDEX access_tokens_of_grant ON access_tokens (grant_id)',
  'CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at)',
  `ALTER TABLE clients ADD COLUMN access_token_format TEXT CHECK (access_token_format IN ('jwt', 'opaque'))`,
];
