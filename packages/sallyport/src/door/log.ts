// The log: JSON lines on stderr, one event each. Whatever carries a secret's name is struck out, should a room ever slip.

import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { Log } from '@sallyport/protocol';

const secretNames = [
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
];

/**
 * @param level the least level that is written
 * @param destination usually stderr
 */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error', destination: DestinationStream): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[secret]' },
    },
    destination,
  );
  return (severity, event, facts) => logger[severity](facts ?? {}, event);
}
