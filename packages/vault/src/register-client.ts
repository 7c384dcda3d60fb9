// Registering this server at somebody else's authorization server (RFC 7591 §3): one question, and whoever wants the answer
// kept keeps it. What is asked is exact; what is answered is judged before any of it is used.
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, type Facts } from '@sallyport/protocol';
import { maxRegistrationBytes } from './limits.ts';
import {
  judgeRegistrationAnswer,
  type ClientMetadata,
  type RegisteredClient,
} from './registration-answer.ts';
import { asOfProvider } from './token-request.ts';

export interface RegistrationRequest {
  readonly endpoint: string;
  /** RFC 7591 §1.2: what the other party's operator gave for it; absent: none is needed. */
  readonly initialAccessToken?: string | undefined;
  /** RFC 7591 §2. */
  readonly metadata: ClientMetadata;
}

/**
 * @param fetch trusts the endpoint as far as whoever named it is trusted
 * @param now epoch seconds
 * @throws a refusal of this room
 */
export async function registerClient(
  fetch: Pick<GuardedFetch, 'exchange'>,
  { endpoint, initialAccessToken, metadata }: RegistrationRequest,
  now: number,
): Promise<RegisteredClient> {
  const facts: Facts = { host: URL.parse(endpoint)?.host, at: 'registration_endpoint' };
  const answer = await fetch
    .exchange(endpoint, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(initialAccessToken !== undefined && { authorization: `Bearer ${initialAccessToken}` }),
      },
      body: JSON.stringify(metadata),
      maxBytes: maxRegistrationBytes,
    })
    .catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      throw asOfProvider(error, facts);
    });
  const secrets = initialAccessToken === undefined ? [] : [initialAccessToken];
  return judgeRegistrationAnswer(answer, metadata, { facts, secrets, now });
}
