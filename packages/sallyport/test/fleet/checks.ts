// What must hold on a fleet whatever happened to it: whichever instance is asked, what clients were told is true.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type { Chain, Ledger } from '../kill/ledger.ts';
import { askMcp, askToken, errorOf, refresh, type Registered, type Tokens } from '../house/client.ts';
import type { Fleet } from './fleet.ts';

/** Chains that are looked at each time; the others wait for a later one. */
const CHECKED = 16;

export interface Checked {
  readonly live: number;
  readonly ended: number;
}

export async function checkLedger(fleet: Fleet, client: Registered, ledger: Ledger): Promise<Checked> {
  const live = [...ledger.live].slice(0, CHECKED);
  for (const chain of live) await checkLive(fleet, client, chain);
  for (const chain of live.slice(0, CHECKED / 4)) await checkReplay(fleet, client, ledger, chain);
  for (const chain of live.slice(CHECKED / 4, CHECKED / 2)) ledger.live.delete(chain);
  const ended = [...ledger.ended].slice(0, CHECKED);
  for (const chain of ended) await checkEnded(fleet, client, ledger, chain);
  return { live: live.length, ended: ended.length };
}

/** Of which no request knows where it is answered. */
const any = ({ instances }: Fleet) => instances[randomInt(instances.length)]!.site;

async function checkLive(fleet: Fleet, client: Registered, chain: Chain): Promise<void> {
  const call = await askMcp(any(fleet), chain.tokens.access_token);
  assert.equal(call.status, 200, `a received access token is refused: ${await call.text()}`);
  // Also when the answer of the last refresh was lost.
  const renewed = await refresh(any(fleet), client, chain.tokens.refresh_token);
  const text = await renewed.text();
  assert.equal(renewed.status, 200, `a received refresh token is refused: ${text}`);
  chain.tokens = JSON.parse(text) as Tokens;
}

/** A code that was redeemed stays redeemed. */
async function checkReplay(fleet: Fleet, client: Registered, ledger: Ledger, chain: Chain): Promise<void> {
  const { client_id } = client;
  const { code, asked } = chain;
  const form = { grant_type: 'authorization_code', client_id, code, code_verifier: asked.code_verifier };
  assert.equal(await errorOf(await askToken(any(fleet), form)), 'invalid_grant');
  // Where the code was forgotten with Redis, nothing can tell the replay from a guess: its grant then lives on.
  ledger.live.delete(chain);
}

/** What was revoked stays revoked. */
async function checkEnded(fleet: Fleet, client: Registered, ledger: Ledger, chain: Chain): Promise<void> {
  const call = await askMcp(any(fleet), chain.tokens.access_token);
  assert.equal(call.status, 401, 'a revoked access token works');
  const error = await errorOf(await refresh(any(fleet), client, chain.tokens.refresh_token));
  assert.equal(error, 'invalid_grant', 'a revoked refresh token works');
  ledger.ended.delete(chain);
}
