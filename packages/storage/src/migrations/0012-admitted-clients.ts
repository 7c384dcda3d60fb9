// Version 12: how a client came in and what it may do: the operator's decision on it, the initial access token that it
// registered with, its registration access token, a secret that is being replaced, no PKCE, and what it may ask for itself.

export const admittedClients = (): readonly string[] => [
  'ALTER TABLE clients ADD COLUMN configured BIGINT',
  `ALTER TABLE clients ADD COLUMN admission TEXT CHECK (admission IN ('waiting', 'refused'))`,
  'ALTER TABLE clients ADD COLUMN registered_with TEXT',
  'ALTER TABLE clients ADD COLUMN registration_digest TEXT',
  'ALTER TABLE clients ADD COLUMN metadata_digest TEXT',
  'ALTER TABLE clients ADD COLUMN former_secret_digest TEXT',
  'ALTER TABLE clients ADD COLUMN former_secret_until BIGINT',
  'ALTER TABLE clients ADD COLUMN requires_pkce BIGINT',
  'ALTER TABLE clients ADD COLUMN own_scope TEXT',
  `CREATE INDEX identical_clients ON clients (metadata_digest, created_at) WHERE metadata_digest IS NOT NULL`,
  `CREATE INDEX waiting_clients ON clients (created_at) WHERE admission = 'waiting'`,
];
