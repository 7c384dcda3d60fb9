// Version 17: the accounts that clients act as when they ask for themselves, and the grants that stand for that.

export const serviceAccounts = (): readonly string[] => [
  'ALTER TABLE users ADD COLUMN client_id TEXT REFERENCES clients (client_id) ON DELETE CASCADE',
  'CREATE UNIQUE INDEX service_accounts ON users (client_id)',
  'ALTER TABLE grants ADD COLUMN standing TEXT',
  `CREATE UNIQUE INDEX standing_grants ON grants (client_id, resource, standing)
    WHERE standing IS NOT NULL AND revoked_at IS NULL`,
];
