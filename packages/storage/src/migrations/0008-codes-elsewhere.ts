// Version 8: grants whose code is kept in an ephemeral store. The grant knows which code may redeem it and whether that
// has happened: a code that a store without durability brings back is judged by this.

export const codesElsewhere = (): readonly string[] => [
  'ALTER TABLE grants ADD COLUMN code_digest TEXT',
  'ALTER TABLE grants ADD COLUMN code_spent_at BIGINT',
  // No code belongs to two grants, not even when its authorization is decided anew from a memory that went back in time.
  'CREATE UNIQUE INDEX grants_by_code ON grants (code_digest) WHERE code_digest IS NOT NULL',
];
