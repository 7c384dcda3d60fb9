// The few events that a person at the terminal wants to see as they happen, in a line each; the log has the rest.

import type { Log } from '@sallyport/protocol';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { printable } from './table.ts';

type Facts = Readonly<Record<string, unknown>>;

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  signed_up: ({ role }) => (role === 'operator' ? 'The first account was made.' : 'An account was made.'),
  client_registered: ({ client_name }) => `${named(client_name)} registered.`,
  authorization_granted: () => 'A person allowed a client access.',
  code_replayed: () => 'A code was used twice, so the access it gave was revoked. See the log.',
  refresh_token_replayed: () => 'A refresh token was used twice, so its access was revoked. See the log.',
};

/** @returns a log that also tells the person */
export function telling(io: Io, log: Log, now: () => number): Log {
  return (level, event, facts = {}) => {
    log(level, event, facts);
    const sentence = Object.hasOwn(sentences, event) ? sentences[event]?.(facts) : undefined;
    if (sentence === undefined) return;
    const time = new Date(now() * 1000).toTimeString().slice(0, 8);
    print(io, `${paint(io.stdout, 'dim', time)}  ${sentence}`);
  };
}

function named(client_name: unknown): string {
  return typeof client_name === 'string' && client_name !== ''
    ? printable(client_name.slice(0, 80))
    : 'A client';
}
