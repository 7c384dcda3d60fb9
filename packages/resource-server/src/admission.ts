// Who holds a token, and whether it still stands: judged here by whoever can see the issuer's grants, or asked of the
// issuer by a server that runs elsewhere.
import type { Caller } from '@sallyport/protocol';
import type { JWTVerifyGetKey } from 'jose';
import type { Introspect } from './introspection.ts';
import { callerOf, tokenJudge, type FindOpaque, type Judge } from './judge.ts';
import { MAX_TOKEN_CHARACTERS } from './limits.ts';
import { refuse } from './refusals.ts';

/** For a server beside the issuer's store. */
export interface JudgedHere extends IssuersKeys {
  /** Knows opaque tokens; without it only JWTs are accepted. */
  readonly findOpaque?: FindOpaque;
  /**
   * Whether the grant of a token still stands; asked on every request, so it should be cheap. It may throw when that
   * cannot be known: then nobody is let through, and the error is the caller's to answer.
   */
  readonly isLive: (grantId: string, now: number) => boolean | Promise<boolean>;
  /** The trace of the login that a grant came from, where `isLive` has just made it known. */
  readonly traceOf?: (grantId: string) => string | undefined;
  readonly introspect?: never;
}

/** For a server that runs elsewhere. With the issuer's keys, it is asked about no JWT that they did not sign. */
export type AskedOfIssuer = (IssuersKeys | { readonly keys?: never; readonly algorithms?: never }) & {
  /** What the issuer says, for example `introspection(…)`; it throws when the issuer says nothing, as `isLive` may. */
  readonly introspect: Introspect;
  readonly findOpaque?: never;
  readonly isLive?: never;
  readonly traceOf?: never;
};

interface IssuersKeys {
  /** Public keys of the issuer, for example from `createLocalJWKSet` or `createRemoteJWKSet` of jose. */
  readonly keys: JWTVerifyGetKey;
  /** JWS algorithms that are accepted. */
  readonly algorithms: readonly string[];
}

/**
 * In place of `isLive`, where nobody can be asked: who was revoked, locked out or removed goes on calling until the token
 * expires.
 */
export const believeRevokedTokensUntilTheyExpire = (): true => true;

interface Expected {
  /** Exact `iss`. */
  readonly issuer: string;
  /** Exact `aud`. */
  readonly resource: string;
}

export function admission(options: JudgedHere | AskedOfIssuer, expected: Expected): Judge {
  return options.introspect === undefined ? judgedHere(options, expected) : askedOfIssuer(options, expected);
}

function judgedHere(options: JudgedHere, expected: Expected): Judge {
  const { isLive } = options;
  const judge = tokenJudge({ ...options, ...expected });
  return {
    async judgeToken(token, now) {
      const caller = await judge.judgeToken(token, now);
      if (!(await isLive(caller.grantId, now))) throw refuse('grant_revoked', { grantId: caller.grantId });
      return caller;
    },
    forget: () => judge.forget(),
  };
}

function askedOfIssuer({ introspect, ...given }: AskedOfIssuer, expected: Expected): Judge {
  const judge = given.keys === undefined ? undefined : tokenJudge({ ...given, ...expected });
  return {
    async judgeToken(token, now, sender) {
      if (token.length > MAX_TOKEN_CHARACTERS) throw refuse('token_invalid', { characters: token.length });
      const isJwt = judge !== undefined && token.includes('.');
      if (isJwt) await judge.judgeToken(token, now);
      // A good signature was made by nobody but the issuer.
      let isOver = isJwt;
      const onOver = () => void (isOver = true);
      const answer = await introspect(token, now, { sender: isJwt ? undefined : sender, onOver });
      if (answer === undefined) throw refuse('token_invalid', { introspection: 'not active', isOver });
      return judgeAnswer(answer, expected, now);
    },
    forget: () => judge?.forget(),
  };
}

/** An issuer tells of more than this server's access tokens: RFC 7662 §4 leaves it to the server to look. */
function judgeAnswer(
  { iss, aud, token_type, ...claims }: Readonly<Record<string, unknown>>,
  { issuer, resource }: Expected,
  now: number,
): Caller {
  if (iss !== issuer) throw refuse('token_invalid', { introspection: 'another issuer' });
  if (!(Array.isArray(aud) ? aud : [aud]).includes(resource))
    throw refuse('token_invalid', { introspection: 'another audience' });
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'bearer')
    throw refuse('token_invalid', { introspection: 'not a bearer token' });
  const caller = callerOf(claims, resource);
  if (caller.expiresAt <= now) throw refuse('token_expired', { grantId: caller.grantId });
  return caller;
}
