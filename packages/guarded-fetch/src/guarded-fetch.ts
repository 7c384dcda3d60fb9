// One fetch: judge the URL, look its name up once, judge every address, connect to these and no others, read no more than
// was agreed to. Nothing is sent along that the caller did not write: no cookie, no credential, no word of who asked.
import { isRefusal, type Refusal } from '@sallyport/protocol';
import { Client, type Dispatcher } from 'undici';
import { freshForSeconds } from './freshness.ts';
import { fetchMilliseconds, maxAddresses, maxFetchesAtOnce, maxHeaderBytes } from './limits.ts';
import { ownNetwork, type Network } from './network.ts';
import { refuse } from './refusals.ts';
import { addressesInName, judgeAddress, judgeUrl, type UrlPolicy } from './url.ts';

export interface GuardedFetchOptions extends UrlPolicy {
  /** The network itself, where a test must not reach it. */
  readonly network?: Network | undefined;
  readonly milliseconds?: number | undefined;
}

export interface DocumentWanted {
  readonly maxBytes: number;
  /** Media types, for the `Accept` header. */
  readonly accept: string;
}

export interface FetchedDocument {
  readonly bytes: Uint8Array;
  /** Without parameters, lower case; empty when there was none. */
  readonly contentType: string;
  /** How long the answer says that it is good for; undefined when it says nothing. */
  readonly freshForSeconds: number | undefined;
}

/** One request of HTTP; it is never sent a second time. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  /** In place of what all are given, where more depends on the answer. */
  readonly milliseconds?: number;
}

export interface Answered extends FetchedDocument {
  /** Any but a redirect. */
  readonly status: number;
  /** By lower-case name; of several with one name the first. */
  readonly header: (name: string) => string | undefined;
}

export interface GuardedFetch {
  /** A document, or a refusal: whatever is not 200 is none. @throws a refusal of this room */
  readonly fetchDocument: (url: string, wanted: DocumentWanted) => Promise<FetchedDocument>;
  /**
   * An answer of any status, for the protocols that say in its body what went wrong.
   * @throws a refusal of this room, for redirects too: what is sent is meant for nobody else
   */
  readonly exchange: (url: string, asked: Asked) => Promise<Answered>;
}

export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { network = ownNetwork, milliseconds = fetchMilliseconds } = options;
  let underWay = 0;
  return { fetchDocument, exchange };

  async function fetchDocument(text: string, { maxBytes, accept }: DocumentWanted): Promise<FetchedDocument> {
    const asked: Asked = { method: 'GET', headers: { accept }, maxBytes };
    const { bytes, contentType, freshForSeconds } = await ask(text, asked, judgeDocument);
    return { bytes, contentType, freshForSeconds };
  }

  function exchange(text: string, asked: Asked): Promise<Answered> {
    return ask(text, asked, judgeRedirect);
  }

  async function ask(text: string, asked: Asked, judge: Judge): Promise<Answered> {
    const url = judgeUrl(text, options);
    if (underWay >= maxFetchesAtOnce) throw refuse('fetches_busy');
    underWay += 1;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), asked.milliseconds ?? milliseconds);
    try {
      const addresses = await resolveOnce(url, over.signal);
      return await askAt(url, addresses, { asked, judge, signal: over.signal });
    } catch (error) {
      throw refusalOf(error, url, over.signal);
    } finally {
      clearTimeout(timer);
      underWay -= 1;
    }
  }

  /** @returns the addresses of the host, all of them judged: a name that has one bad one is up to no good */
  async function resolveOnce({ hostname }: URL, signal: AbortSignal): Promise<readonly string[]> {
    const addresses =
      addressesInName(hostname) ?? (await orAborted(network.resolve(hostname, signal), signal));
    if (addresses.length === 0) throw refuse('name_unresolved', { host: hostname });
    for (const address of addresses) judgeAddress(address, hostname, options);
    return addresses.slice(0, maxAddresses);
  }

  async function askAt(
    url: URL,
    addresses: readonly string[],
    { asked, judge, signal }: { asked: Asked; judge: Judge; signal: AbortSignal },
  ): Promise<Answered> {
    const { method, headers, body = null, maxBytes } = asked;
    const client = new Client(url.origin, {
      connect: connector(url, addresses, signal),
      maxHeaderSize: maxHeaderBytes,
      // The whole has one limit of time.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    try {
      const answer = await client.request({
        method,
        path: url.pathname + url.search,
        headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'sallyport' },
        body,
        signal,
      });
      judge(answer, url);
      judgeSize(answer, url, maxBytes);
      const bytes = await readCapped(answer.body, url, maxBytes);
      const header = (name: string) => headerOf(answer, name);
      const [type = ''] = (header('content-type') ?? '').split(';', 1);
      return {
        status: answer.statusCode,
        header,
        bytes,
        contentType: type.trim().toLowerCase(),
        freshForSeconds: freshForSeconds(header),
      };
    } finally {
      // The connection was made to one address for one answer.
      await client.destroy();
    }
  }

  function connector({ protocol, hostname, port }: URL, addresses: readonly string[], signal: AbortSignal) {
    return (_options: object, done: (...outcome: [Error, null] | [null, SocketOf]) => void): void => {
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      const isPlain = protocol === 'http:';
      const socket = isPlain
        ? network.openPlainSocket({ host, addresses, port: Number(port || 80) })
        : network.openSocket({ host, addresses, port: Number(port || 443) });
      const giveUp = () => socket.destroy(new Error('took too long'));
      signal.addEventListener('abort', giveUp, { once: true });
      socket.once('error', failed);
      socket.once(isPlain ? 'connect' : 'secureConnect', () => {
        signal.removeEventListener('abort', giveUp);
        socket.off('error', failed);
        done(null, socket);
      });
      function failed(error: Error): void {
        signal.removeEventListener('abort', giveUp);
        done(error, null);
      }
    };
  }
}

type SocketOf = ReturnType<Network['openSocket' | 'openPlainSocket']>;
type Judge = (answer: Dispatcher.ResponseData, url: URL) => void;

function judgeDocument(answer: Dispatcher.ResponseData, url: URL): void {
  const { statusCode: status } = answer;
  const facts = { host: url.hostname, status };
  judgeRedirect(answer, url);
  if (status === 404 || status === 410) throw refuse('document_gone', facts);
  if (status !== 200) throw refuse('fetch_status', facts);
}

function judgeRedirect({ statusCode: status }: Dispatcher.ResponseData, { hostname }: URL): void {
  if (status >= 300 && status < 400) throw refuse('fetch_redirected', { host: hostname, status });
}

function judgeSize(answer: Dispatcher.ResponseData, { hostname }: URL, maxBytes: number): void {
  const facts = { host: hostname, status: answer.statusCode };
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw refuse('document_encoded', facts);
  const bytes = Number(headerOf(answer, 'content-length') ?? 0);
  if (bytes > maxBytes) throw refuse('document_too_large', { ...facts, bytes, maxBytes });
}

async function readCapped(
  body: AsyncIterable<Uint8Array>,
  { hostname }: URL,
  maxBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > maxBytes) throw refuse('document_too_large', { host: hostname, maxBytes });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Of several with one name the first. */
function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('took too long')), { once: true });
    answer.then(resolve, reject);
  });
}

/** OpenSSL's and Node's codes for a certificate that proves nothing. */
const certificateCodes =
  /^(?:CERT_|DEPTH_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|ERR_TLS_CERT|INVALID_(?:CA|PURPOSE))/;

function refusalOf(error: unknown, { hostname: host }: URL, signal: AbortSignal): Refusal {
  if (isRefusal(error)) return error;
  if (signal.aborted) return refuse('fetch_timed_out', { host });
  // Not called `code`, which the log strikes out.
  const cause = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : '';
  if (cause === 'UND_ERR_HEADERS_OVERFLOW') return refuse('document_too_large', { host, cause });
  return refuse(certificateCodes.test(cause) ? 'certificate_refused' : 'host_unreachable', { host, cause });
}
