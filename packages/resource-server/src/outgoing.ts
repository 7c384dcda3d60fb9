// Everything that this room asks of an issuer over the network: bounded in time and size, never led elsewhere, and never
// in the clear but on this computer. The operator named the issuer; nothing here comes from a request.
import { ISSUER_TIMEOUT_MILLISECONDS, MAX_DOCUMENT_BYTES } from './limits.ts';
import { loopbackHosts } from './loopback.ts';
import { AuthorizationServerUnavailable } from './unavailable.ts';

export type Fetch = typeof globalThis.fetch;

export interface Answered {
  readonly status: number;
  /** Undefined when the answer is no JSON. */
  readonly document: unknown;
}

/**
 * One question, one JSON answer.
 * @throws AuthorizationServerUnavailable when there is none: away, slow, too long, or leads elsewhere
 */
export async function ask(
  fetch: Fetch,
  url: string,
  init: RequestInit = {},
  timeoutMilliseconds = ISSUER_TIMEOUT_MILLISECONDS,
): Promise<Answered> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const headers = { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) };
  // What may be kept is kept by this room, and for how long is judged here: Next.js keeps what its `fetch` brought for days.
  const asWanted: RequestInit = { redirect: 'manual', cache: 'no-store', signal };
  const response = await send(fetch, url, { ...init, headers, ...asWanted });
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    throw new AuthorizationServerUnavailable(`${url} leads elsewhere (${status}), which is not followed.`);
  }
  const text = await readText(response, url);
  try {
    return { status, document: JSON.parse(text) };
  } catch {
    return { status, document: undefined };
  }
}

async function send(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new AuthorizationServerUnavailable(`${url} cannot be reached: ${reasonOf(cause)}.`, { cause });
  }
}

/** The word of the system (`ECONNREFUSED`), where there is one; neither has what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.message.replace(/\.$/, '');
}

async function readText(response: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > MAX_DOCUMENT_BYTES) break;
      parts.push(part);
    }
  } catch (cause) {
    throw new AuthorizationServerUnavailable(`The answer of ${url} broke off.`, { cause });
  }
  if (length > MAX_DOCUMENT_BYTES)
    throw new AuthorizationServerUnavailable(
      `The answer of ${url} is longer than ${MAX_DOCUMENT_BYTES} bytes.`,
    );
  return Buffer.concat(parts).toString('utf8');
}

/** Whether what is sent to a URL is seen by nobody on the way. */
export function isPrivateWay(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' || (parsed !== null && isLoopback(url));
}

/** http on this computer: for development. */
export function isLoopback(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'http:' && loopbackHosts.has(parsed.hostname);
}
