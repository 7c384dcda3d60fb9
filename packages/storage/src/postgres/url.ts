// What a PostgreSQL URL says: a closed list of parameters, so that a misspelt `sslmode` is an error and not plain text.

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { StorageUnavailable } from '../contract.ts';

const setting = 'storage.url (SALLYPORT_STORAGE_URL)';
const parameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'options', 'application_name'];

/** What a URL says about how to connect. */
export type Connecting = Pick<
  ClientConfig,
  'host' | 'port' | 'user' | 'password' | 'database' | 'ssl' | 'options' | 'application_name'
>;

/**
 * @param url `postgres://user:password@host:port/database?sslmode=…`; `host=/a/folder` as parameter names a socket
 * @throws StorageUnavailable that says what is wrong with it, without repeating a value
 */
export function readPostgresUrl(url: string): Connecting {
  const { username, password, hostname, port, pathname, searchParams } = parsed(url);
  const unknown = [...searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    throw refused(
      `has a parameter that is not known: ${unknown.slice(0, 40)}. Known are ${parameters.join(', ')}`,
    );
  }
  const host = searchParams.get('host') ?? hostname.replace(/^\[(.*)\]$/, '$1');
  const options = searchParams.get('options');
  const database = decoded(pathname.slice(1));
  return {
    ...(host === '' ? {} : { host: decoded(host) }),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username === '' ? {} : { user: decoded(username) }),
    ...(password === '' ? {} : { password: decoded(password) }),
    ...(database === '' ? {} : { database }),
    ...(options === null ? {} : { options }),
    application_name: searchParams.get('application_name') ?? 'sallyport',
    ssl: tlsOf(searchParams),
  };
}

function parsed(url: string): URL {
  try {
    // With a user a URL must have a host, which a socket has not.
    return new URL(url.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?])/i, '$1localhost'));
  } catch {
    throw refused(
      'is not a URL. Write postgres://user:password@host:5432/database, with @ : / # in a password as %40 %3A %2F %23',
    );
  }
}

/**
 * Stricter than PostgreSQL's own clients: whoever asks for TLS gets a server whose certificate is proven.
 * Without `sslmode` there is none.
 */
function tlsOf(search: URLSearchParams): false | ConnectionOptions {
  const mode = search.get('sslmode') ?? (search.has('sslrootcert') ? 'verify-full' : 'disable');
  const files = {
    ca: fileOf(search, 'sslrootcert'),
    cert: fileOf(search, 'sslcert'),
    key: fileOf(search, 'sslkey'),
  };
  const given = Object.fromEntries(Object.entries(files).filter(([, content]) => content !== undefined));
  switch (mode) {
    case 'disable':
      return false;
    case 'no-verify':
      return { ...given, rejectUnauthorized: false };
    case 'verify-ca':
      if (files.ca === undefined) throw refused('asks for sslmode=verify-ca, which needs sslrootcert=<file>');
      // Any name that this authority has signed.
      return { ...given, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'require':
    case 'verify-full':
      return { ...given, rejectUnauthorized: true };
    default:
      throw refused(
        'has an sslmode that is not known. Write verify-full (or require, which is the same here), verify-ca, no-verify or disable',
      );
  }
}

function fileOf(search: URLSearchParams, name: string): string | undefined {
  const path = search.get(name);
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw refused(`names a file with ${name} that cannot be read. Name one that this user may read`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('has a % that is not followed by two hexadecimal digits. Write % as %25');
  }
}

const refused = (what: string) => new StorageUnavailable(`${setting} ${what}.`);
