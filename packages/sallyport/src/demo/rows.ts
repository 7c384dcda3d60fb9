// What went over the wire as rows of name and value, secrets shortened: the only form in which it is ever shown.

import { shortenCookie, shortenValue } from './shorten.ts';

export interface Row {
  readonly kind: 'header' | 'query' | 'member';
  readonly name: string;
  readonly value: string;
}

/** The headers that carry meaning here; the others are the same on every request. */
const shownHeaders = [
  'authorization',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'www-authenticate',
  'location',
] as const;

/** @param more names of headers to show beside those */
export function headerRows(headers: Headers, more: readonly string[] = []): Row[] {
  const rows: Row[] = [...shownHeaders, ...more].flatMap((name) => {
    const value = headers.get(name);
    if (value === null) return [];
    // Of a redirect the parameters matter; they follow as rows of their own.
    const shown = name === 'location' ? value.replace(/\?.*$/s, '?…') : shortenValue(name, value);
    return [{ kind: 'header' as const, name, value: shown }];
  });
  const cookie = headers.get('cookie');
  if (cookie !== null)
    rows.push({ kind: 'header', name: 'cookie', value: cookie.split('; ').map(shortenCookie).join('; ') });
  for (const line of headers.getSetCookie())
    rows.push({ kind: 'header', name: 'set-cookie', value: shortenCookie(line) });
  return rows;
}

export function queryRows(parameters: URLSearchParams): Row[] {
  return [...parameters].map(([name, value]) => ({ kind: 'query', name, value: shortenValue(name, value) }));
}

/** A form, or a JSON document: members of members as `result.isError`, a list of named things by the names. */
export function memberRows(document: unknown, path = ''): Row[] {
  if (document instanceof URLSearchParams)
    return queryRows(document).map((row) => ({ ...row, kind: 'member' }));
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return Object.entries(document).flatMap(([name, value]) =>
      memberRows(value, path === '' ? name : `${path}.${name}`),
    );
  }
  const text = Array.isArray(document) ? document.map(nameOf).join(' ') : String(document);
  const name = path.slice(path.lastIndexOf('.') + 1);
  return path === '' ? [] : [{ kind: 'member', name: path, value: shortenValue(name, text) }];
}

function nameOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  return 'name' in item && typeof item.name === 'string' ? item.name : '{…}';
}
