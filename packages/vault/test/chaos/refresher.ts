// One instance of the vault, as a process of its own that may be killed at any moment. Says on stdout what it keeps and
// what it never heard; ends when its stdin does. Started by chaos.test.ts.
import { createSecretKey } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal, type Log } from '@sallyport/protocol';
import { openStorage } from '@sallyport/storage';
import { requestTokens, sealingUnder, startRefreshing, vault } from '@sallyport/vault';
import { idOf } from '../../src/entry.ts';
import { keychain } from '../house.ts';
import { provider, timing, userId } from './setting.ts';

const [url = '', endpoint = '', key = '', name = '', count = ''] = process.argv.slice(2);
const storage = await openStorage(url);
const subjects = Array.from({ length: Number(count) }, (_, i) => `s${i}`);
const subjectOf = new Map(subjects.map((subject) => [idOf({ userId, provider, subject }), subject]));
const heard = new Map<string, string>();
const say = (...words: readonly string[]) => writeSync(1, `${words.join(' ')}\n`);
const now = () => Math.floor(Date.now() / 1000);

const log: Log = (_level, event, facts = {}) => {
  const subject = subjectOf.get(String(facts['entryId'])) ?? '';
  if (event === 'vault_refreshed') say('kept', heard.get(subject) ?? '');
  if (event === 'vault_tokens_lost' || event === 'vault_entry_unreadable') say('broken', event, subject);
};
const fetch = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, milliseconds: 1_500 });

async function refresh(refresh_token: string, at: number) {
  try {
    const parameters = { grant_type: 'refresh_token', refresh_token };
    const clientAuth = { method: 'none', client_id: name } as const;
    const answer = await requestTokens(fetch, { endpoint, parameters, clientAuth }, at);
    heard.set(refresh_token.split('.', 1)[0] ?? '', answer.refresh_token ?? '');
    return answer;
  } catch (error) {
    if (isRefusal(error) && error.reason === 'provider_unreachable') say('unheard', refresh_token);
    throw error;
  }
}

const sealing = sealingUnder(keychain({ id: 'key', key: createSecretKey(Buffer.from(key, 'hex')) }));
const kept = vault({ storage, sealing, log, refreshers: { [provider]: { refresh } }, timing });
const stop = startRefreshing(kept, { everySeconds: 0.1, log, now });
const ending = new AbortController();

/** Tool calls, which need a token now. */
async function call(): Promise<void> {
  while (!ending.signal.aborted) {
    const subject = subjects[Math.floor(Math.random() * subjects.length)] ?? '';
    const found = await kept.accessToken({ userId, provider, subject }, now());
    if (found.outcome === 'token' && !found.access_token.startsWith(`access.${subject}.`))
      say('broken', 'another one’s token', subject);
    await wait(30);
  }
}

const calls = [call(), call()];
say('ready');
process.stdin.resume();
process.stdin.once('end', () => {
  ending.abort();
  void (async () => {
    await stop();
    await kept.close();
    await Promise.all(calls);
    await storage.close();
  })();
});
