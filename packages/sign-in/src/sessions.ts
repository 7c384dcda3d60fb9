// A signed-in browser: a random token in its cookie, the token's digest in the store, one lifetime that never grows.
import { digest, randomToken } from '@sallyport/crypto';
import { type BrowserRules, clearCookie, readCookie, setCookie } from '@sallyport/pages';
import type { Person } from '@sallyport/protocol';
import type { Storage, User } from '@sallyport/storage';
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';

export interface Sessions {
  /** Who is signed in at this browser now, if anybody. */
  identify(request: Request, now: number): Promise<Person | undefined>;
  /**
   * A new session whatever cookie came along (no fixation); the one this browser had ends.
   * @returns the `Set-Cookie` value
   * @throws {Refusal} `credentials_wrong` when the account was removed meanwhile
   */
  begin(request: Request, user: User, now: number): Promise<string>;
  /** Ends this browser's session, if any. @returns the `Set-Cookie` value */
  end(request: Request): Promise<string>;
}

export function sessions(storage: Storage, rules: BrowserRules): Sessions {
  return { identify, begin, end };

  async function identify(request: Request, now: number): Promise<Person | undefined> {
    const presented = presentedDigest(request);
    const found = presented && (await storage.findSession(presented, now));
    return found ? { id: found.user.id, email: found.user.email, name: found.user.name } : undefined;
  }

  async function begin(request: Request, user: User, now: number): Promise<string> {
    const token = randomToken();
    const kept = await storage.keepSession({
      digest: digest(token),
      userId: user.id,
      createdAt: now,
      expiresAt: now + limits.sessionSeconds,
    });
    if (kept === 'user_gone') throw refuse('credentials_wrong', { why: 'account_removed' });
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
