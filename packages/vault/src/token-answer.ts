// What a token endpoint answered, made into tokens or a refusal (RFC 6749 §5). Errors come with status 200 and tokens as a
// form, numbers as texts, and what is missing as null or "": all of that is seen in the field.
import type { Answered } from '@sallyport/guarded-fetch';
import { readStrictJson, type Facts, type Refusal } from '@sallyport/protocol';
import {
  maxDescriptionCharacters,
  maxErrorCharacters,
  maxExpiresInSeconds,
  maxRetryAfterSeconds,
  maxTokenCharacters,
} from './limits.ts';
import { refuse } from './refusals.ts';

export interface TokenAnswer {
  readonly access_token: string;
  /** As the provider says; `Bearer` when it says nothing. */
  readonly token_type: string;
  /** Epoch seconds; absent when the provider does not say. */
  readonly expiresAt?: number;
  readonly refresh_token?: string;
  readonly scope?: string;
  /** Whom it was issued to: a refresh token is good for no other client (RFC 6749 §6). */
  readonly client_id?: string;
  readonly id_token?: string;
  /** What else it sent: not judged, and never for a log. */
  readonly rest: Readonly<Record<string, unknown>>;
}

type Members = Readonly<Record<string, unknown>>;
export type Answer = Pick<Answered, 'status' | 'header' | 'contentType' | 'bytes'>;

export interface About {
  readonly facts: Facts;
  /** What was sent, and must not come back in a fact. */
  readonly secrets: readonly string[];
  readonly now: number;
}

/** Besides §5.2's own: OpenID Connect Core §3.1.2.6, as Entra answers a refresh; GitHub's; Slack's. */
const grantErrors: readonly string[] = [
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
  'bad_refresh_token',
  'bad_verification_code',
  'invalid_refresh_token',
];
const clientErrors: readonly string[] = [
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
];
const goneErrors: readonly string[] = ['invalid_token', 'invalid_grant'];
const busyErrors: readonly string[] = ['slow_down', 'rate_limited', 'ratelimited'];
const failingErrors: readonly string[] = ['server_error', 'temporarily_unavailable'];

/** @throws a refusal of this room */
export function judgeTokenAnswer(answer: Answer, about: About): TokenAnswer {
  const members = readMembers(answer);
  const error = errorOf(members);
  if (error !== undefined || answer.status !== 200) throw refusalOf(answer, members, error, about);
  const token = (name: string): string | undefined => tokenOf(members[name], () => unreadable(answer, about));
  const access_token = token('access_token');
  if (access_token === undefined) throw unreadable(answer, about);
  const refresh_token = token('refresh_token');
  const id_token = token('id_token');
  const { token_type, expires_in, scope, ...others } = members;
  const { access_token: _access, refresh_token: _refresh, id_token: _id, ...rest } = others;
  const seconds = secondsOf(expires_in, maxExpiresInSeconds);
  return {
    access_token,
    token_type: typeof token_type === 'string' ? token_type : 'Bearer',
    ...(seconds !== undefined && { expiresAt: about.now + seconds }),
    ...(refresh_token !== undefined && { refresh_token }),
    ...(id_token !== undefined && { id_token }),
    ...(typeof scope === 'string' && { scope }),
    rest,
  };
}

/** What is null or empty is not there. @returns nothing at all of an answer that is neither JSON nor a form */
export function readMembers({ bytes, contentType }: Answer): Members {
  const text = new TextDecoder().decode(bytes).trim();
  // By what it is, since JSON comes as text/html too.
  const read = text.startsWith('{') ? readStrictJson(text) : readForm(text, contentType);
  const value = typeof read === 'object' ? read.value : {};
  const entries = Object.entries(value as Members);
  return Object.fromEntries(entries.filter(([, member]) => member !== null && member !== ''));
}

function readForm(text: string, contentType: string): { readonly value: Members } {
  const isForm = ['application/x-www-form-urlencoded', 'text/plain'].includes(contentType);
  return { value: isForm ? Object.fromEntries(new URLSearchParams(text)) : {} };
}

/** A text by the standard; some send an object that names its kind. */
export function errorOf({ error }: Members): string | undefined {
  if (error === undefined || typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return 'unnamed';
  const { code, type } = error as Members;
  return [code, type].find((name) => typeof name === 'string') ?? 'unnamed';
}

/**
 * What a revocation endpoint answered (RFC 7009 §2.2).
 * @returns whether it knew the token; Google says `invalid_token` of what it has forgotten
 * @throws a refusal of this room
 */
export function judgeRevocationAnswer(answer: Answer, about: About): 'revoked' | 'not_there' {
  if (answer.status === 200 || answer.status === 204) return 'revoked';
  const members = readMembers(answer);
  const error = errorOf(members);
  const isJudged = answer.status < 500 && answer.status !== 429;
  if (isJudged && error !== undefined && goneErrors.includes(error)) return 'not_there';
  throw refusalOf(answer, members, error, about);
}

function refusalOf(answer: Answer, members: Members, error: string | undefined, about: About): Refusal {
  const { status } = answer;
  const facts = { ...about.facts, status, ...ownWords(members, error, about.secrets) };
  if (status === 429 || (error !== undefined && busyErrors.includes(error)))
    return refuse('provider_busy', withRetryAfter(answer, facts, about.now));
  // Whatever it says meanwhile: a provider in trouble has not judged what it was shown.
  if (status >= 500 || (error !== undefined && failingErrors.includes(error)))
    return refuse('provider_failing', withRetryAfter(answer, facts, about.now));
  if (error === undefined) return unreadable(answer, about);
  if (grantErrors.includes(error)) return refuse('provider_grant_refused', facts);
  if (clientErrors.includes(error)) return refuse('provider_client_refused', facts);
  return refuse('provider_request_refused', facts);
}

function unreadable({ status, contentType }: Answer, { facts }: About): Refusal {
  return refuse('provider_answer_unreadable', { ...facts, status, contentType: contentType.slice(0, 100) });
}

/** For the log alone: the provider's own words, cut short, and without what was sent or looks like a token. */
export function ownWords(
  { error_description }: Members,
  error: string | undefined,
  secrets: readonly string[],
): Facts {
  const clean = (text: string, most: number): string => {
    const bare = secrets.reduce(
      (left, secret) => (secret === '' ? left : left.replaceAll(secret, '…')),
      text,
    );
    const shown = bare.replace(/[^\x20-\x7e…]+/g, ' ').replace(/[\w~+/=.-]{40,}/g, '…');
    return shown.slice(0, most);
  };
  return {
    ...(error !== undefined && { providerError: clean(error, maxErrorCharacters) }),
    ...(typeof error_description === 'string' && {
      providerSaid: clean(error_description, maxDescriptionCharacters),
    }),
  };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function withRetryAfter({ header }: Answer, facts: Facts, now: number): Facts {
  const text = header('retry-after');
  if (text === undefined) return facts;
  const until = Date.parse(text);
  const seconds = /^\s*\d+\s*$/.test(text) || !Number.isFinite(until) ? text : until / 1000 - now;
  const retryAfterSeconds = secondsOf(seconds, maxRetryAfterSeconds);
  return retryAfterSeconds === undefined ? facts : { ...facts, retryAfterSeconds };
}

/** RFC 6749 appendix A.12: what can go into a header, and nothing that would end one. */
function tokenOf(value: unknown, fault: () => Refusal): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > maxTokenCharacters || !/^[\x21-\x7e]+$/.test(value))
    throw fault();
  return value;
}

/** @returns whole seconds; undefined for what is no number, or no time to come */
function secondsOf(value: unknown, most: number): number | undefined {
  const isText = typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value);
  const seconds = isText ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined;
  return Math.min(Math.floor(seconds), most) || undefined;
}
