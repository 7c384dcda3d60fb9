// Which private key the operator brings along: `tokens.access.privateKeyFile`, or one of the two variables that the Trilix
// server reads. A file wins over a key in the environment, where every listing of processes may show it.

import type { Environment } from './layers.ts';

export interface GivenPrivateKey {
  /** How messages call it: a path, or the name of a variable. */
  readonly from: string;
  /** Absolute. */
  readonly file?: string;
  /** The key itself. */
  readonly pem?: string;
}

/**
 * @param file of `privateKeyFile`, absolute
 * @param absolute makes a path of the environment absolute
 */
export function privateKeyOf(
  file: string | undefined,
  environment: Environment,
  absolute: (path: string) => string,
): GivenPrivateKey | undefined {
  if (file !== undefined) return { from: file, file };
  const path = environment['OAUTH_PRIVATE_KEY_PATH'] ?? '';
  if (path !== '') return { from: absolute(path), file: absolute(path) };
  const pem = environment['OAUTH_PRIVATE_KEY_PEM'] ?? '';
  if (pem === '') return undefined;
  // Files of variables hold one line each, so the ends of lines are often written as two characters.
  return { from: 'OAUTH_PRIVATE_KEY_PEM', pem: pem.replaceAll(String.raw`\n`, '\n') };
}
