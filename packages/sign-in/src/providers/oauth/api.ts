// One question to the API of such a provider, in the name of the person who has just arrived from it.
import type { Answered, Asked, GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, readStrictJson } from '@sallyport/protocol';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { failureOfFetch, whyNot } from '../openid/failures.ts';
import type { Finding } from '../provider.ts';
import type { OAuthSettings } from './settings.ts';

interface Question {
  readonly fetch: GuardedFetch;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log: which question it was. */
  readonly at: string;
}

/**
 * @returns what its JSON says; undefined when the token is not allowed to ask that, or there is no such thing
 * @throws {Refusal} `upstream_unavailable`, `upstream_endpoint_refused`, `upstream_userinfo_unusable`
 */
export async function ask(url: string, access_token: string, question: Question): Promise<unknown> {
  const answer = await send(url, { authorization: `Bearer ${access_token}` }, question);
  const { status, bytes, contentType } = answer;
  const facts = { at: question.at, status, contentType: contentType.slice(0, 64) };
  if (status === 429 || status >= 500 || isLimited(answer)) throw refuse('upstream_unavailable', facts);
  if (status === 403 || status === 404) return undefined;
  const read = readStrictJson(new TextDecoder().decode(bytes));
  if (status !== 200 || typeof read === 'string')
    throw refuse('upstream_userinfo_unusable', { ...facts, ...(typeof read === 'string' && { why: read }) });
  return read.value;
}

/**
 * GitHub says 403 too to who has asked too much, which is no word about the person:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
const isLimited = ({ status, header }: Answered): boolean =>
  status === 403 && (header('retry-after') !== undefined || header('x-ratelimit-remaining') === '0');

interface AppQuestion {
  readonly question: Question;
  readonly app: Pick<OAuthSettings, 'clientId' | 'clientSecret'>;
  readonly method: 'DELETE';
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * As the app itself, by Basic authentication (RFC 7617).
 * @returns the status
 * @throws {Refusal} `upstream_unavailable`, `upstream_endpoint_refused`
 */
export async function askAsApp(url: string, { question, app, method, body }: AppQuestion): Promise<number> {
  const pair = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
  const more = { authorization: `Basic ${pair}`, 'content-type': 'application/json' };
  return (await send(url, more, question, { method, body: JSON.stringify(body) })).status;
}

/** Whether the API is there and wants to know who asks, which needs no secret. For `sallyport check`. */
export async function checkApi(url: string, question: Question): Promise<Finding> {
  const host = URL.parse(url)?.host ?? url;
  try {
    const { status } = await send(url, {}, question);
    if (status === 401 || status === 403) return { state: 'ok', says: `${host} answers` };
    return {
      state: 'fail',
      says: `${url} answers with status ${status}, where it should ask who is there`,
      next: 'Look whether the address is right, and whether a proxy answers in its place.',
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return {
      state: 'fail',
      says: `${host} could not be asked (${whyNot(error.facts)})`,
      next: 'Look whether this machine can reach it; nobody can sign in with it otherwise.',
    };
  }
}

function send(
  url: string,
  more: Readonly<Record<string, string>>,
  { fetch, headers, at }: Question,
  what: Pick<Asked, 'method' | 'body'> = { method: 'GET' },
) {
  return fetch
    .exchange(url, {
      ...what,
      headers: { accept: 'application/json', ...headers, ...more },
      maxBytes: limits.upstreamApiBytes,
    })
    .catch((error: unknown): never => {
      throw failureOfFetch(error, at, 'upstream_userinfo_unusable');
    });
}

/** What is no object has no members. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
