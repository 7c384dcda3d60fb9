// What a token says, judged once: signature, type, issuer, audience and times (RFC 9068 §4), or what its issuer knows of
// an opaque one. The judgement is remembered by the token's digest, since the same one comes with every request; liveness
// is asked anew each time.
import { digest } from '@sallyport/crypto';
import { readScope, type Caller, type GrantedCaller } from '@sallyport/protocol';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Sender } from './introspection.ts';
import { MAX_JUDGED_TOKENS, MAX_TOKEN_CHARACTERS } from './limits.ts';
import { refuse } from './refusals.ts';

/**
 * What an opaque token means.
 * @param tokenDigest SHA-256 in base64url
 * @returns undefined when it is unknown; the caller's `resource` is what the token was issued for
 */
export type FindOpaque = (tokenDigest: string) => Promise<GrantedCaller | undefined>;

export interface Judge<Judged extends Caller = Caller> {
  /**
   * @param sender for whom an issuer would be asked; called only then
   * @throws a refusal `token_invalid`, `token_of_another_server` or `token_expired`, or that of `sender`; whatever `keys`
   *   or `findOpaque` throw when they cannot tell
   */
  judgeToken(token: string, now: number, sender?: () => Sender): Promise<Judged>;
  /** Forgets every judgement, those too that are under way. */
  forget(): void;
}

export function tokenJudge(expected: {
  readonly issuer: string;
  readonly resource: string;
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  readonly findOpaque?: FindOpaque;
}): Judge<GrantedCaller> {
  return rememberingJudge(async (token, key, now) =>
    token.includes('.') ? callerOf(await verify(token, now), expected.resource) : look(key, now),
  );

  async function verify(token: string, now: number): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, expected.keys, {
        issuer: expected.issuer,
        audience: expected.resource,
        typ: 'at+jwt',
        algorithms: [...expected.algorithms],
        requiredClaims: ['sub', 'client_id', 'exp', 'iat', 'jti'],
        currentDate: new Date(now * 1000),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refuse('token_expired');
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
        throw refuse('token_of_another_server');
      if (!(error instanceof errors.JOSEError) || faultsOfKeys.has(error.code)) throw error;
      throw refuse('token_invalid', { jose: error.code });
    }
  }

  async function look(key: string, now: number): Promise<GrantedCaller> {
    const caller = await expected.findOpaque?.(key);
    if (caller === undefined) throw refuse('token_invalid', { opaque: 'unknown' });
    const { grantId, expiresAt } = caller;
    if (caller.resource !== expected.resource)
      throw refuse('token_of_another_server', { grantId, audience: caller.resource });
    if (expiresAt <= now) throw refuse('token_expired', { grantId });
    return caller;
  }
}

/** @param judgeAnew is asked about a token once, with its digest; what it throws is not remembered */
export function rememberingJudge<Judged extends Caller>(
  judgeAnew: (token: string, key: string, now: number) => Promise<Judged>,
): Judge<Judged> {
  // Insertion order is age: the oldest goes first.
  const judged = new Map<string, Judged>();
  let timesForgotten = 0;

  async function judgeToken(token: string, now: number): Promise<Judged> {
    if (token.length > MAX_TOKEN_CHARACTERS) throw refuse('token_invalid', { characters: token.length });
    const key = digest(token);
    const known = judged.get(key);
    if (known !== undefined) {
      if (known.expiresAt > now) return known;
      judged.delete(key);
      throw refuse('token_expired', { grantId: known.grantId });
    }
    const before = timesForgotten;
    const caller = await judgeAnew(token, key, now);
    // True for this request; but the key that it was judged by may have been taken away meanwhile.
    if (before !== timesForgotten) return caller;
    judged.set(key, caller);
    const [oldest] = judged.keys();
    if (judged.size > MAX_JUDGED_TOKENS && oldest !== undefined) judged.delete(oldest);
    return caller;
  }

  function forget(): void {
    timesForgotten += 1;
    judged.clear();
  }

  return { judgeToken, forget };
}

/**
 * What jose throws when the issuer's keys cannot be fetched (the first is its word for an answer that is not 200, or not
 * JSON) or are no keys. That says nothing about the token; a false 401 would cost the person a login.
 */
export const faultsOfKeys: ReadonlySet<string> = new Set([
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JWKInvalid.code,
]);

/** RFC 9068 §2.2, every member of the type that it must have. */
export function callerOf(claims: JWTPayload, resource: string): GrantedCaller {
  const { sub, client_id, scope, grant_id, exp } = claims;
  if (
    typeof sub !== 'string' ||
    typeof client_id !== 'string' ||
    typeof exp !== 'number' ||
    typeof grant_id !== 'string'
  )
    throw refuse('token_invalid', { claims: 'types' });
  return {
    sub,
    client_id,
    scope: readScope(typeof scope === 'string' ? scope : undefined),
    resource,
    grantId: grant_id,
    expiresAt: exp,
  };
}
