// Clients at work: they sign in, refresh and revoke, and write down what they were told, until the server is gone.
import assert from 'node:assert/strict';
import { askToken, authorizationUrl, refresh, type Registered, type Tokens } from '../house/client.ts';
import type { Browser, Site } from '../house/browser.ts';
import { anyOf, type Chain, type Ledger } from './ledger.ts';

export const WORKERS = 8;

export interface Working {
  readonly site: Site;
  /** Signed in, and the client has its consent: authorizing asks nothing. */
  readonly browser: Browser;
  readonly client: Registered;
  readonly ledger: Ledger;
}

/**
 * @param enough answers after which `kill` is called, while the workers go on
 * @returns when every worker has met the death of the server; how many answers they had
 */
export async function workUntilItDies(working: Working, enough: number, kill: () => void): Promise<number> {
  let answers = 0;
  const busy = new Set<Chain>();
  await Promise.all(Array.from({ length: WORKERS }, work));
  return answers;

  async function work(): Promise<void> {
    try {
      for (;;) {
        await one();
        answers += 1;
        if (answers === enough) kill();
      }
    } catch (error) {
      // The connection broke: that is what we wait for. Anything else is a finding.
      if (!(error instanceof TypeError && error.message === 'fetch failed') && !isCutOff(error)) throw error;
    }
  }

  async function one(): Promise<void> {
    const { live } = working.ledger;
    const choice = Math.random();
    const idle = anyOf(new Set([...live].filter((chain) => !busy.has(chain))));
    if (idle === undefined || live.size < WORKERS || choice < 0.3) {
      await begin(working);
      return;
    }
    busy.add(idle);
    await (choice < 0.9 ? renew(working, idle) : end(working, idle));
    busy.delete(idle);
  }
}

async function begin({ site, browser, client, ledger }: Working): Promise<void> {
  const asked = authorizationUrl(client, { scope: 'read' });
  const answer = await browser.request(asked.url);
  const location = answer.headers.get('location') ?? '';
  const code = new URL(location).searchParams.get('code');
  assert.ok(code !== null, `no code: ${location}`);
  const { client_id } = client;
  const form = { grant_type: 'authorization_code', client_id, code, code_verifier: asked.code_verifier };
  ledger.live.add({ code, asked, tokens: await tokensOf(await askToken(site, form)) });
}

async function renew({ site, client }: Working, chain: Chain): Promise<void> {
  chain.tokens = await tokensOf(await refresh(site, client, chain.tokens.refresh_token));
}

async function end({ site, client, ledger }: Working, chain: Chain): Promise<void> {
  // From now on its end may have been written without our hearing of it.
  ledger.live.delete(chain);
  const response = await site.ask('/oauth/revoke', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: chain.tokens.refresh_token, client_id: client.client_id }).toString(),
  });
  await response.text();
  assert.equal(response.status, 200);
  ledger.ended.add(chain);
}

async function tokensOf(response: Response): Promise<Tokens> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as Tokens;
}

/** The answer had begun when the server died. */
function isCutOff(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'terminated';
}
