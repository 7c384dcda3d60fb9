// Version 5: what people see of their own account: when an app was first allowed and last used, and by what they know
// their sessions.

export const account = (): readonly string[] => [
  'ALTER TABLE sessions ADD COLUMN seen_at BIGINT',
  'ALTER TABLE sessions ADD COLUMN browser TEXT',
  'ALTER TABLE sessions ADD COLUMN network TEXT',
  // In the order in which they are listed.
  'DROP INDEX sessions_of_user',
  'CREATE INDEX sessions_of_user ON sessions (user_id, created_at, digest)',

  'ALTER TABLE grants ADD COLUMN last_used_at BIGINT',
  // Access is removed by person, client and server; a client that many people use has many grants.
  'DROP INDEX grants_of_user',
  'CREATE INDEX grants_of_user ON grants (user_id, client_id, resource)',

  'ALTER TABLE consents ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0',
  'UPDATE consents SET created_at = updated_at',

  'CREATE INDEX users_by_role ON users (role, id)',
];
