// The steps of logins, for the operator.

/** One step of a login, for the operator. */
export interface LoginEvent {
  /** Sorts by when it was noted. */
  readonly id: string;
  readonly traceId: string;
  readonly at: number;
  readonly event:
    | 'registered'
    | 'asked'
    | 'signed_up'
    | 'upstream_left'
    | 'signed_in'
    | 'sign_in_failed'
    | 'consented'
    | 'denied'
    | 'refused'
    | 'token_issued'
    | 'tool_called'
    | 'revoked';
  /** Empty for somebody who signed in for no app. */
  readonly clientId: string;
  /** Absent too when the person has been removed since. */
  readonly userId?: string;
  /** Why it failed: a word of a table of refusals. */
  readonly reason?: string;
}

export interface LoginEventStorage {
  /**
   * Keeps those whose client exists, or whose client_id is the https URL of a document that could not be used, up to a hundred of a login. `tool_called` is kept once, and only after the
   * `token_issued` of its login.
   */
  keepLoginEvents(events: readonly LoginEvent[]): Promise<void>;
  /** Oldest first. */
  findLoginEvents(traceId: string): Promise<readonly LoginEvent[]>;
  /** Of the `logins` whose last step is newest; oldest first. */
  listLoginEvents(logins: number): Promise<readonly LoginEvent[]>;
}
