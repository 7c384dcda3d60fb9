// Version 21: browsers that are away at a provider to sign in. Nothing here is secret: of the state there is the digest,
// and nonce and PKCE verifier are computed from the state itself, with the key that is named. And when the person of a
// session proved who they are, where that was not when it began: a provider may have known them for days.

export const upstreamSignIns = (): readonly string[] => [
  `CREATE TABLE upstream_sign_ins (
    state TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    browser TEXT NOT NULL,
    value TEXT NOT NULL,
    key_id TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
  )`,
  'CREATE INDEX upstream_sign_ins_by_expiry ON upstream_sign_ins (expires_at)',
  'ALTER TABLE sessions ADD COLUMN proven_at BIGINT',
];
