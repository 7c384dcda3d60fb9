// A signed-in browser: a random token in its cookie, the token's digest in the store, one lifetime that never grows.
import { digest, randomToken } from '@sallyport/crypto';
import { type BrowserRules, clearCookie, readCookie, setCookie } from '@sallyport/pages';
import { type Arrival, type Log, networkOf } from '@sallyport/protocol';
import type { Session, Storage, User } from '@sallyport/storage';
import { browserKind } from './browser-kind.ts';
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';

/** A browser's session and whose it is. */
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
}

/**
 * When the person was last known to be at this browser, for what they do with their own account: when their provider saw
 * them, or when they came back from one that was asked to look and does not say.
 */
export function presentAt({ createdAt, provenAt = 0 }: Session): number {
  return provenAt === 0 ? createdAt : provenAt;
}

/** Who said who it is. */
export interface Proof {
  /** Id of the provider. */
  readonly provider: string;
  /** Who it is there; absent for a password. */
  readonly subject?: string | undefined;
  /** When they proved it there, if not now; 0 when nobody can say. */
  readonly provenAt?: number | undefined;
}

export interface Sessions {
  /** Who is signed in at this browser now, if anybody. */
  identify(request: Request, now: number): Promise<SignedIn | undefined>;
  /**
   * A new session whatever cookie came along (no fixation); the one this browser had ends.
   * @returns the `Set-Cookie` value
   * @throws {Refusal} `account_removed`, when that happened meanwhile
   */
  begin(request: Request, user: User, arrival: Arrival, proof: Proof): Promise<string>;
  /** Ends this browser's session, if any. @returns the `Set-Cookie` value */
  end(request: Request): Promise<string>;
}

export function sessions(storage: Storage, rules: BrowserRules, log: Log): Sessions {
  return { identify, begin, end };

  async function identify(request: Request, now: number): Promise<SignedIn | undefined> {
    const presented = presentedDigest(request);
    const found = presented && (await storage.findSession(presented, now));
    if (!found) return undefined;
    const { seenAt, createdAt } = found.session;
    if (now >= (seenAt ?? createdAt) + limits.seenEverySeconds) await markSeen(found.session, now);
    return found;
  }

  /** Nothing depends on it, so a store that cannot write now must not keep anybody out. */
  async function markSeen({ digest: seen, userId }: Session, now: number): Promise<void> {
    try {
      await storage.markSessionSeen(seen, now);
    } catch (error) {
      log('warn', 'session_not_marked_seen', { userId, message: String(error) });
    }
  }

  async function begin(
    request: Request,
    user: User,
    { now, address }: Arrival,
    { provider, subject, provenAt }: Proof,
  ): Promise<string> {
    const token = randomToken();
    const browser = browserKind(request.headers.get('user-agent'));
    const network = networkOf(address);
    const kept = await storage.keepSession({
      digest: digest(token),
      userId: user.id,
      createdAt: now,
      expiresAt: now + limits.sessionSeconds,
      provider,
      ...(subject !== undefined && { subject }),
      ...(browser !== undefined && { browser }),
      ...(network !== undefined && { network }),
      ...(provenAt !== undefined && { provenAt }),
    });
    if (kept === 'user_gone') throw refuse('account_removed');
    await endPresented(request);
    return setCookie(rules, 'session', token, { maxAgeSeconds: limits.sessionSeconds });
  }

  async function end(request: Request): Promise<string> {
    await endPresented(request);
    return clearCookie(rules, 'session');
  }

  async function endPresented(request: Request): Promise<void> {
    const presented = presentedDigest(request);
    if (presented !== undefined) await storage.endSession(presented);
  }

  function presentedDigest(request: Request): string | undefined {
    const token = readCookie(request, rules, 'session');
    return token === undefined || token.length > limits.sessionTokenMax ? undefined : digest(token);
  }
}
