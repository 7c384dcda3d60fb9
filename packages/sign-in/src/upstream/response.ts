// What a provider's answer in the browser says, before anything of it is used (RFC 6749 §4.1.2, RFC 9207 §2.4).
import { limits } from '../limits.ts';
import { refuse } from '../refusals.ts';

export interface ExpectedIssuer {
  readonly issuer: string;
  /** Its metadata has `authorization_response_iss_parameter_supported`: an answer without `iss` is not its own. */
  readonly sendsIss: boolean;
}

/**
 * @returns the parameters, each once
 * @throws {Refusal} `upstream_answer_invalid`
 */
export function readAnswer({ url }: Pick<Request, 'url'>): URLSearchParams {
  const { search, searchParams } = new URL(url);
  if (search.length > limits.upstreamQueryBytes || searchParams.size > limits.upstreamParameters)
    throw refuse('upstream_answer_invalid', { why: 'too_large' });
  const names = [...searchParams.keys()];
  // RFC 6749 §3.1: no parameter more than once.
  if (new Set(names).size !== names.length) throw refuse('upstream_answer_invalid', { why: 'came_twice' });
  return searchParams;
}

/**
 * @param parameters each at most once
 * @param expected undefined for a provider that has no issuer; its answers are told apart by callback and state alone
 * @returns the code
 * @throws {Refusal} `upstream_issuer_wrong`, `upstream_denied`, `upstream_misconfigured`, `upstream_unavailable`,
 *   `upstream_error`, `upstream_answer_invalid`
 */
export function readCode(parameters: URLSearchParams, expected?: ExpectedIssuer): string {
  checkIssuer(parameters.get('iss'), expected);
  const error = parameters.get('error');
  if (error !== null) throw refusalOf(error);
  const code = parameters.get('code');
  if (code === null || code === '') throw refuse('upstream_answer_invalid', { why: 'no_code' });
  return code;
}

/** Of an error as well: who sends it must be known before it is believed. */
function checkIssuer(iss: string | null, expected: ExpectedIssuer | undefined): void {
  if (expected === undefined) return;
  if (iss === null && !expected.sendsIss) return;
  if (iss !== expected.issuer) throw refuse('upstream_issuer_wrong', { iss: shortened(iss ?? 'none') });
}

/** RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, and what GitHub answers to a callback that it does not know. */
function refusalOf(text: string) {
  const error = shortened(text);
  if (text === 'access_denied') return refuse('upstream_denied', { error });
  if (text === 'temporarily_unavailable' || text === 'server_error')
    return refuse('upstream_unavailable', { error });
  return configuration.has(text)
    ? refuse('upstream_misconfigured', { error })
    : refuse('upstream_error', { error });
}

const configuration: ReadonlySet<string> = new Set([
  'unauthorized_client',
  'invalid_client',
  'invalid_scope',
  'invalid_request',
  'unsupported_response_type',
  'redirect_uri_mismatch',
  'application_suspended',
]);

/** A stranger can write it into the URL. */
const shortened = (text: string): string => text.slice(0, limits.upstreamErrorShown);
