// Version 7: signing keys are published before they sign.

export const keySchedule = (): readonly string[] => [
  'ALTER TABLE signing_keys ADD COLUMN signs_from_at BIGINT NOT NULL DEFAULT 0',
  'UPDATE signing_keys SET signs_from_at = created_at',
];
