// Version 9: of each login the first call of a tool is told once, whoever tells it first.

export const calledOnce = (): readonly string[] => [
  `DELETE FROM login_events WHERE event = 'tool_called' AND id NOT IN
    (SELECT MIN(id) FROM login_events WHERE event = 'tool_called' GROUP BY trace_id)`,
  `CREATE UNIQUE INDEX login_events_called_once ON login_events (trace_id) WHERE event = 'tool_called'`,
];
