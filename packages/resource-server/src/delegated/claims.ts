// What somebody else's token, or their word about one, makes of a caller. Every member is looked at; nothing is believed
// because it usually is so.
import { readScope, type Caller, type ForeignIdentity } from '@sallyport/protocol';
import type { JWTPayload } from 'jose';
import { CLOCK_SKEW_SECONDS, LAST_SECOND, MAX_SUBJECT_CHARACTERS } from '../limits.ts';
import { refuse } from '../refusals.ts';

export interface ExpectedOfClaims {
  readonly issuer: string;
  readonly resource: string;
  readonly audiences: readonly string[];
  readonly acceptsNoAudience: boolean;
  readonly clientIdClaims: readonly string[];
  /** Of `iat`; absent: any. */
  readonly maxAgeSeconds?: number | undefined;
}

/** @throws a refusal; what was wrong is for the log */
export function foreignCaller(claims: JWTPayload, expected: ExpectedOfClaims, now: number): Caller {
  const { sub, nbf } = claims;
  judgeKind(claims);
  judgeAudience(claims['aud'], expected);
  // OpenID Connect Core §2 has 255 for the longest.
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_CHARACTERS)
    throw refuse('token_invalid', { claims: 'no sub' });
  // Half of a surrogate pair becomes the same character whichever half it was, and PostgreSQL keeps no NUL: two people
  // could be one.
  if (/[\p{Cc}\p{Cs}]/u.test(sub)) throw refuse('token_invalid', { claims: 'characters of sub' });
  const exp = endOf(claims, expected.maxAgeSeconds, now);
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + CLOCK_SKEW_SECONDS))
    throw refuse('token_invalid', { claims: 'nbf' });
  if (exp <= now) throw refuse('token_expired');
  const client_id = firstText(claims, expected.clientIdClaims);
  if (client_id === undefined)
    throw refuse('token_invalid', { claims: `no client in ${expected.clientIdClaims.join(', ')}` });
  return {
    sub,
    client_id,
    scope: scopeOf(claims),
    resource: expected.resource,
    expiresAt: exp,
    foreign: identityOf(claims, expected.issuer),
  };
}

function endOf({ exp, iat }: JWTPayload, maxAgeSeconds: number | undefined, now: number): number {
  // Without an end nothing would end it here.
  if (typeof exp !== 'number' || exp > LAST_SECOND) throw refuse('token_invalid', { claims: 'no exp' });
  if (maxAgeSeconds === undefined) return exp;
  // One from the future would live for longer than was said.
  if (typeof iat !== 'number' || !(iat <= now + CLOCK_SKEW_SECONDS))
    throw refuse('token_invalid', { claims: 'iat' });
  return Math.min(exp, Math.floor(iat) + maxAgeSeconds);
}

/** The same key signs an issuer's ID tokens, and often more; some of it can be told from an access token. */
function judgeKind(claims: JWTPayload): void {
  const kind = otherKind(claims);
  if (kind !== undefined) throw refuse('token_invalid', { kind });
}

function otherKind(claims: JWTPayload): string | undefined {
  const { typ, token_use, nonce, cnf, events } = claims;
  // Keycloak says it in `typ`, Cognito and Hydra in `token_use`.
  if (typeof typ === 'string' && !/^(bearer|(application\/)?at\+jwt|jwt)$/i.test(typ)) return 'by its typ';
  if (typeof token_use === 'string' && !/^access(_token)?$/i.test(token_use)) return 'by its token_use';
  // OpenID Connect Core §3.1.3.6, §3.3.2.11
  if (['at_hash', 'c_hash', 's_hash'].some((name) => claims[name] !== undefined)) return 'an ID token';
  // §2 too; but Keycloak 24 and older repeat it in what they call a bearer token.
  const saysAccess = token_use !== undefined || (typeof typ === 'string' && /^bearer$/i.test(typ));
  if (nonce !== undefined && !saysAccess) return 'an ID token';
  // OpenID Connect Back-Channel Logout §2.4, RFC 8417 §2.2
  if (events !== undefined) return 'a security event';
  // RFC 7800: it works only with a proof of the key, which is not looked at here.
  return cnf === undefined ? undefined : 'bound to a key';
}

function judgeAudience(
  aud: unknown,
  { audiences, acceptsNoAudience }: Pick<ExpectedOfClaims, 'audiences' | 'acceptsNoAudience'>,
): void {
  const named = aud === undefined || aud === null ? [] : Array.isArray(aud) ? aud : [aud];
  if (named.length === 0 && acceptsNoAudience) return;
  if (named.length === 0) throw refuse('token_without_audience');
  if (!named.some((one) => audiences.includes(one as string)))
    throw refuse('token_of_another_server', { audience: named.join(' ').slice(0, 300) });
}

/** RFC 9068 §2.2.3; a list, or in `scp`, at Okta, Entra and others. */
function scopeOf({ scope, scp }: JWTPayload): readonly string[] {
  const said: unknown = scope ?? scp;
  const text = Array.isArray(said) ? said.filter((one) => typeof one === 'string').join(' ') : said;
  return readScope(typeof text === 'string' ? text : undefined);
}

function identityOf(claims: JWTPayload, issuer: string): ForeignIdentity {
  const email = firstText(claims, ['email']);
  const name = firstText(claims, ['name']);
  const username = firstText(claims, ['preferred_username', 'username']);
  return {
    issuer,
    ...(email !== undefined && { email }),
    emailVerified: email !== undefined && claims['email_verified'] === true,
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
    claims,
  };
}

function firstText(claims: JWTPayload, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
