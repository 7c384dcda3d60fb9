// Redis URLs, read strictly: what ioredis would take from a query string could switch off what we rely on.

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly isTls: boolean;
}

/**
 * `redis[s]://[[user][:password]@]host[:port][/database]`.
 * @returns undefined for anything else
 */
export function readRedisUrl(text: string): RedisAddress | undefined {
  const url = /^rediss?:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === '' || url.search !== '' || url.hash !== '') return undefined;
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  const username = decoded(url.username);
  const password = decoded(url.password);
  if (db === undefined || username === undefined || password === undefined) return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    db: Number(db),
    isTls: url.protocol === 'rediss:',
  };
}

/** How messages call it; without name and password. */
export const whereIs = ({ host, port }: RedisAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
