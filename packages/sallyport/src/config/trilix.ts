// The environment variables of the Trilix server that mean a key here, so that its deployment starts this one. Names such
// as these may be meant for another program, so a file of ours wins over them.

import type { RegistrationMode } from '@sallyport/authorization-server';
import type { Environment } from './layers.ts';
import type { Problem } from './problem.ts';

interface TrilixGiven {
  readonly path: readonly string[];
  readonly variable: string;
  readonly value: unknown;
}

interface Meaning {
  readonly path: readonly string[];
  /** @returns the value of the key; undefined for a text that is none */
  readonly read: (text: string) => unknown;
  readonly instead?: string;
}

const asItIs = (text: string): string => text;
const likeADuration = 'Write, for example: 60m.';

const modes: ReadonlyMap<string, RegistrationMode> = new Map([
  ['protected', 'token'],
  ['open', 'open'],
]);

const meanings: Readonly<Record<string, Meaning>> = {
  OAUTH_ISSUER: { path: ['publicUrl'], read: (text) => text.replace(/\/$/, '') },
  OAUTH_DATABASE_URL: { path: ['storage', 'url'], read: asItIs },
  OAUTH_ACCESS_TOKEN_TTL: {
    path: ['tokens', 'access', 'lifetimeSeconds'],
    read: readGoDuration,
    instead: likeADuration,
  },
  OAUTH_REFRESH_TOKEN_TTL: {
    path: ['tokens', 'refresh', 'lifetimeSeconds'],
    read: readGoDuration,
    instead: likeADuration,
  },
  // Without it the Trilix server takes `protected`; here, as where there is no mode, that follows from the token.
  // There every other word than `protected` opens the door, a slip and the name of a narrower mode of ours included.
  OAUTH_DCR_MODE: {
    path: ['registration', 'mode'],
    read: (text) => modes.get(text),
    instead: 'Write protected or open, or use registration.mode.',
  },
  OAUTH_DCR_ACCESS_TOKEN: { path: ['registration', 'accessToken'], read: asItIs },
  OAUTH_AUTH_CODE_TTL: {
    path: ['tokens', 'codeLifetimeSeconds'],
    read: readGoDuration,
    instead: likeADuration,
  },
};

/** @param isInFile of a key: then the variable is not even read */
export function readTrilixVariables(
  environment: Environment,
  isInFile: (path: readonly string[]) => boolean,
  report: (problem: Problem) => void,
): readonly TrilixGiven[] {
  return Object.entries(meanings).flatMap(([variable, { path, read, instead = '' }]) => {
    const text = environment[variable] ?? '';
    if (text === '' || isInFile(path)) return [];
    const value = read(text);
    if (value !== undefined) return [{ path, variable, value }];
    report({ key: '', place: { kind: 'environment', variable }, what: 'cannot be read', instead });
    return [];
  });
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Go's `time.ParseDuration`, in whole seconds: `60m`, `1h30m`. */
function readGoDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}[smh])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (secondsOf[unit] ?? 0),
    0,
  );
}
