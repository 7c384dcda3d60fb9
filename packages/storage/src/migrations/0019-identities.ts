// Version 19: who people are at the providers that they sign in with, which of these a session began with, and which
// provider's rule made somebody an operator.

export const identities = (): readonly string[] => [
  `CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email TEXT,
    email_verified BIGINT NOT NULL,
    name TEXT,
    username TEXT,
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
  )`,
  // In the order in which they are listed.
  'CREATE INDEX identities_of_user ON identities (user_id, created_at, provider, subject)',

  'ALTER TABLE sessions ADD COLUMN subject TEXT',

  'ALTER TABLE users ADD COLUMN operator_by TEXT',
];
