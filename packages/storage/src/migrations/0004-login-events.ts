// Version 4: what happened in each login, step by step, for whoever must find out why it failed.
// A person who goes leaves the steps, without the name; of a client its id stays.

export const loginEvents = (): readonly string[] => [
  `CREATE TABLE login_events (
    id TEXT NOT NULL PRIMARY KEY,
    trace_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    event TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    reason TEXT
  )`,
  'CREATE INDEX login_events_of_trace ON login_events (trace_id, id)',
  'CREATE INDEX login_events_of_user ON login_events (user_id)',
  'CREATE INDEX login_events_by_age ON login_events (happened_at)',
];
