// Whatever is asked in whatever order: with Redis for what is short-lived the answers are those of SQLite alone.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import fc from 'fast-check';
import * as samples from '../contract/samples.ts';
import { onRedis, ownPlace } from './server.ts';

const { aClient, aCode, aConsent, aGrant, aPaused, anAccessToken, aToken, aUser, digestOf, now } = samples;

const kind = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('keep', 'grant', 'grant', 'redeem', 'redeem') },
  { weight: 20, arbitrary: fc.constantFrom('find', 'find code', 'deny', 'revoke', 'remove access') },
  { weight: 3, arbitrary: fc.constantFrom('remove user', 'remove client', 'add client', 'add client') },
);

/** Before, just before and after a code (600 s) and a paused authorization (3600 s) expire. */
const times = [0, 1, 599, 600, 700, 3599, 3600].map((after) => now + after);

const question = fc.record({
  kind,
  userId: fc.constantFrom('user-1', 'user-2'),
  clientId: fc.constantFrom('client-1', 'client-2'),
  nth: fc.constantFrom(1, 2),
  at: fc.constantFrom(...times),
  isPaused: fc.boolean(),
  isRemembered: fc.boolean(),
});

type Question = typeof question extends fc.Arbitrary<infer Asked> ? Asked : never;

/**
 * @param fresh an id that nothing else has
 * @param registration which one of the client it is; what is made for it has ids that were never given before
 */
async function ask(
  storage: Storage,
  { kind, userId, clientId, nth, at, isPaused, isRemembered }: Question,
  fresh: string,
  registration: number,
): Promise<unknown> {
  const isMade = kind === 'keep' || kind === 'grant' || isRemembered;
  const client = `${clientId}, registration ${isMade ? registration : 0}`;
  const pausedId = digestOf(`${nth} of ${client}`);
  const digest = digestOf(`code ${nth} of ${client} for ${userId}`);
  switch (kind) {
    case 'keep':
      return storage.keepPausedAuthorization(aPaused({ id: pausedId, clientId }));
    case 'find':
      return storage.findPausedAuthorization(pausedId, at);
    case 'grant':
      return storage.grantAuthorization({
        ...(isPaused && { pausedId }),
        grant: aGrant({ id: fresh, userId, clientId, createdAt: at, expiresAt: at + 3600 }),
        code: aCode({ digest, grantId: fresh, createdAt: at, expiresAt: at + 600 }),
        ...(isRemembered && { consent: aConsent({ userId, clientId, scope: [fresh] }) }),
        now: at,
      });
    case 'deny':
      return storage.denyAuthorization({ pausedId, userId, now: at });
    case 'find code':
      return storage.findCode(digest);
    case 'redeem':
      return storage.redeemCode({
        digest,
        refreshToken: aToken({ digest: fresh }),
        accessToken: anAccessToken({ digest: fresh }),
        grantExpiresAt: at + 3600,
        now: at,
      });
    case 'revoke':
      return storage.revokeGrant((await storage.findCode(digest))?.grant.id ?? '', at);
    case 'remove user':
      return storage.removeUser(userId);
    case 'remove client':
      return storage.removeClient(clientId);
    case 'add client':
      return storage.addClient(aClient({ client_id: clientId, traceId: fresh }));
    case 'remove access':
      return storage.removeClientAccess({ userId, of: 'everything', now: at });
  }
}

suite('with Redis and without it', onRedis, () => {
  test('the answers, and what is left, are the same', async (t) => {
    const { ephemeral } = await ownPlace(t);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(question, { minLength: 10, maxLength: 40, size: 'max' }), async (asked) => {
        const deployment = `${ephemeral.deployment}:${(runs += 1)}`;
        const plain = await openStorage('sqlite::memory:');
        const beside = await openStorage('sqlite::memory:', { ephemeral: { ...ephemeral, deployment } });
        try {
          const [expected, found] = [await play(plain, asked), await play(beside, asked)];
          assert.deepEqual(found, expected);
        } finally {
          await plain.close();
          await beside.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

async function play(storage: Storage, asked: readonly Question[]): Promise<unknown> {
  for (const id of ['user-1', 'user-2']) await storage.addUser(aUser({ id }));
  for (const client_id of ['client-1', 'client-2']) await storage.addClient(aClient({ client_id }));
  const heard: unknown[] = [];
  storage.onChange((change) => heard.push(change));
  const answers: unknown[] = [];
  for (const [index, one] of asked.entries()) {
    const registrations = asked
      .slice(0, index)
      .filter(({ kind: before, clientId }) => before === 'add client' && clientId === one.clientId);
    const answer = ask(storage, one, `fresh-${index}`, registrations.length);
    answers.push(await answer.catch(() => 'it threw'));
  }
  const ids = asked.map((_, index) => `fresh-${index}`);
  const left = await Promise.all(
    ids.map(async (id) => [await storage.findGrant(id), await storage.findRefreshToken(id)]),
  );
  const access = await storage.listClientAccess('user-1', now);
  return { answers, left, access, heard };
}
