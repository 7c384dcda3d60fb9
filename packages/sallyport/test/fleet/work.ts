// Clients at work on a fleet that is being broken: they write down what they were told, and complain about what must
// never be said, whatever is away. No answer, or 5xx, is what a broken fleet may say.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { anyOf, type Chain, type Ledger } from '../kill/ledger.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  refresh,
  type Registered,
  type Tokens,
} from '../house/client.ts';
import type { Browser, Site } from '../house/browser.ts';

export interface Working {
  readonly site: Site;
  /** Signed in, and the client has its consent: authorizing asks nothing. */
  readonly browser: Browser;
  readonly client: Registered;
  readonly ledger: Ledger;
  /** Of each worker after an answer; without it they take all that the machine has, as an attack does. */
  readonly pauseMilliseconds?: number | undefined;
}

export interface Worked {
  /** Requests that were answered as they should be. */
  readonly answers: number;
  /** Requests without an answer, or with 5xx. */
  readonly unanswered: number;
}

export interface Work {
  readonly worked: () => Worked;
  /** Resolves when so many more requests have been answered. @throws what a worker complains about */
  readonly answersMore: (count: number) => Promise<void>;
  /** @throws what a worker complains about */
  readonly stop: () => Promise<Worked>;
}

/** The promise of how soon a revocation is known everywhere. */
const REVOKED_EVERYWHERE_MILLISECONDS = 5_000;
/** A client that got no answer waits this long. */
const PAUSE_MILLISECONDS = 20;

class Unanswered extends Error {}

export function startWork(working: Working, workers = 8): Work {
  const { site, browser, client, ledger, pauseMilliseconds = 0 } = working;
  let [answers, unanswered] = [0, 0];
  let isOver = false;
  const busy = new Set<Chain>();
  const endedAt = new Map<Chain, number>();
  const done = Promise.all(Array.from({ length: workers }, work));
  // Told by whoever asks next.
  done.catch(() => undefined);
  return {
    worked: () => ({ answers, unanswered }),
    async answersMore(count) {
      const enough = answers + count;
      const isEnough = () => answers >= enough;
      while (!isEnough()) await Promise.race([wait(10), done]);
    },
    async stop() {
      isOver = true;
      await done;
      return { answers, unanswered };
    },
  };

  async function work(): Promise<void> {
    while (!isOver) {
      try {
        await one();
        if (pauseMilliseconds > 0) await wait(pauseMilliseconds);
      } catch (error) {
        if (!(error instanceof Unanswered)) {
          isOver = true;
          throw error;
        }
        unanswered += 1;
        await wait(PAUSE_MILLISECONDS);
      }
    }
  }

  async function one(): Promise<void> {
    const { live, ended } = ledger;
    const choice = Math.random();
    const idle = anyOf(new Set([...live].filter((chain) => !busy.has(chain))));
    if (idle === undefined || live.size < workers || choice < 0.2) return begin();
    if (choice < 0.3) return callEnded(anyOf(ended));
    busy.add(idle);
    try {
      if (choice < 0.6) await call(idle);
      else await (choice < 0.93 ? renew(idle) : end(idle));
    } finally {
      busy.delete(idle);
    }
  }

  async function begin(): Promise<void> {
    const asked = authorizationUrl(client, { scope: 'read' });
    const answer = await answered(browser.request(asked.url));
    const location = answer.headers.get('location') ?? '';
    const code = URL.parse(location)?.searchParams.get('code') ?? undefined;
    if (code === undefined && isTemporary(location)) throw new Unanswered();
    assert.ok(code !== undefined, `no code: ${answer.status} ${location}`);
    const { client_id } = client;
    const form = { grant_type: 'authorization_code', client_id, code, code_verifier: asked.code_verifier };
    ledger.live.add({ code, asked, tokens: await tokensOf(askToken(site, form)) });
  }

  async function call(chain: Chain): Promise<void> {
    const response = await answered(askMcp(site, chain.tokens.access_token));
    assert.equal(response.status, 200, `a call with a good token: ${response.text}`);
  }

  async function callEnded(chain: Chain | undefined): Promise<void> {
    if (chain === undefined) return;
    const since = performance.now() - (endedAt.get(chain) ?? 0);
    if (since < REVOKED_EVERYWHERE_MILLISECONDS) return;
    const response = await answered(askMcp(site, chain.tokens.access_token));
    assert.equal(response.status, 401, 'a call with a revoked token');
  }

  async function renew(chain: Chain): Promise<void> {
    chain.tokens = await tokensOf(refresh(site, client, chain.tokens.refresh_token));
  }

  async function end(chain: Chain): Promise<void> {
    // From now on its end may have been written without our hearing of it.
    ledger.live.delete(chain);
    const body = new URLSearchParams({ token: chain.tokens.refresh_token, client_id: client.client_id });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await answered(
      site.ask('/oauth/revoke', { method: 'POST', headers, body: body.toString() }),
    );
    assert.equal(response.status, 200, response.text);
    endedAt.set(chain, performance.now());
    ledger.ended.add(chain);
  }

  async function tokensOf(asking: Promise<Response>): Promise<Tokens> {
    const { status, text } = await answered(asking);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Tokens;
  }

  async function answered(
    asking: Promise<Response>,
  ): Promise<{ status: number; headers: Headers; text: string }> {
    let read;
    try {
      const response = await asking;
      read = { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      if (error instanceof TypeError) throw new Unanswered();
      throw error;
    }
    if (read.status >= 500) throw new Unanswered();
    answers += 1;
    return read;
  }
}

/** RFC 6749 §4.1.2.1: what is away at the moment is told to the client by a redirect. */
function isTemporary(location: string): boolean {
  return URL.parse(location)?.searchParams.get('error') === 'temporarily_unavailable';
}
