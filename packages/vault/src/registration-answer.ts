// What a registration endpoint answered, made into a client or a refusal (RFC 7591 §3.2). It may give something else than
// was asked for (§3.2.1); what this server could not work with, or what contradicts itself, is none.
import type { Refusal } from '@sallyport/protocol';
import { leastSecretSeconds, maxClientWordCharacters, maxTokenCharacters } from './limits.ts';
import { refuse } from './refusals.ts';
import { errorOf, ownWords, readMembers, type About, type Answer } from './token-answer.ts';

/** How a registered client can prove itself here, the best first: what is in a header is in fewer logs. */
export const registrableMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
export type RegistrableMethod = (typeof registrableMethods)[number];

/** What is asked for (RFC 7591 §2). */
export interface ClientMetadata {
  readonly client_name: string;
  readonly application_type: 'web';
  readonly redirect_uris: readonly [string];
  readonly grant_types: readonly string[];
  readonly response_types: readonly ['code'];
  readonly token_endpoint_auth_method: RegistrableMethod;
  readonly scope?: string;
}

/** What is kept of the answer. */
export interface RegisteredClient {
  readonly client_id: string;
  readonly token_endpoint_auth_method: RegistrableMethod;
  /** Absent with `none`. */
  readonly client_secret?: string;
  /** Epoch seconds; absent: the secret lasts. */
  readonly client_secret_expires_at?: number;
  /** With which the client could be changed or removed there (RFC 7592). */
  readonly registration_access_token?: string;
  readonly registration_client_uri?: string;
}

type Members = Readonly<Record<string, unknown>>;

/** @throws {Refusal} `provider_registration_refused`, `provider_registration_unusable`, `provider_busy`, `provider_failing` */
export function judgeRegistrationAnswer(
  answer: Answer,
  asked: ClientMetadata,
  about: About,
): RegisteredClient {
  const members = readMembers(answer);
  const { status } = answer;
  const error = errorOf(members);
  // §3.2.1 says 201. Who answers 200 has registered the client too, and would again at each further try.
  if (error !== undefined || (status !== 201 && status !== 200))
    throw refusalOf(status, { ...about.facts, status, ...ownWords(members, error, about.secrets) });
  const unusable = (why: string): Refusal =>
    refuse('provider_registration_unusable', { ...about.facts, status, why });
  const client_id = wordOf(members['client_id'], maxClientWordCharacters);
  if (client_id === undefined) throw unusable('client_id');
  const contradicted = contradictionOf(members, asked);
  if (contradicted !== undefined) throw unusable(contradicted);
  const method = methodOf(members, asked);
  if (method === undefined) throw unusable('token_endpoint_auth_method');
  const secret = method === 'none' ? {} : secretOf(members, about.now);
  if (typeof secret === 'string') throw unusable(secret);
  const registration_access_token = wordOf(members['registration_access_token'], maxTokenCharacters);
  const registration_client_uri = wordOf(members['registration_client_uri'], maxClientWordCharacters);
  return {
    client_id,
    token_endpoint_auth_method: method,
    ...secret,
    ...(registration_access_token !== undefined && { registration_access_token }),
    ...(registration_client_uri !== undefined && { registration_client_uri }),
  };
}

function refusalOf(status: number, facts: Refusal['facts']): Refusal {
  if (status === 429) return refuse('provider_busy', facts);
  if (status >= 500) return refuse('provider_failing', facts);
  return refuse('provider_registration_refused', facts);
}

/** What it says back of what was asked for; what it leaves out is as it was asked. @returns which member says otherwise */
function contradictionOf(members: Members, { redirect_uris }: ClientMetadata): string | undefined {
  const { redirect_uris: uris, grant_types: grants, response_types: responses } = members;
  const lists = { redirect_uris: uris, grant_types: grants, response_types: responses };
  const [noList] = Object.entries(lists).find(([, it]) => it !== undefined && !Array.isArray(it)) ?? [];
  if (noList !== undefined) return noList;
  // Another address besides would be somebody else's way to this server's codes.
  if (Array.isArray(uris) && !(uris.length === 1 && uris[0] === redirect_uris[0])) return 'redirect_uris';
  if (Array.isArray(grants) && !grants.includes('authorization_code')) return 'grant_types';
  if (Array.isArray(responses) && !responses.includes('code')) return 'response_types';
  return undefined;
}

function methodOf(members: Members, asked: ClientMetadata): RegistrableMethod | undefined {
  const { token_endpoint_auth_method: said = asked.token_endpoint_auth_method } = members;
  return registrableMethods.find((method) => method === said);
}

/** @returns the secret and its end, or which member is wrong */
function secretOf(
  { client_secret, client_secret_expires_at: end = 0 }: Members,
  now: number,
): Pick<RegisteredClient, 'client_secret' | 'client_secret_expires_at'> | string {
  const secret = wordOf(client_secret, maxClientWordCharacters);
  if (secret === undefined) return 'client_secret';
  // §3.2.1: 0 is for ever.
  if (end === 0) return { client_secret: secret };
  if (typeof end !== 'number' || !Number.isSafeInteger(end) || end < now + leastSecretSeconds)
    return 'client_secret_expires_at';
  return { client_secret: secret, client_secret_expires_at: end };
}

/** RFC 6749 Appendix A.1 and A.2, without spaces: it goes into headers and URLs. */
function wordOf(value: unknown, most: number): string | undefined {
  return typeof value === 'string' && value.length <= most && /^[\x21-\x7e]+$/.test(value)
    ? value
    : undefined;
}
