// RFC 7523 §2.2 and §3, OpenID Connect Core §9: the client signs a short statement about itself with a key whose public
// half is known (docs/decisions/private-key-jwt.md).
import { digest, foreignSigningAlgs, isKeyFor, isSignedBy, readForeignJwt } from '@sallyport/crypto';
import type { Refusal } from '@sallyport/protocol';
import {
  ASSERTION_SKEW_SECONDS,
  MAX_ASSERTION_JTI_CHARACTERS,
  MAX_ASSERTION_LIFETIME_SECONDS,
} from '../../limits.ts';
import { refuse, refuseSaying } from '../../refusals.ts';
import type { Assertion, ClientAuthMethod } from './index.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** draft-ietf-oauth-rfc7523bis §4 has a type of its own; before it, `JWT` or nothing was said. Never that of another kind. */
const types: readonly string[] = ['jwt', 'client-authentication+jwt'];

/** What the metadata says that assertions may be signed with. */
export const assertionAlgs = foreignSigningAlgs;

export const privateKeyJwt: ClientAuthMethod = {
  method: 'private_key_jwt',
  isConfidential: true,

  read(_request, { values }) {
    const { client_id, client_assertion, client_assertion_type } = values;
    if (client_assertion === undefined && client_assertion_type === undefined) return undefined;
    if (client_assertion === undefined || client_assertion_type !== ASSERTION_TYPE)
      return refuse('assertion_type_unsupported');
    const jwt = readForeignJwt(client_assertion);
    if (jwt === undefined) return refuse('assertion_malformed');
    const { iss, sub, exp } = jwt.claims;
    // RFC 7523 §3: one client speaks, about itself, as the one that the request names.
    if (typeof sub !== 'string' || sub === '' || iss !== sub || (client_id ?? sub) !== sub)
      return refuse('assertion_subject_differs');
    return { client_id: sub, assertion: { jwt, expiresAt: secondsOf(exp) ?? 0 } };
  },

  judge: ({ assertion }, { issuer }, now) =>
    assertion && (judgeHeader(assertion) ?? judgeClaims(assertion, issuer, now)),

  async verify(client, { assertion }, _now, { arrival, findKeys }) {
    if (assertion === undefined) return false;
    const { jwt } = assertion;
    const { alg, kid } = jwt.header;
    const { token_endpoint_auth_signing_alg = alg } = client.metadata;
    if (typeof alg !== 'string' || alg !== token_endpoint_auth_signing_alg)
      throw refuse('assertion_alg_refused', { client_id: client.client_id });
    const keys = await findKeys(
      client,
      (key) => isKeyFor(alg, key) && (kid === undefined || key.kid === kid),
      arrival,
    );
    const [key, another] = keys;
    if (key === undefined) throw refuse('assertion_key_unknown', { client_id: client.client_id });
    // A signature is not tried with one key after the other: which key it is by is for the client to say.
    if (another !== undefined) throw refuse('assertion_key_ambiguous', { client_id: client.client_id });
    if (!isSignedBy(jwt, key)) throw refuse('assertion_signature_wrong', { client_id: client.client_id });
    return true;
  },

  once: ({ client_id, assertion }) =>
    assertion && {
      kind: 'client_assertion',
      id: digest(JSON.stringify([client_id, assertion.jwt.claims['jti']])),
      // Longer than it is taken: an instance whose clock is ahead must not forget it for one whose clock is behind.
      expiresAt: assertion.expiresAt + 2 * ASSERTION_SKEW_SECONDS,
    },
};

function judgeHeader({ jwt }: Assertion): Refusal | undefined {
  const { typ, alg, crit } = jwt.header;
  const isTyped =
    typ === undefined ||
    (typeof typ === 'string' && types.includes(typ.toLowerCase().replace(/^application\//, '')));
  // RFC 7515 §4.1.11: nothing is understood here that one could be made to understand.
  if (!isTyped || crit !== undefined) return refuse('assertion_typ_refused');
  return typeof alg === 'string' && assertionAlgs.includes(alg) ? undefined : refuse('assertion_alg_refused');
}

function judgeClaims({ jwt, expiresAt }: Assertion, issuer: string, now: number): Refusal | undefined {
  const { aud, exp, nbf, iat, jti } = jwt.claims;
  if (!isForUs(aud, issuer)) return refuseSaying('assertion_audience_refused', { issuer });
  const [notBefore, issuedAt] = [nbf, iat].map((time) => (time === undefined ? 0 : secondsOf(time)));
  if (secondsOf(exp) === undefined || notBefore === undefined || issuedAt === undefined)
    return refuse('assertion_times_malformed');
  const ago = now - expiresAt;
  if (ago >= ASSERTION_SKEW_SECONDS) return refuseSaying('assertion_expired', { seconds: ago });
  const ahead = Math.max(notBefore, issuedAt) - now;
  if (ahead > ASSERTION_SKEW_SECONDS) return refuseSaying('assertion_not_yet_valid', { seconds: ahead });
  const most = MAX_ASSERTION_LIFETIME_SECONDS;
  const lifetime = expiresAt - (iat === undefined ? now : Math.min(issuedAt, now));
  if (lifetime > most + ASSERTION_SKEW_SECONDS)
    return refuseSaying('assertion_lifetime_refused', { most, seconds: lifetime });
  const isNamed = typeof jti === 'string' && jti !== '' && jti.length <= MAX_ASSERTION_JTI_CHARACTERS;
  return isNamed ? undefined : refuse('assertion_jti_missing');
}

/**
 * The issuer, as draft-ietf-oauth-rfc7523bis has it, or the token endpoint, as RFC 7523 and OpenID Connect had it; the same
 * at every endpoint. One audience and no other: whoever has two could be a server that uses the assertion at the other.
 */
function isForUs(aud: unknown, issuer: string): boolean {
  const [one, ...others] = Array.isArray(aud) ? (aud as unknown[]) : [aud];
  return others.length === 0 && (one === issuer || one === `${issuer}/oauth/token`);
}

/** RFC 7519 §2: a NumericDate may have a fraction. */
function secondsOf(date: unknown): number | undefined {
  return typeof date === 'number' && date > 0 && date < 2 ** 40 ? Math.floor(date) : undefined;
}
