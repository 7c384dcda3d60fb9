// Version 13: what may be presented once only, such as the `jti` of a client's assertion, and how the client proved itself
// when a grant's code was redeemed.

export const claims = (): readonly string[] => [
  `CREATE TABLE claims (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
  )`,
  'CREATE INDEX claims_by_expiry ON claims (expires_at)',
  'ALTER TABLE grants ADD COLUMN auth_method TEXT',
];
