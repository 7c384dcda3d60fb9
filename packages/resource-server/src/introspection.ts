// For a server that runs elsewhere: the issuer is asked what a token means (RFC 7662). What it said is remembered for so
// short a time that "revoked" stays true within seconds; that it said nothing is never taken for an answer.
import { digest } from '@sallyport/crypto';
import {
  INTROSPECTION_TIMEOUT_MILLISECONDS,
  MAX_INTROSPECTIONS_AT_ONCE,
  MAX_REMEMBERED_ANSWERS,
  REMEMBERED_SECONDS,
} from './limits.ts';
import { loopbackHosts } from './loopback.ts';

/**
 * What the issuer says of a token now.
 * @param now epoch seconds
 * @returns the members of an active token's answer (RFC 7662 §2.2); undefined when it is not active
 * @throws IntrospectionUnavailable when the issuer did not say: then nobody may be let through, and nobody blamed (503)
 */
export type Introspect = (
  token: string,
  now: number,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

export interface IntrospectionOptions {
  /** `introspection_endpoint` of the issuer's metadata: https, or http on this computer. */
  readonly endpoint: string;
  /** As printed by `sallyport clients add --introspects`; sent by `client_secret_basic`. */
  readonly client_id: string;
  readonly client_secret: string;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

/** The issuer did not say what a token means; `message` says why, and never holds a token or a secret. */
export class IntrospectionUnavailable extends Error {
  override readonly name = 'IntrospectionUnavailable';
}

interface Remembered {
  readonly answer: Readonly<Record<string, unknown>>;
  /** Epoch seconds; when the question was asked, since the answer may be as old as that. */
  readonly askedAt: number;
}

/**
 * Asks an introspection endpoint, for `resourceServer({ introspect })`. An active token is asked about again after at
 * most 5 seconds, one that is not active each time; simultaneous questions about one token are one.
 * @throws TypeError for an endpoint to which the secret would travel in the clear
 */
export function introspection(options: IntrospectionOptions): Introspect {
  const ask = questions(options);
  // Insertion order is age: the oldest goes first.
  const remembered = new Map<string, Remembered>();
  const underWay = new Map<string, ReturnType<typeof ask>>();

  return async function introspect(token, now) {
    const key = digest(token);
    const known = remembered.get(key);
    // A clock that was set back must not make an answer last.
    if (known !== undefined && known.askedAt <= now && now < known.askedAt + REMEMBERED_SECONDS)
      return known.answer;
    remembered.delete(key);
    return underWay.get(key) ?? askAnew(key, token, now);
  };

  function askAnew(key: string, token: string, now: number): ReturnType<typeof ask> {
    if (underWay.size >= MAX_INTROSPECTIONS_AT_ONCE)
      throw new IntrospectionUnavailable(
        `${MAX_INTROSPECTIONS_AT_ONCE} tokens are being asked about already; somebody may be sending made-up ones.`,
      );
    const asked = ask(token)
      .then((answer) => {
        if (answer !== undefined) remember(key, { answer, askedAt: now });
        return answer;
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  }

  function remember(key: string, answer: Remembered): void {
    remembered.set(key, answer);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED_ANSWERS && oldest !== undefined) remembered.delete(oldest);
  }
}

/** One question, one answer (RFC 7662 §2). */
function questions({ endpoint, client_id, client_secret, fetch = globalThis.fetch }: IntrospectionOptions) {
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopbackHosts.has(url.hostname)))
    throw new TypeError(`introspection: the endpoint must be https, or http on this computer: ${url.origin}`);
  // RFC 6749 §2.3.1
  const [id, secret] = [client_id, client_secret].map((text) => encodeURIComponent(text)) as [string, string];
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

  return async function ask(token: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      // The secret goes where it was meant to go, and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(INTROSPECTION_TIMEOUT_MILLISECONDS),
    }).catch(unreachable);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new IntrospectionUnavailable(complaint(response.status));
    }
    const said: unknown = await response.json().catch(unreachable);
    const answer = typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
    if (answer['active'] === false) return undefined;
    if (answer['active'] === true) return answer;
    throw new IntrospectionUnavailable('What the issuer answered is no introspection response.');
  };
}

function complaint(status: number): string {
  if (status === 400 || status === 401)
    return `The issuer refused the question (${status}). Check client_id and client_secret, and that the client was added with: sallyport clients add --introspects <server>`;
  return `The issuer answered ${status} instead of what a token means.`;
}

function unreachable(cause: unknown): never {
  throw new IntrospectionUnavailable('The issuer cannot be reached, or its answer broke off.', { cause });
}
