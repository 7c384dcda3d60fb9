// Whether an ID token is meant for this sign-in (OpenID Connect Core §3.1.3.7): pure, after its signature was judged or
// beside it. Everything is compared exactly, but for clocks.
import { hash } from 'node:crypto';
import { equalInConstantTime } from '@sallyport/crypto';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { shown } from './metadata.ts';
import type { IssuerRule, UpstreamClaims } from './row.ts';

/** Whose words are listened to, and for whom they must be meant. */
export interface ExpectedParties {
  readonly issuer: IssuerRule;
  readonly client_id: string;
}

export interface ExpectedIdToken extends ExpectedParties {
  /** Of this sign-in. */
  readonly nonce: string;
  /** What came with it: at_hash binds the two. */
  readonly access_token: string;
}

/** Who it is about, of the issuer as this deployment knows it. */
export interface JudgedParties {
  readonly issuer: string;
  readonly subject: string;
}

export interface JudgedIdToken extends JudgedParties {
  readonly claims: UpstreamClaims;
  /** Epoch seconds; when the person proved who they are, where the provider says so. */
  readonly authenticatedAt: number | undefined;
}

/** What the header may say. @returns its algorithm; @throws {Refusal} `id_token_malformed`, `id_token_alg_refused` */
export function judgeIdTokenHeader({ alg, typ, crit }: UpstreamClaims, algs: readonly string[]): string {
  // RFC 8725 §3.11: another kind of JWT by the same issuer is no ID token. RFC 7515 §4.1.11: nothing critical is known here.
  const isTyped = typ === undefined || (typeof typ === 'string' && /^(?:application\/)?jwt$/i.test(typ));
  if (!isTyped || crit !== undefined) throw refuse('id_token_malformed', { typ: shown(typ) });
  if (typeof alg !== 'string' || !algs.includes(alg))
    throw refuse('id_token_alg_refused', { alg: shown(alg) });
  return alg;
}

/**
 * @param alg what its signature was made with, which says how `at_hash` was made
 * @param now epoch seconds
 * @throws {Refusal} one row for each way in which it is wrong
 */
export function judgeIdToken(
  claims: UpstreamClaims,
  alg: string,
  expected: ExpectedIdToken,
  now: number,
): JudgedIdToken {
  const parties = judgeParties(claims, expected);
  judgeTimes(claims, now);
  judgeNonce(claims, expected.nonce);
  judgeAccessToken(claims, alg, expected.access_token);
  return { ...parties, claims, authenticatedAt: judgeAuthTime(claims, now) };
}

/** By whom, for whom and about whom. @throws {Refusal} one row for each way in which that is wrong */
export function judgeParties(claims: UpstreamClaims, { issuer, client_id }: ExpectedParties): JudgedParties {
  const by = judgeIssuer(claims, issuer);
  judgeAudience(claims, client_id);
  return { issuer: by, subject: judgeSubject(claims) };
}

/** @returns in the spelling that identities are kept with */
function judgeIssuer({ iss, ...claims }: UpstreamClaims, rule: IssuerRule): string {
  const { issuer, spellings = [], placeholder } = rule;
  const wrong = () => refuse('id_token_issuer_wrong', { issuer, iss: shown(iss) });
  if (placeholder === undefined) {
    if (iss === issuer || (typeof iss === 'string' && spellings.includes(iss))) return issuer;
    throw wrong();
  }
  const value = claims[placeholder.claim];
  if (typeof value !== 'string' || !placeholder.pattern.test(value)) throw wrong();
  const exact = issuer.replace(placeholder.text, value);
  if (iss !== exact) throw wrong();
  return exact;
}

function judgeAudience({ aud, azp }: UpstreamClaims, client_id: string): void {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(client_id)) throw refuse('id_token_audience_wrong', { aud: shown(audiences[0]) });
  // §3.1.3.7, 4 and 5: of several audiences, whom it was issued to must be said; if it is said, it must be us.
  if ((azp !== undefined || audiences.length > 1) && azp !== client_id)
    throw refuse('id_token_azp_wrong', { azp: shown(azp) });
}

function judgeTimes({ exp, iat, nbf = 0 }: UpstreamClaims, now: number): void {
  const skew = limits.upstreamSkewSeconds;
  if (!isTime(exp) || !isTime(iat) || !isTime(nbf)) throw refuse('id_token_times_malformed');
  if (now >= exp + skew) throw refuse('id_token_expired', { seconds: Math.floor(now - exp) });
  const ahead = Math.max(iat, nbf) - now;
  if (ahead > skew) throw refuse('id_token_not_yet_valid', { seconds: Math.floor(ahead) });
}

/** RFC 7519 §2: a NumericDate may have a fraction. */
const isTime = (date: unknown): date is number => typeof date === 'number' && date >= 0 && date < 2 ** 40;

function judgeNonce({ nonce }: UpstreamClaims, expected: string): void {
  if (typeof nonce !== 'string' || !equalInConstantTime(nonce, expected))
    throw refuse('id_token_nonce_wrong');
}

/** §3.1.3.6: the left half of the hash that the signature is made with; Ed25519 has SHA-512 inside. */
function judgeAccessToken({ at_hash }: UpstreamClaims, alg: string, access_token: string): void {
  if (at_hash === undefined) return;
  const bits = /\d{3}$/.exec(alg)?.[0] ?? '512';
  const whole = hash(`sha${bits}`, access_token, 'buffer');
  const half = whole.subarray(0, whole.length / 2).toString('base64url');
  if (at_hash !== half) throw refuse('id_token_at_hash_wrong');
}

/** §2: at most 255 ASCII characters. */
function judgeSubject({ sub }: UpstreamClaims): string {
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) throw refuse('id_token_subject_invalid');
  return sub;
}

function judgeAuthTime({ auth_time }: UpstreamClaims, now: number): number | undefined {
  if (auth_time === undefined) return undefined;
  if (!isTime(auth_time) || auth_time > now + limits.upstreamSkewSeconds)
    throw refuse('id_token_times_malformed', { claim: 'auth_time' });
  return Math.floor(auth_time);
}
