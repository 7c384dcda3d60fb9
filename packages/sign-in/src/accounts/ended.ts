// Word of what ended together with an identity: one line for the operator, and one for the login that each grant came of.
import type { Log } from '@sallyport/protocol';
import type { EndedAccess } from '@sallyport/storage';

interface Ended {
  readonly userId: string;
  readonly provider: string;
  /** Why: a word of a table of refusals. */
  readonly reason: string;
  readonly traceId?: string | undefined;
  readonly client_id?: string | undefined;
}

export function tellEnded({ sessions, grants }: EndedAccess, ended: Ended, log: Log): void {
  log('warn', 'access_of_identity_ended', { ...ended, sessions, grants: grants.length });
  const { userId, provider, reason } = ended;
  for (const { id: grantId, clientId: client_id, traceId } of grants)
    log('info', 'grant_revoked', { grantId, client_id, userId, provider, reason, traceId });
}
