// For a server that runs elsewhere: the issuer is asked what a token means (RFC 7662). What it said is remembered for so
// short a time that "revoked" stays true within seconds; that it said nothing is never taken for an answer.
import { digest } from '@sallyport/crypto';
import { INTROSPECTION_TIMEOUT_MILLISECONDS, MAX_REMEMBERED_ANSWERS, REMEMBERED_SECONDS } from './limits.ts';
import { ask, isPrivateWay, type Answered, type Fetch } from './outgoing.ts';
import { turns } from './turns.ts';
import { AuthorizationServerUnavailable, IntrospectionUnavailable } from './unavailable.ts';

/**
 * What the issuer says of a token now.
 * @param now epoch seconds
 * @returns the members of an active token's answer (RFC 7662 §2.2); undefined when it is not active
 * @throws IntrospectionUnavailable when the issuer did not say: then nobody may be let through, and nobody blamed (503)
 */
export type Introspect = (
  token: string,
  now: number,
  asking?: Asking,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

export interface Asking {
  /** The way out of the guard that asks, for a function that has none of its own. */
  readonly fetch?: Fetch;
  /** For whom a token that was not good before would be asked about. */
  readonly sender?: (() => Sender) | undefined;
  /** Hears that a token that is not active was so before: nobody made it up. */
  readonly onOver?: (() => void) | undefined;
}

/** Where a token came from. */
export interface Sender {
  /** Its questions wait for each other before they make others wait. */
  readonly place: string;
  /** @throws a refusal when too many tokens from there were none: the issuer is not asked then */
  judge(): void;
}

export interface IntrospectionOptions {
  /** `introspection_endpoint` of the issuer's metadata: https, or http on this computer. */
  readonly endpoint: string;
  /** As printed by `sallyport clients add --introspects`; sent by `client_secret_basic`. */
  readonly client_id: string;
  readonly client_secret: string;
  /** In place of the global one. */
  readonly fetch?: Fetch;
}

interface Remembered<Answer> {
  readonly answer: Answer;
  /** Epoch seconds; when the question was asked, since the answer may be as old as that. */
  readonly askedAt: number;
}

/**
 * Asks an introspection endpoint, for `resourceServer({ introspect })`. A token is asked about again after at most 5
 * seconds; simultaneous questions about one token are one.
 * @throws TypeError for an endpoint to which the secret would travel in the clear
 */
export function introspection(options: IntrospectionOptions): Introspect {
  return rememberingAnswers(questions(options));
}

/** @param question one, answered as by `Introspect` */
export function rememberingAnswers(
  question: (token: string, fetch: Fetch | undefined) => ReturnType<Introspect>,
): Introspect {
  const active = remembering<Readonly<Record<string, unknown>>>();
  // Apart, so that no flood of made-up tokens drives out who was let in.
  const inactive = remembering<{ readonly isOver: boolean }>();
  const underWay = new Map<string, ReturnType<Introspect>>();
  const inTurn = turns();

  return async function introspect(token, now, asking = {}) {
    const key = digest(token);
    const answer = await answerTo(token, key, now, asking);
    if (answer === undefined && inactive.find(key, now)?.answer.isOver === true) asking.onOver?.();
    return answer;
  };

  async function answerTo(token: string, key: string, now: number, { fetch, sender }: Asking) {
    const known = active.find(key, now);
    if (known?.isFresh === true) return known.answer;
    if (inactive.find(key, now)?.isFresh === true) return undefined;
    const already = underWay.get(key);
    if (already !== undefined) return already;
    const ask = () => question(token, fetch);
    // Who was let in before is not kept out, or waiting, by what strangers send.
    const asked = known === undefined ? askForSender(ask, sender?.()) : ask();
    return conclude(key, now, asked, known !== undefined);
  }

  async function askForSender(ask: () => ReturnType<Introspect>, sender: Sender | undefined) {
    sender?.judge();
    return inTurn(sender?.place ?? '', ask);
  }

  function conclude(
    key: string,
    askedAt: number,
    asked: ReturnType<Introspect>,
    wasGood: boolean,
  ): ReturnType<Introspect> {
    const concluded = asked
      .then((answer) => {
        active.forget(key);
        const isOver = wasGood || inactive.find(key, askedAt)?.answer.isOver === true;
        if (answer === undefined) inactive.remember(key, { answer: { isOver }, askedAt });
        else active.remember(key, { answer, askedAt });
        return answer;
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, concluded);
    return concluded;
  }
}

function remembering<Answer>() {
  // Insertion order is age: the oldest goes first.
  const remembered = new Map<string, Remembered<Answer>>();
  return {
    find(key: string, now: number) {
      const found = remembered.get(key);
      if (found === undefined) return undefined;
      const { answer, askedAt } = found;
      // A clock that was set back must not make an answer last.
      return { answer, isFresh: askedAt <= now && now < askedAt + REMEMBERED_SECONDS };
    },
    forget: (key: string) => void remembered.delete(key),
    remember(key: string, answer: Remembered<Answer>) {
      remembered.delete(key);
      remembered.set(key, answer);
      const [oldest] = remembered.keys();
      if (remembered.size > MAX_REMEMBERED_ANSWERS && oldest !== undefined) remembered.delete(oldest);
    },
  };
}

/** One question, one answer (RFC 7662 §2). */
function questions({ endpoint, client_id, client_secret, fetch = globalThis.fetch }: IntrospectionOptions) {
  if (!isPrivateWay(endpoint))
    throw new TypeError(
      `introspection: the endpoint must be https, or http on this computer: ${URL.parse(endpoint)?.origin}`,
    );
  if (![client_id, client_secret].every((text) => typeof text === 'string' && text !== ''))
    throw new TypeError('introspection: client_id and client_secret are both needed');
  // RFC 6749 §2.3.1
  const [id, secret] = [client_id, client_secret].map((text) => encodeURIComponent(text)) as [string, string];
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

  return async function ask(token: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { status, document } = await askAboutToken(fetch, endpoint, {
      headers: { authorization },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    if (status !== 200) throw new IntrospectionUnavailable(complaint(status));
    const answer =
      typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
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

/** @throws IntrospectionUnavailable when there is no answer */
export async function askAboutToken(fetch: Fetch, url: string, init: RequestInit): Promise<Answered> {
  try {
    return await ask(fetch, url, { ...init, method: 'POST' }, INTROSPECTION_TIMEOUT_MILLISECONDS);
  } catch (error) {
    if (!(error instanceof AuthorizationServerUnavailable)) throw error;
    throw new IntrospectionUnavailable(error.message, { cause: error });
  }
}
