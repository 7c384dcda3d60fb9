// The client's only way to the server: one HTTP request at a time, nothing followed, everything shown.

import { headerRows, memberRows, queryRows } from './rows.ts';
import type { Row } from './rows.ts';

/** A server on this machine that takes longer than this hangs. */
const answerSeconds = 10;

export interface Ask {
  /** POST with a form or JSON, otherwise GET. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** Names of the members worth showing, with the ones below them; all when absent. */
  readonly show?: {
    readonly asked?: readonly string[];
    readonly answered?: readonly string[];
    /** Headers of the answer, beside those that are always shown. */
    readonly headers?: readonly string[];
  };
}

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Of a redirect; its `Location` made absolute. */
  readonly location: URL | undefined;
  readonly text: string;
  /** The JSON object of the body; empty when it is none. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** What the reader sees of one request and its answer. */
export interface Exchange {
  readonly method: string;
  /** Without the query, which is among the rows. */
  readonly path: string;
  readonly asked: readonly Row[];
  readonly status: number;
  readonly reason: string;
  readonly answered: readonly Row[];
}

export type Send = (ask: Ask) => Promise<Answer>;

/** @returns a function that throws what `fetch` throws when no answer comes, or the demo is stopped */
export function openWire(show: (exchange: Exchange) => void, stopped: AbortSignal): Send {
  return async (ask) => {
    const url = new URL(ask.url);
    const form = ask.form && new URLSearchParams(ask.form);
    const body = form?.toString() ?? (ask.json && JSON.stringify(ask.json));
    const headers = new Headers(ask.headers);
    if (form) headers.set('content-type', 'application/x-www-form-urlencoded');
    if (ask.json) headers.set('content-type', 'application/json');
    const method = body === undefined ? 'GET' : 'POST';
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([stopped, AbortSignal.timeout(answerSeconds * 1000)]),
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const document = readObject(response, text);
    const to = response.headers.get('location');
    const location = to === null ? undefined : (URL.parse(to, url.href) ?? undefined);
    show({
      method,
      path: url.pathname,
      asked: [
        ...queryRows(url.searchParams),
        ...headerRows(headers),
        ...pick(memberRows(form ?? ask.json), ask.show?.asked),
      ],
      status: response.status,
      reason: response.statusText,
      answered: [
        ...headerRows(response.headers, ask.show?.headers),
        ...(location ? queryRows(location.searchParams) : []),
        ...pick([...titleRows(response, text), ...memberRows(document)], ask.show?.answered),
      ],
    });
    return { url, status: response.status, headers: response.headers, location, text, document };
  };
}

function readObject(response: Response, text: string): Answer['document'] {
  if (!/^application\/json\b/i.test(response.headers.get('content-type') ?? '')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Of a page the title is enough. */
function titleRows(response: Response, text: string): Row[] {
  if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return [];
  const title = /<title>([^<]*)<\/title>/.exec(text)?.[1]?.trim();
  return [{ kind: 'member', name: '<title>', value: title ?? '(none)' }];
}

function pick(rows: readonly Row[], names: readonly string[] | undefined): readonly Row[] {
  if (names === undefined) return rows;
  return rows.filter((row) => names.some((name) => row.name === name || row.name.startsWith(`${name}.`)));
}
