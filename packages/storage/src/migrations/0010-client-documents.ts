// Version 10: clients whose metadata is a document of theirs. `registered_by` stays `dynamic` for them, because SQLite
// cannot change what a column may hold: it is the fetch that tells them apart.

export const clientDocuments = (): readonly string[] => [
  'ALTER TABLE clients ADD COLUMN fetched_at BIGINT',
  'ALTER TABLE clients ADD COLUMN fresh_until BIGINT',
  `CREATE INDEX unused_documents_by_age ON clients (fetched_at)
    WHERE fetched_at IS NOT NULL AND used_at IS NULL`,
];
