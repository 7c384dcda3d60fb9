// What Sallyport is meant to cost at most, and the rows that are made of others.

/** A row that is one measured row minus another, round by round. */
export interface DerivedRow {
  readonly name: string;
  readonly of: string;
  readonly minus: string;
}

export const derivedRows: readonly DerivedRow[] = [
  { name: 'token check, added', of: 'ping, guarded', minus: 'ping, unguarded' },
];

/** At most so many times what another server costs, or so many microseconds. */
export type Aim =
  | { readonly row: string; readonly beside: string; readonly atMostTimes: number }
  | { readonly row: string; readonly atMostMicroseconds: number };

export const aims: readonly Aim[] = [
  { row: 'metadata', beside: 'oidc-provider', atMostTimes: 0.5 },
  { row: 'code flow', beside: 'oidc-provider', atMostTimes: 0.6 },
  { row: 'refresh', beside: 'oidc-provider', atMostTimes: 1 },
  { row: 'token check, added', atMostMicroseconds: 5 },
  { row: 'tool call, 2026-07-28', beside: 'MCP SDK', atMostTimes: 0.3 },
  { row: 'tool call, 2025-11-25', beside: 'MCP SDK', atMostTimes: 0.3 },
];
