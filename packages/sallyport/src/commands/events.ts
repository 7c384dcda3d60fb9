// The few events that a person at the terminal wants to see as they happen, in a line each; the log has the rest. With
// --debug, every refusal too: what was refused, what that means, and the facts that the stranger was not told.

import type { Log } from '@sallyport/protocol';
import { refusingRoom, sentenceOf } from '../reasons.ts';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { printable } from './table.ts';

type Facts = Readonly<Record<string, unknown>>;

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  signed_up: ({ role }) => (role === 'operator' ? 'The first account was made.' : 'An account was made.'),
  client_registered: ({ client_name }) => `${named(client_name)} registered.`,
  client_waiting: ({ client_name }) =>
    `${named(client_name)} waits for your approval. See: sallyport clients list --waiting`,
  authorization_granted: () => 'A person allowed a client access.',
  code_replayed: () => 'A code was used twice, so the access it gave was revoked. See the log.',
  rate_limit_reached: ({ limit, address }) =>
    `Too many requests came from ${shown(address)} (limit: ${shown(limit)}), so some were told to wait.`,
  everybody_has_one_address: ({ address, next }) =>
    `Everybody seems to have the address ${shown(address)}, so they all share its limits. ${shown(next)}`,
  configured_client_withdrawn: ({ client_id, next }) =>
    `${shown(client_id)} is not in the configuration any more and is refused. ${shown(next)}`,
  refresh_token_replayed: () => 'A refresh token was used twice, so its access was revoked. See the log.',
};

/**
 * @param options.isDebugging whether refusals are explained
 * @returns a log that also tells the person
 */
export function telling(
  io: Io,
  log: Log,
  now: () => number,
  { isDebugging = false }: { readonly isDebugging?: boolean } = {},
): Log {
  return (level, event, facts = {}, kind) => {
    log(level, event, facts, kind);
    const sentence = sentenceFor(event, facts);
    if (sentence === undefined) return;
    const time = new Date(now() * 1000).toTimeString().slice(0, 8);
    print(io, `${paint(io.stdout, 'dim', time)}  ${sentence}`);
  };

  function sentenceFor(event: string, facts: Facts): string | undefined {
    if (Object.hasOwn(sentences, event)) return sentences[event]?.(facts);
    const room = isDebugging ? refusingRoom(event, facts) : undefined;
    return room === undefined ? undefined : explained(room, facts, io);
  }
}

/** Said elsewhere in the line, or by the time before it. */
const saidAlready = new Set(['reason', 'room', 'traceId', 'allowed', 'durationMilliseconds']);

function explained(room: string, facts: Facts, io: Io): string {
  const reason = shown(facts['reason']);
  const means = sentenceOf(reason);
  const known = Object.entries(facts)
    .filter(([name, value]) => value !== undefined && !saidAlready.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  return [
    `${paint(io.stdout, 'red', `✗ ${reason}`)} (${room})${means === undefined ? '.' : `: ${means}`}`,
    ...(known.length > 0 ? [paint(io.stdout, 'dim', known.join(' '))] : []),
    ...(facts['traceId'] === undefined ? [] : [paint(io.stdout, 'dim', `trace ${shown(facts['traceId'])}`)]),
  ].join('  ');
}

/** Facts may quote strangers. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return printable((text ?? '').slice(0, 120));
}

function named(client_name: unknown): string {
  return typeof client_name === 'string' && client_name !== ''
    ? printable(client_name.slice(0, 80))
    : 'A client';
}
