// What the failures of PostgreSQL and of the way to it mean for the person who runs this, and what to do about each.
// No sentence repeats the URL, nor what PostgreSQL said of values.

import { StorageUnavailable } from '../contract.ts';

const setting = 'storage.url (SALLYPORT_STORAGE_URL)';

const unreachable = `cannot be reached. Check that it runs, and host and port in ${setting}`;
const gone = 'ended the connection. Check that it runs; nothing needs a restart here once it does';
const timedOut = 'does not answer in time. Check its load, its locks and the network';
const readOnly = `takes no writes: it is a standby, or set to be read-only. Name the primary in ${setting}`;
const full =
  'is on a disk that is full. Free some space there; whatever was answered before is kept, and nothing needs a restart';
const wrongName = `does not know this user or password. Check both in ${setting}; characters such as @ : / # are written as %40 %3A %2F %23`;
const untrusted = `shows a certificate that is not trusted for its name. Name its authority with sslrootcert=<file> in ${setting}, or write the name that the certificate is for`;

/** By SQLSTATE. */
const ofServer: Readonly<Record<string, string>> = {
  '25006': readOnly,
  '28000': `does not let this user in from here. Check the user in ${setting}, pg_hba.conf, and whether it wants TLS (sslmode=verify-full)`,
  '28P01': wrongName,
  '3D000': `has no database of this name. Create it (CREATE DATABASE … ENCODING 'UTF8'), or name another one in ${setting}`,
  '42501':
    'does not allow this user what it must do. Make it the owner of the database, or of a schema of its own',
  '53100': full,
  '53200': 'is out of memory. Give it more, or lower max_connections',
  '53300':
    'has no connection left. Lower storage.poolSize of every instance, or raise max_connections of the server',
  '53400': 'has reached a limit of its configuration. Its log says which',
  '55P03': timedOut,
  '57014': timedOut,
  '57P01': gone,
  '57P02': gone,
  '57P03': 'is starting or shutting down. It is tried again with every request',
  '57P04': gone,
  '57P05': gone,
  '25P03': gone,
  '40001': 'has too many transactions in each other’s way. Try again',
  '40P01': 'has too many transactions in each other’s way. Try again',
};

/** By the first two characters of SQLSTATE, for all others that are the server's fault. */
const ofClass: Readonly<Record<string, string>> = {
  '08': gone,
  '53': 'has run out of something that it needs. Its log says what',
  '57': gone,
  '58': 'reports errors of its system. Check its disk and its log',
  XX: 'reports damage or an error of its own. Check its log, and put back a backup if it is damaged',
};

/** By the code of Node's sockets, names and TLS. */
const ofNetwork: Readonly<Record<string, string>> = {
  ECONNREFUSED: unreachable,
  ENOENT: unreachable,
  EACCES: unreachable,
  ENOTFOUND: `has a name that is not known here. Check the host in ${setting}`,
  EAI_AGAIN: `has a name that cannot be looked up now. Check the host in ${setting} and this machine's DNS`,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ECONNRESET: gone,
  EPIPE: gone,
  CERT_HAS_EXPIRED: 'shows a certificate that has expired. Renew it',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
};

/** By how the driver's own messages begin, which have no code. */
const ofDriver: readonly (readonly [RegExp, string])[] = [
  [/^Connection terminated due to connection timeout/, unreachable],
  [
    /^timeout exceeded when trying to connect/,
    'has answered no other request meanwhile: all connections are busy. Raise storage.poolSize, or check its load and its locks',
  ],
  [/^(timeout expired|Query read timeout)/, timedOut],
  [/^(Connection terminated|Client has encountered a connection error|Client was closed)/, gone],
  [
    /^The server does not support SSL/,
    `offers no TLS, which sslmode in ${setting} asks for. Turn it on there (ssl = on)`,
  ],
  [/^There was an error establishing an SSL/, unreachable],
  [/^SASL: /, wrongName],
];

/** Nothing came back for so long that whoever asked has no patience left for another try. */
export function isLate(error: unknown): boolean {
  return error instanceof Error && error.message === tooLate;
}

/** What a connection is given up with that has not answered in time. */
export const tooLate = 'Query read timeout';

/** The connection is of no use any more. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return sentenceOfDriver(error) !== undefined;
  return code in ofNetwork || /^(08|57P|25P03)/.test(code) || code === unknownStatement;
}

/** `prepared statement does not exist`: somebody has told the connection to forget. */
const unknownStatement = '26000';

/**
 * Whether the same transaction, played again, can succeed: it has met another one. What it wanted to refer to is gone,
 * or what it wanted to add is there: the script, which looks first, will see it now.
 */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && ['40001', '40P01', '23503', '23505'].includes(code);
}

/** @returns the error to hand on: `StorageUnavailable` when the store is to blame */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageUnavailable) return error;
  const code = codeOf(error);
  const sentence =
    code === undefined
      ? sentenceOfDriver(error)
      : (ofServer[code] ?? ofNetwork[code] ?? ofClass[code.slice(0, 2)]);
  if (sentence === undefined) return code === undefined ? error : withoutValues(error, code);
  return new StorageUnavailable(`PostgreSQL ${sentence}.`, { cause: withoutValues(error, code) });
}

/** What PostgreSQL says can repeat values; the code says enough to look it up. */
function withoutValues(error: Error, code: string | undefined): Error {
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
  const what = code === undefined ? error.message : [code, constraint].filter(Boolean).join(' ');
  return new Error(`PostgreSQL: ${what}`);
}

function sentenceOfDriver(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return ofDriver.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** @returns SQLSTATE, or the code of Node */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
