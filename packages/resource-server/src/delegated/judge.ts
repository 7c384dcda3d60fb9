// Somebody else's token, judged: a JWT by the issuer's keys, any other by asking the issuer.
import { isRefusal, type Caller } from '@sallyport/protocol';
import { errors, jwtVerify } from 'jose';
import type { Introspect, Sender } from '../introspection.ts';
import { faultsOfKeys, rememberingJudge, type Judge } from '../judge.ts';
import { CLOCK_SKEW_SECONDS, MAX_TOKEN_CHARACTERS } from '../limits.ts';
import { refuse } from '../refusals.ts';
import { AuthorizationServerUnavailable } from '../unavailable.ts';
import { foreignCaller, type ExpectedOfClaims } from './claims.ts';
import { ordinaryTypes, type ForeignTokens } from './issuer.ts';
import type { IssuersKeys } from './keys.ts';

/** What JWTs may be signed with: never a secret that the issuer shares with somebody (RFC 8725 §3.1). */
const algorithms = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
];

export interface Judging {
  readonly expected: ExpectedOfClaims;
  /** Absent: the issuer is asked about JWTs as about any other token. */
  readonly jwts?: { readonly rules: ForeignTokens; readonly keys: IssuersKeys };
  readonly introspect?: Introspect | undefined;
  /** Whether it is asked about JWTs too. */
  readonly asksAboutJwts: boolean;
  readonly opaqueTokens?: RegExp | undefined;
}

export function foreignJudge({ expected, jwts, introspect, asksAboutJwts, opaqueTokens }: Judging): Judge {
  const { types = ordinaryTypes, fault } = jwts?.rules ?? {};
  const remembered = rememberingJudge((token, _, now) => verify(token, now));
  const keys = jwts?.keys;
  let withdrawals = 0;
  return { judgeToken, forget: () => remembered.forget() };

  async function judgeToken(token: string, now: number, sender?: () => Sender): Promise<Caller> {
    if (token.length > MAX_TOKEN_CHARACTERS) throw refuse('token_invalid', { characters: token.length });
    if (keys === undefined || !isJwt(token)) return askAbout(token, now, sender);
    // So that what is remembered is forgotten when its key was withdrawn, and nobody comes in by keys nobody has seen for long.
    const withdrawn = await keys.upToDate(now);
    if (withdrawn !== withdrawals) remembered.forget();
    withdrawals = withdrawn;
    const caller = await remembered.judgeToken(token, now);
    // Its signature is good, so nobody made it up.
    return asksAboutJwts ? askAbout(token, now, undefined, caller) : caller;
  }

  async function verify(token: string, now: number): Promise<Caller> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, (keys as IssuersKeys).at(now), {
        issuer: expected.issuer,
        algorithms,
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(now * 1000),
      });
      const { typ } = protectedHeader;
      if (!types.includes(typ?.toLowerCase().replace(/^application\//, '') ?? null))
        throw refuse('token_invalid', { typ: typ?.slice(0, 100) ?? 'none' });
      const why = fault?.(protectedHeader, payload);
      if (why !== undefined) throw refuse('token_invalid', { kind: why });
      return foreignCaller(payload, expected, now);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refuse('token_expired');
      if (isRefusal(error) || error instanceof AuthorizationServerUnavailable) throw error;
      const code = error instanceof errors.JOSEError ? error.code : String(error);
      // What is not about the token is about the key that it names: jose throws a TypeError for one that is too short.
      if (!(error instanceof errors.JOSEError) || faultsOfKeys.has(code))
        throw new AuthorizationServerUnavailable(`A key of ${expected.issuer} cannot be used: ${code}.`, {
          cause: error,
        });
      const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : undefined;
      throw refuse('token_invalid', { jose: code, claim });
    }
  }

  async function askAbout(
    token: string,
    now: number,
    sender: (() => Sender) | undefined,
    caller?: Caller,
  ): Promise<Caller> {
    if (introspect === undefined) throw refuse('token_invalid', { opaque: 'nobody to ask' });
    if (caller === undefined && opaqueTokens !== undefined && !opaqueTokens.test(token))
      throw refuse('token_invalid', { opaque: 'not of this issuer' });
    let isOver = false;
    const onOver = () => void (isOver = true);
    const answer = await introspect(token, now, { sender, onOver });
    // One with a good signature was made by nobody but the issuer.
    if (answer === undefined)
      throw refuse('token_invalid', { introspection: 'not active', isOver: isOver || caller !== undefined });
    if (caller !== undefined) return caller;
    const { iss, token_type, token_use, typ } = answer;
    if (iss !== undefined && iss !== expected.issuer)
      throw refuse('token_invalid', { introspection: 'another issuer' });
    // RFC 7662 §4: an issuer tells of refresh tokens too, some by naming no type.
    if (
      ![token_type, token_use, typ].some(
        (kind) => typeof kind === 'string' && /^(bearer|access(_token)?)$/i.test(kind),
      )
    )
      throw refuse('token_invalid', { introspection: 'not a bearer token' });
    if (typeof token_type === 'string' && token_type.toLowerCase() !== 'bearer')
      throw refuse('token_invalid', { introspection: 'not a bearer token' });
    // It was asked just now, so its age says nothing.
    return foreignCaller(answer, { ...expected, maxAgeSeconds: undefined }, now);
  }
}

const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
