// A stream outlives the request that was admitted, so what admitted it is watched for as long as it is open.

import { keepAliveSeconds, maxIdleSeconds } from '../limits.ts';
import type { Session, Sessions } from './sessions.ts';

/** What the streams need to know between requests. */
export interface Watched {
  /** Epoch seconds. */
  readonly now: () => number;
  /** Whether a grant still stands; may throw when that cannot be known now. */
  readonly isLive: (grantId: string, now: number) => boolean | Promise<boolean>;
  /**
   * Tells the id of a grant that was revoked, or undefined when any of them may have been.
   * @returns a function that stops it
   */
  readonly onChange: (listener: (grantId: string | undefined) => void) => () => void;
  /**
   * Calls `work` about once a second.
   * @returns a function that stops it
   */
  readonly everySecond?: (work: () => void) => () => void;
}

export interface Watch {
  /** @throws what `isLive` throws; the session is ended then */
  begin(session: Session, now: number): Promise<void>;
  close(): void;
}

export function watchSessions(sessions: Sessions, watched: Watched): Watch {
  const { now, isLive, onChange, everySecond = eachSecond } = watched;
  let ticking: (() => void) | undefined;
  /** Some grant may have ended, and it is not known yet which. */
  let isInDoubt = false;
  let isAsking = false;
  const stopListening = onChange((grantId) => {
    if (grantId === undefined) {
      isInDoubt = true;
      void askAll();
      return;
    }
    endThoseOf(grantId);
  });
  return {
    begin,
    close() {
      stopListening();
      stopTicking();
    },
  };

  async function begin(session: Session, at: number): Promise<void> {
    ticking ??= everySecond(tick);
    try {
      if (!(await stands(session.caller.grantId, at))) sessions.end(session, 'grant_ended');
    } catch (error) {
      sessions.end(session, 'grant_unknown');
      throw error;
    }
  }

  /** Of a grant that is known here; what somebody else issued is judged with each request, and ends with its token. */
  async function stands(grantId: string | undefined, at: number): Promise<boolean> {
    return grantId === undefined || (await isLive(grantId, at));
  }

  function stopTicking(): void {
    ticking?.();
    ticking = undefined;
  }

  function tick(): void {
    const at = now();
    for (const session of sessions.all.values()) {
      if (session.expiresAt <= at) sessions.end(session, 'token_expired');
      else if (session.pending === 0 && session.usedAt + maxIdleSeconds <= at) sessions.end(session, 'idle');
      else if (session.keptAliveAt + keepAliveSeconds <= at) {
        session.keptAliveAt = at;
        session.stream.keepAlive();
      }
    }
    if (isInDoubt) void askAll();
    if (sessions.all.size === 0) stopTicking();
  }

  function endThoseOf(grantId: string): void {
    for (const session of sessions.all.values()) {
      if (session.caller.grantId === grantId) sessions.end(session, 'grant_ended');
    }
  }

  /**
   * While the store cannot tell, the streams stay, and are asked about again at the next tick: an answer on one follows
   * only a POST that was admitted by itself.
   */
  async function askAll(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    try {
      while (isInDoubt) {
        isInDoubt = false;
        const grantIds = new Set([...sessions.all.values()].map(({ caller }) => caller.grantId));
        for (const grantId of grantIds) {
          if (grantId !== undefined && !(await isLive(grantId, now()))) endThoseOf(grantId);
        }
      }
    } catch {
      isInDoubt = true;
    } finally {
      isAsking = false;
    }
  }
}

function eachSecond(work: () => void): () => void {
  const timer = setInterval(work, 1_000).unref();
  return () => clearInterval(timer);
}
