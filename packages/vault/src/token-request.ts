// One question to a provider's token endpoint (RFC 6749 §4.1.3, §6): tokens, or a refusal that says whether asking again
// can help. Providers take the standard lightly, so what they answer is read leniently, and what we ask is exact.
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, type Facts, type Refusal } from '@sallyport/protocol';
import { maxAnswerBytes, refreshMilliseconds } from './limits.ts';
import { refuse } from './refusals.ts';
import { judgeTokenAnswer, type TokenAnswer } from './token-answer.ts';

/** How this server proves who it is there (RFC 6749 §2.3.1). */
export type TokenClientAuth =
  | { readonly method: 'none'; readonly client_id: string }
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post';
      readonly client_id: string;
      readonly client_secret: string;
    };

export interface TokenRequest {
  readonly endpoint: string;
  /** Without what `clientAuth` adds. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly clientAuth: TokenClientAuth;
}

/** All others are taken for secrets. */
const publicParameters: readonly string[] = [
  'grant_type',
  'client_id',
  'redirect_uri',
  'scope',
  'resource',
  'audience',
];

/**
 * @param fetch trusts the endpoint as far as whoever named it is trusted
 * @param now epoch seconds
 * @throws a refusal of this room; `finalityOf` says what it means for what was presented
 */
export async function requestTokens(
  fetch: Pick<GuardedFetch, 'exchange'>,
  { endpoint, parameters, clientAuth }: TokenRequest,
  now: number,
): Promise<TokenAnswer> {
  const facts: Facts = { host: URL.parse(endpoint)?.host };
  const milliseconds = parameters['grant_type'] === 'refresh_token' ? refreshMilliseconds : undefined;
  const { answer, body } = await postForm(fetch, { endpoint, parameters, clientAuth, milliseconds }, facts);
  const secrets = [...body].flatMap(([name, value]) => (publicParameters.includes(name) ? [] : [value]));
  if (clientAuth.method !== 'none') secrets.push(clientAuth.client_secret);
  const { client_id } = clientAuth;
  return { ...judgeTokenAnswer(answer, { facts, secrets, now }), client_id };
}

/** A form to an endpoint that knows this server as a client. @throws a refusal of this room */
export async function postForm(
  fetch: Pick<GuardedFetch, 'exchange'>,
  {
    endpoint,
    parameters,
    clientAuth,
    milliseconds,
  }: TokenRequest & { readonly milliseconds?: number | undefined },
  facts: Facts,
) {
  const { headers, body } = formOf(parameters, clientAuth);
  const answer = await fetch
    .exchange(endpoint, {
      method: 'POST',
      headers: {
        ...headers,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: body.toString(),
      maxBytes: maxAnswerBytes,
      ...(milliseconds !== undefined && { milliseconds }),
    })
    .catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      throw asOfProvider(error, facts);
    });
  return { answer, body };
}

/** What proves who this server is, in header or body. */
function formOf(parameters: TokenRequest['parameters'], clientAuth: TokenClientAuth) {
  const body = new URLSearchParams(parameters);
  const { client_id } = clientAuth;
  if (clientAuth.method !== 'client_secret_basic') body.set('client_id', client_id);
  if (clientAuth.method === 'client_secret_post') body.set('client_secret', clientAuth.client_secret);
  if (clientAuth.method !== 'client_secret_basic') return { headers: {}, body };
  // §2.3.1: each encoded as a form's value before they are joined, since either may hold a colon.
  const pair = `${formEncoded(client_id)}:${formEncoded(clientAuth.client_secret)}`;
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, body };
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** Refusals of guarded-fetch that nothing but another configuration changes. */
const endpointRefusals: readonly string[] = [
  'url_refused',
  'port_refused',
  'address_refused',
  'fetch_redirected',
];
const answerRefusals: readonly string[] = ['document_too_large', 'document_encoded'];

/** guarded-fetch's own sentences speak of a document at an address, which the person who reads this never saw. */
export function asOfProvider({ reason, facts: told }: Refusal, about: Facts): Refusal {
  const facts = { ...told, ...about, why: reason };
  if (endpointRefusals.includes(reason)) return refuse('provider_endpoint_refused', facts);
  if (answerRefusals.includes(reason)) return refuse('provider_answer_unreadable', facts);
  return refuse('provider_unreachable', facts);
}
