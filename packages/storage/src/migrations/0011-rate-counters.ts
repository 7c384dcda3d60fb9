// Version 11: where instances on PostgreSQL count together how often somebody asks. The columns, and their order, are those
// of `rate-limiter-flexible`. Nothing is lost when the counts are, so they cost no write-ahead log. On SQLite one process
// serves the database, and counts in its memory.

export const rateCounters = (bytes: 'BLOB' | 'BYTEA'): readonly string[] =>
  bytes === 'BLOB'
    ? []
    : [
        `CREATE UNLOGGED TABLE rate_counters (
          key TEXT NOT NULL PRIMARY KEY,
          points BIGINT NOT NULL,
          expire BIGINT
        )`,
        'CREATE INDEX rate_counters_by_expiry ON rate_counters (expire)',
      ];
