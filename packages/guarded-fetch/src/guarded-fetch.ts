// One fetch: judge the URL, look its name up once, judge every address, connect to these and no others, read no more than
// was agreed to. Nothing is sent along: no cookie, no credential, no word of who asked.
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

export interface GuardedFetch {
  /** @throws a refusal of this room */
  readonly fetchDocument: (url: string, wanted: DocumentWanted) => Promise<FetchedDocument>;
}

export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { network = ownNetwork, milliseconds = fetchMilliseconds } = options;
  let underWay = 0;
  return { fetchDocument };

  async function fetchDocument(text: string, wanted: DocumentWanted): Promise<FetchedDocument> {
    const url = judgeUrl(text, options);
    if (underWay >= maxFetchesAtOnce) throw refuse('fetches_busy');
    underWay += 1;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), milliseconds);
    try {
      const addresses = await resolveOnce(url, over.signal);
      return await fetchFrom(url, addresses, wanted, over.signal);
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

  async function fetchFrom(
    url: URL,
    addresses: readonly string[],
    wanted: DocumentWanted,
    signal: AbortSignal,
  ): Promise<FetchedDocument> {
    const client = new Client(url.origin, {
      connect: connector(url, addresses, signal),
      maxHeaderSize: maxHeaderBytes,
      // The whole has one limit of time.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    try {
      const answer = await client.request({
        method: 'GET',
        path: url.pathname + url.search,
        headers: { accept: wanted.accept, 'accept-encoding': 'identity', 'user-agent': 'sallyport' },
        signal,
      });
      judgeAnswer(answer, url, wanted);
      const bytes = await readCapped(answer.body, url, wanted);
      const [type = ''] = (headerOf(answer, 'content-type') ?? '').split(';', 1);
      return {
        bytes,
        contentType: type.trim().toLowerCase(),
        freshForSeconds: freshForSeconds((name) => headerOf(answer, name)),
      };
    } finally {
      // The connection was made to one address for one document.
      await client.destroy();
    }
  }

  function connector({ hostname, port }: URL, addresses: readonly string[], signal: AbortSignal) {
    return (_options: object, done: (...outcome: [Error, null] | [null, TLSSocketOf]) => void): void => {
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      const socket = network.openSocket({ host, addresses, port: Number(port || 443) });
      const giveUp = () => socket.destroy(new Error('took too long'));
      signal.addEventListener('abort', giveUp, { once: true });
      socket.once('error', failed);
      socket.once('secureConnect', () => {
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

type TLSSocketOf = ReturnType<Network['openSocket']>;

function judgeAnswer(answer: Dispatcher.ResponseData, { hostname }: URL, { maxBytes }: DocumentWanted): void {
  const { statusCode: status } = answer;
  const facts = { host: hostname, status };
  if (status >= 300 && status < 400) throw refuse('fetch_redirected', facts);
  if (status === 404 || status === 410) throw refuse('document_gone', facts);
  if (status !== 200) throw refuse('fetch_status', facts);
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw refuse('document_encoded', facts);
  const bytes = Number(headerOf(answer, 'content-length') ?? 0);
  if (bytes > maxBytes) throw refuse('document_too_large', { ...facts, bytes, maxBytes });
}

async function readCapped(
  body: AsyncIterable<Uint8Array>,
  { hostname }: URL,
  { maxBytes }: DocumentWanted,
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
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : '';
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return refuse('document_too_large', { host, code });
  return refuse(certificateCodes.test(code) ? 'certificate_refused' : 'host_unreachable', { host, code });
}
