// PostgreSQL answers what SQLite answers, whatever is asked of both in the same order.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import * as samples from '../contract/samples.ts';
import { empty, onPostgres, readySchema } from './schema.ts';

const { aClient, aCode, aConsent, aGrant, aKey, aLoginEvent, anAccessToken, anItem, aPaused } = samples;
const { aRecordsClient, aSession, aTag, aToken, aUser, digestOf, now, redeem, rotate } = samples;

type Call = (storage: Storage) => Promise<unknown>;

/** What is picked from: so few that calls meet each other's rows all the time. */
interface Picked {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Seconds after `now`. */
  readonly later: number;
}

const texts = ['x', 'ä\0', 'a\u0001b', ''];
const text = (n: number): string => texts[n % texts.length] ?? '';

/** A fresh object for each call, so that no backend can see what another did to it. */
const calls: Readonly<Record<string, (picked: Picked) => Call>> = {
  addFirstUser:
    ({ a }) =>
    async (s) =>
      s.addFirstUser(aUser({ id: `u${a}`, role: 'operator' })),
  addUser:
    ({ a, b }) =>
    async (s) =>
      (await s.findUser(`u${a}`)) === undefined
        ? s.addUser(aUser({ id: `u${a}`, email: `${b}`, name: text(b) }))
        : 'there',
  findUser:
    ({ a, b }) =>
    async (s) => [await s.findUser(`u${a}`), await s.findUserByEmail(`${b}`)],
  listUsers: () => async (s) => [await s.listUsers(), await s.hasUsers()],
  setPassword:
    ({ a, b }) =>
    (s) =>
      s.setPassword({
        userId: `u${a}`,
        passwordHash: text(b),
        ...(b === 1 ? { keepSession: digestOf('s1') } : {}),
        now,
      }),
  removeUser:
    ({ a }) =>
    (s) =>
      s.removeUser(`u${a}`),
  removeUserUnlessNeeded:
    ({ a }) =>
    async (s) => [await s.isLastOperator(`u${a}`), await s.removeUserUnlessNeeded(`u${a}`)],
  keepSession:
    ({ a, b, later }) =>
    async (s) => {
      await s.endSession(digestOf(`s${b}`));
      return s.keepSession(aSession({ digest: digestOf(`s${b}`), userId: `u${a}`, expiresAt: now + later }));
    },
  findSession:
    ({ b, later }) =>
    (s) =>
      s.findSession(digestOf(`s${b}`), now + later),
  listSessions:
    ({ a, b, later }) =>
    async (s) => {
      await s.markSessionSeen(digestOf(`s${b}`), now + later);
      return s.listSessions(`u${a}`, now + later);
    },
  endOtherSessions:
    ({ a, b }) =>
    (s) =>
      s.endOtherSessions({ userId: `u${a}`, keep: digestOf(`s${b}`) }),
  addClient:
    ({ a, b, later }) =>
    (s) =>
      s.addClient(
        aClient({
          client_id: `c${a}`,
          createdAt: now - later,
          traceId: `t${b}`,
          ...(b === 1
            ? { accessTokenFormat: 'opaque', secretDigest: text(b) }
            : { registeredBy: 'operator' }),
        }),
      ),
  findClient:
    ({ a }) =>
    async (s) => [await s.findClient(`c${a}`), await s.listClients()],
  replaceClientSecret:
    ({ a, b, c, later }) =>
    (s) =>
      s.replaceClientSecret({
        client_id: `c${a}`,
        secretDigest: text(b),
        ...(c === 1 && { formerUntil: now + later }),
      }),
  endFormerSecret:
    ({ a }) =>
    (s) =>
      s.endFormerSecret(`c${a}`),
  keepConfiguredClients:
    ({ a, b, c }) =>
    (s) =>
      s.keepConfiguredClients(
        [...new Set([a, b])].map((n) =>
          aClient({ client_id: c === 0 ? `c${n}` : `configured${n}`, registeredBy: 'configuration' }),
        ),
      ),
  removeClient:
    ({ a }) =>
    (s) =>
      s.removeClient(`c${a}`),
  keepPausedAuthorization:
    ({ a, b, later }) =>
    async (s) =>
      (await s.findPausedAuthorization(digestOf(`p${b}`), 0)) === undefined
        ? s.keepPausedAuthorization(
            aPaused({ id: digestOf(`p${b}`), clientId: `c${a}`, expiresAt: now + later, value: text(b) }),
          )
        : 'there',
  grantAuthorization:
    ({ a, b, c, later }) =>
    async (s) =>
      (await s.findGrant(`g${c}`)) === undefined && (await s.findCode(digestOf(`g${c}`))) === undefined
        ? s.grantAuthorization({
            ...(c === 2 ? { pausedId: digestOf(`p${b}`) } : {}),
            grant: aGrant({ id: `g${c}`, userId: `u${a}`, clientId: `c${b}`, expiresAt: now + 100 }),
            code: aCode({ digest: digestOf(`g${c}`), grantId: `g${c}`, expiresAt: now + 50 }),
            consent: aConsent({
              userId: `u${a}`,
              clientId: `c${b}`,
              scope: [`${c}`, text(c)],
              updatedAt: now + later,
            }),
            now: now + later,
          })
        : 'there',
  denyAuthorization:
    ({ a, b, later }) =>
    (s) =>
      s.denyAuthorization({ pausedId: digestOf(`p${b}`), userId: `u${a}`, now: now + later }),
  findConsent:
    ({ a, b }) =>
    (s) =>
      s.findConsent(aConsent({ userId: `u${a}`, clientId: `c${b}` })),
  redeemCode:
    ({ c, later }) =>
    async (s) => {
      const refreshToken = aToken({ digest: digestOf(`r${c} 0`), grantId: `g${c}` });
      const accessToken = anAccessToken({ digest: digestOf(`x${c} 0`), grantId: `g${c}` });
      if ((await s.findRefreshToken(refreshToken.digest)) !== undefined && later > 60) return 'not now';
      return s.redeemCode(redeem({ digest: digestOf(`g${c}`), refreshToken, accessToken, now: now + later }));
    },
  rotateRefreshToken:
    ({ b, c, later }) =>
    (s) =>
      s.rotateRefreshToken(
        rotate(`r${c} ${b}`, `r${c} ${b + 1}`, {
          now: now + later,
          asked: text(later),
          graceSeconds: 30,
          grantExpiresAt: now + 100 + later,
        }),
      ),
  findTokens:
    ({ b, c }) =>
    async (s) => [
      await s.findCode(digestOf(`g${c}`)),
      await s.findRefreshToken(digestOf(`r${c} ${b}`)),
      await s.findAccessToken(digestOf(`x${c} ${b}`)),
      await s.findGrant(`g${c}`),
      await s.countRefreshTokensByKey(now),
    ],
  revokeGrant:
    ({ c, later }) =>
    (s) =>
      s.revokeGrant(`g${c}`, now + later),
  markGrantsUsed:
    ({ b, c, later }) =>
    (s) =>
      s.markGrantsUsed([
        { grantId: `g${c}`, at: now + later },
        { grantId: `g${b}`, at: now + later },
      ]),
  listClientAccess:
    ({ a, later }) =>
    (s) =>
      s.listClientAccess(`u${a}`, now + later),
  removeClientAccess:
    ({ a, b, c, later }) =>
    (s) =>
      s.removeClientAccess({
        userId: `u${a}`,
        of: c === 0 ? 'everything' : { clientId: `c${b}`, resource: aGrant().resource },
        now: now + later,
      }),
  keys:
    ({ a, b, later }) =>
    async (s) => {
      const key = aKey({ kid: `k${a}`, signsFromAt: now + later });
      const newest = (await s.listSigningKeys())[0]?.kid;
      return [
        await s.addSigningKey({ key, after: b === 0 ? undefined : newest }),
        await s.removeSigningKey({ kid: `k${b}`, now: now + later }),
        await s.listSigningKeys(),
      ];
    },
  addTag:
    ({ a, b }) =>
    async (s) =>
      (await s.findTag(`tag${b}`)) ?? s.addTag(aTag({ id: `tag${b}`, userId: `u${a}`, name: text(b) })),
  addItem:
    ({ a, b, c }) =>
    async (s) =>
      (await s.findItem(`i${c}`)) ??
      s.addItem(anItem({ id: `i${c}`, userId: `u${a}`, content: text(b) }), [`tag${b}`, `tag${c}`]),
  changeItem:
    ({ a, b, c, later }) =>
    (s) =>
      s.changeItem({
        id: `i${c}`,
        userId: `u${a}`,
        ...(b === 0 ? {} : { tagIds: [`tag${b}`, `tag${c}`] }),
        ...(b === 2 ? { name: text(c) } : {}),
        now: now + later,
      }),
  records:
    ({ a, b, c }) =>
    async (s) => [
      await s.listItems({ userId: `u${a}`, limit: 2, offset: b }),
      (await s.findRecordsClient(`rc${c}`)) ??
        (await s.addRecordsClient(aRecordsClient({ id: `rc${c}`, userId: `u${a}` }), [`tag${c}`])),
      await s.listRecordsClients({ userId: `u${a}`, limit: 5, offset: 0 }),
      await s.listTags({ userId: `u${a}`, limit: 5, offset: 0 }),
    ],
  removeRecords:
    ({ a, b, c }) =>
    async (s) => [
      await s.removeTag({ id: `tag${b}`, userId: `u${a}` }),
      await s.removeItem({ id: `i${c}`, userId: `u${a}` }),
    ],
  loginEvents:
    ({ a, b, c, later }) =>
    async (s) => {
      const id = `e${later}-${a}-${b}-${c}`;
      const events = (['token_issued', 'tool_called', 'refused'] as const)
        .slice(c % 3)
        .map((event, i) =>
          aLoginEvent({ id: `${id}${i}`, traceId: `t${b}`, clientId: `c${a}`, userId: `u${b}`, event }),
        );
      const known = (await s.findLoginEvents(`t${b}`)).some((event) => event.id.startsWith(id));
      if (!known) await s.keepLoginEvents(events);
      return [await s.findLoginEvents(`t${b}`), await s.listLoginEvents(2)];
    },
  sweep:
    ({ later }) =>
    (s) =>
      // All at once: of several that expired in the same second, the stores choose differently.
      s.sweep({ now: now + later, unusedClientsBefore: now - 50, limit: 100 }),
};

/** What is done more often than removing what it needs. */
const often = [
  'grantAuthorization',
  'redeemCode',
  'rotateRefreshToken',
  'findTokens',
  'addUser',
  'addClient',
];
const drawn = [...Object.keys(calls), ...often, ...often];

const small = fc.integer({ min: 0, max: 2 });
const anyHistory = fc.array(
  fc.record({
    call: fc.constantFrom(...drawn),
    picked: fc.record({ a: small, b: small, c: small, later: fc.integer({ min: 0, max: 120 }) }),
  }),
  { minLength: 60, maxLength: 120, size: 'max' },
);

/** So that most histories come to what needs a person, a client and a grant, and all to a token and a code used twice. */
const beginning: readonly { call: string; picked: Picked }[] = [
  ...[0, 1, 2].flatMap((a) => [
    { call: 'addUser', picked: { a, b: a, c: a, later: 0 } },
    { call: 'addClient', picked: { a, b: a, c: a, later: 0 } },
    { call: 'addTag', picked: { a, b: a, c: a, later: 0 } },
    { call: 'keepPausedAuthorization', picked: { a, b: a, c: a, later: 100 } },
    { call: 'grantAuthorization', picked: { a, b: a, c: a, later: 0 } },
    { call: 'redeemCode', picked: { a, b: a, c: a, later: 0 } },
    { call: 'rotateRefreshToken', picked: { a, b: 0, c: a, later: 1 } },
  ]),
  ...[3, 4].flatMap((c) => [
    { call: 'grantAuthorization', picked: { a: 0, b: 0, c, later: 0 } },
    { call: 'redeemCode', picked: { a: 0, b: 0, c, later: 0 } },
  ]),
  { call: 'redeemCode', picked: { a: 0, b: 0, c: 3, later: 1 } },
  ...[0, 1, 0].map((b) => ({ call: 'rotateRefreshToken', picked: { a: 0, b, c: 4, later: 1 } })),
];

async function answerOf(storage: Storage, call: string, picked: Picked): Promise<unknown> {
  const asked = calls[call];
  assert.ok(asked);
  return asked(picked)(storage).catch((error: Error) => error.name);
}

suite('PostgreSQL and SQLite', onPostgres, () => {
  test('answer alike, call after call, and tell the same changes', async (t) => {
    const { url, schema } = await readySchema(t);
    const answered = new Set<string>();
    const runs = fc.asyncProperty(anyHistory, async (history) => {
      await empty(schema);
      const both = [await openStorage(url, { poolSize: 2 }), await openStorage('sqlite::memory:')];
      try {
        const heard = both.map((storage) => samples.hearing(storage).heard);
        for (const { call, picked } of [...beginning, ...history]) {
          const [onPostgresql, onSqlite] = await Promise.all(
            both.map((storage) => answerOf(storage, call, picked)),
          );
          assert.deepEqual(onPostgresql, onSqlite, `${call} ${JSON.stringify(picked)}`);
          const [one, other] = heard.map((told) => told.splice(0).sort());
          assert.deepEqual(one, other, `told after ${call}`);
          if (typeof onSqlite === 'string') answered.add(`${call}: ${onSqlite}`);
        }
      } finally {
        await Promise.all(both.map((storage) => storage.close()));
      }
    });
    await fc.assert(runs, { numRuns: 8 });
    t.diagnostic([...answered].sort().join(', '));
    for (const answer of [
      'rotateRefreshToken: rotated',
      'rotateRefreshToken: replayed',
      'redeemCode: replayed',
    ])
      assert.ok(answered.has(answer), `no history came to "${answer}"`);
    assert.ok(![...answered].some((answer) => answer.endsWith('Error')), 'no call may fail');
  });
});
