// The log: JSON lines on stderr, one event each. Whatever carries a secret's name is struck out, should a room ever slip.

import { pino } from 'pino';
import type { DestinationStream, LoggerOptions } from 'pino';
import type { Log } from '@sallyport/protocol';

const secretNames: ReadonlySet<string> = new Set([
  'password',
  'passwordHash',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'code',
  'code_verifier',
  'authorization',
  'cookie',
  'set-cookie',
]);

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * @param level the least level that is written
 * @param destination usually stderr
 * @param options `calls`: what is of the kind `call` is written at every level
 */
export function createLog(
  level: Level,
  destination: DestinationStream,
  { calls = false }: { readonly calls?: boolean } = {},
): Log {
  const usual = writerAt(level, destination);
  if (!calls || level === 'debug' || level === 'info') return usual;
  const always = writerAt('info', destination);
  return (severity, event, facts, kind) => (kind === 'call' ? always : usual)(severity, event, facts);
}

function writerAt(level: Level, destination: DestinationStream): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const plain = pino(options, destination);
  const paths = [...secretNames].flatMap((name) => [`["${name}"]`, `*["${name}"]`]);
  const striking = pino({ ...options, redact: { paths, censor: '[secret]' } }, destination);
  return (severity, event, facts = {}) => {
    // What is not written is not looked at either.
    if (plain.isLevelEnabled(severity)) (bearsSecret(facts) ? striking : plain)[severity](facts, event);
  };
}

/** As deep as what is struck out. Looking first costs a fortieth of striking out, and nearly always there is nothing. */
function bearsSecret(facts: Readonly<Record<string, unknown>>): boolean {
  for (const name of Object.keys(facts)) {
    if (secretNames.has(name)) return true;
    const fact: unknown = facts[name];
    if (
      typeof fact === 'object' &&
      fact !== null &&
      Object.keys(fact).some((inner) => secretNames.has(inner))
    )
      return true;
  }
  return false;
}
