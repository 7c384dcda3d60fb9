// Which events of the log are steps of a login, and how each is told in words.

import type { LoginEvent } from '@sallyport/storage';

type Facts = Readonly<Record<string, unknown>>;
type Step = Omit<LoginEvent, 'id' | 'at'>;
type Named = Pick<Step, 'event' | 'reason'>;

/** Undefined when the event is no step of a login. */
export function stepOf(event: string, facts: Facts): Step | undefined {
  const named = Object.hasOwn(steps, event) ? steps[event]?.(facts) : undefined;
  const { traceId, userId } = facts;
  const clientId = facts['client_id'] ?? (isOfNoApp(event, facts) ? '' : undefined);
  if (named === undefined || typeof traceId !== 'string' || typeof clientId !== 'string') return undefined;
  return { ...named, traceId, clientId, ...(typeof userId === 'string' && { userId }) };
}

/**
 * Whoever signs in for themselves, in a browser, is told of where it may go wrong and no stranger can have it written over
 * and over: leaving for a provider and guessing a password are counted.
 */
function isOfNoApp(event: string, { provider, reason }: Facts): boolean {
  if (event === 'sign_in_failed' && reason === 'credentials_wrong') return true;
  if (typeof provider !== 'string' || provider === 'password') return false;
  if (event === 'sign_in_failed') return typeof reason === 'string' && afterLeaving.test(reason);
  return event === 'upstream_left' || event === 'signed_in' || event === 'signed_up';
}

/** What is refused to a browser that was sent there, or when the provider was asked for where to send it. */
const afterLeaving =
  /^(?:upstream_(?!state_unknown$)|id_token_|identity_|person_|verified_email_|membership_|email_has_account$)/;

const steps: Readonly<Record<string, (facts: Facts) => Named | undefined>> = {
  client_registered: () => ({ event: 'registered' }),
  authorization_asked: () => ({ event: 'asked' }),
  signed_up: () => ({ event: 'signed_up' }),
  upstream_left: ({ provider }) => ({
    event: 'upstream_left',
    ...(typeof provider === 'string' && { reason: provider }),
  }),
  signed_in: () => ({ event: 'signed_in' }),
  sign_in_failed: (facts) => ({ event: 'sign_in_failed', ...reasonOf(facts) }),
  authorization_granted: () => ({ event: 'consented' }),
  authorization_refused: (facts) =>
    facts['reason'] === 'denied' ? { event: 'denied' } : { event: 'refused', ...reasonOf(facts) },
  refused: (facts) =>
    facts['room'] === 'authorization-server' ? { event: 'refused', ...reasonOf(facts) } : undefined,
  // A refresh belongs to a login too, but every hour; the log has them, and what a client asks for itself again.
  tokens_issued: ({ grant_type, isFirst }) =>
    grant_type === 'authorization_code' || isFirst === true ? { event: 'token_issued' } : undefined,
  personal_token_made: () => ({ event: 'token_issued' }),
  // Where the grant is not known here, the login was somebody else's.
  mcp_request: (facts) =>
    typeof facts['grantId'] === 'string' && callsTool(facts) ? { event: 'tool_called' } : undefined,
  grant_revoked: (facts) => ({ event: 'revoked', ...reasonOf(facts) }),
};

function reasonOf({ reason }: Facts): Pick<Step, 'reason'> {
  return typeof reason === 'string' ? { reason } : {};
}

function callsTool({ outcome, messages }: Facts): boolean {
  if (outcome !== 'answered' || !Array.isArray(messages)) return false;
  return messages.some((message) => typeof message === 'string' && message.startsWith('tools/call '));
}

const words: Readonly<Record<LoginEvent['event'], string>> = {
  registered: 'registered',
  asked: 'asked for access',
  signed_up: 'an account was made',
  upstream_left: 'went to a provider to sign in',
  signed_in: 'signed in',
  sign_in_failed: 'signing in failed',
  consented: 'the person allowed it',
  denied: 'the person refused it',
  refused: 'refused',
  token_issued: 'got its tokens',
  tool_called: 'first tool call',
  revoked: 'access revoked',
};

/** @param event may come from a newer version, beside which this one runs */
export function wordsFor({ event, reason }: Pick<LoginEvent, 'event' | 'reason'>): string {
  const said = Object.hasOwn(words, event) ? words[event] : event;
  return reason === undefined ? said : `${said} (${reason})`;
}
