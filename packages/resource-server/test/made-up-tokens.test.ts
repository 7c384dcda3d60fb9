// Tokens that nobody has seen before, and an issuer that has to be asked about each: what a flood of them costs the others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Arrival, Caller, Refusal } from '@sallyport/protocol';
import { delegatedResourceServer } from '@sallyport/resource-server';
import { MAX_INTROSPECTIONS_AT_ONCE, MAX_WAIT_MILLISECONDS, MAX_WAITING_TOKENS } from '../src/limits.ts';
import { turns } from '../src/turns.ts';
import { claims, foreignIssuer, issuer, newKey, now, resource } from './delegated/issuer.ts';

const key = await newKey('one');
const immediately = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  /** Work that ends when it is told to, in the order in which it began. */
  function working() {
    const inTurn = turns();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const outcomes = new Map<string, string>();
    return {
      begun,
      outcomes,
      send(place: string, name: string) {
        void inTurn(place, () => {
          begun.push(name);
          return new Promise<void>((resolve) => ends.push(resolve));
        }).then(
          () => outcomes.set(name, 'done'),
          (error: unknown) => outcomes.set(name, (error as Error).name),
        );
      },
      async end(count = 1) {
        for (const end of ends.splice(0, count)) end();
        await immediately();
      },
    };
  }
  const flood = (work: ReturnType<typeof working>, count: number, place = 'flood') => {
    for (let each = 0; each < count; each += 1) work.send(place, `${place}-${each}`);
  };

  it('are taken by places, not by tokens: who comes after a flood waits for one of it', async () => {
    const work = working();
    flood(work, MAX_INTROSPECTIONS_AT_ONCE + 500);
    work.send('office', 'a');
    work.send('office', 'b');
    work.send('home', 'c');
    await work.end(6);
    assert.deepEqual(work.begun.slice(MAX_INTROSPECTIONS_AT_ONCE), [
      `flood-${MAX_INTROSPECTIONS_AT_ONCE}`,
      'a',
      'c',
      `flood-${MAX_INTROSPECTIONS_AT_ONCE + 1}`,
      'b',
      `flood-${MAX_INTROSPECTIONS_AT_ONCE + 2}`,
    ]);
  });

  it('are for a bounded number, of which a flood makes room for others and not for itself', async () => {
    const work = working();
    flood(work, MAX_INTROSPECTIONS_AT_ONCE + MAX_WAITING_TOKENS);
    work.send('flood', 'one-more');
    work.send('office', 'a');
    await immediately();
    const last = `flood-${MAX_INTROSPECTIONS_AT_ONCE + MAX_WAITING_TOKENS - 1}`;
    assert.deepEqual(
      [...work.outcomes],
      [
        ['one-more', 'IntrospectionUnavailable'],
        [last, 'IntrospectionUnavailable'],
      ],
    );
    await work.end(2);
    assert.ok(work.begun.includes('a'));
  });

  it('that do not come in time are given up, and the rest is served', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const work = working();
    flood(work, MAX_INTROSPECTIONS_AT_ONCE);
    work.send('office', 'a');
    context.mock.timers.tick(MAX_WAIT_MILLISECONDS - 1);
    work.send('office', 'b');
    context.mock.timers.tick(1);
    await immediately();
    assert.deepEqual([...work.outcomes], [['a', 'IntrospectionUnavailable']]);
    await work.end();
    assert.equal(work.begun.at(-1), 'b');
  });

  it('are free again when the work failed', async () => {
    const inTurn = turns();
    for (let each = 0; each < MAX_INTROSPECTIONS_AT_ONCE + 1; each += 1)
      await assert.rejects(
        inTurn('a', () => Promise.reject(new TypeError('failed'))),
        TypeError,
      );
  });
});

describe('a place that sent too many tokens that are none', () => {
  function guarding() {
    const foreign = foreignIssuer([key]);
    const genuine = new Set(['genuine', 'later']);
    foreign.answers.set('/introspect', async (question) => {
      const token = new URLSearchParams(await question.text()).get('token') ?? '';
      return Response.json(
        genuine.has(token) ? { active: true, token_type: 'Bearer', ...claims } : { active: false },
      );
    });
    const heard: Refusal[] = [];
    let refused = 0;
    const guard = delegatedResourceServer({
      resource,
      authorizationServer: { issuer, introspection: { client_id: 'notes', client_secret: 'a secret' } },
      fetch: foreign.fetch,
      onRefusal: (refusal) => heard.push(refusal),
      waitSeconds: async (arrival) => (arrival?.address === '192.0.2.1' && ++refused > 3 ? 30 : undefined),
    });
    const send = (token: string, address: string, at = now): Promise<Caller | Response> => {
      const arrival: Arrival = { now: at, address, traceId: 'trace' };
      return guard.admit(
        new Request(resource, { headers: { authorization: `Bearer ${token}` } }),
        at,
        arrival,
      );
    };
    const statusOf = async (...args: Parameters<typeof send>): Promise<number> => {
      const admitted = await send(...args);
      return admitted instanceof Response ? admitted.status : 200;
    };
    return { send, statusOf, heard, genuine, questions: () => foreign.times('/introspect') };
  }

  it('is told to wait, and the issuer is asked nothing more for it; who was let in before still is', async () => {
    const { send, statusOf, heard, questions } = guarding();
    assert.equal(await statusOf('genuine', '192.0.2.1'), 200);
    for (const each of [1, 2, 3]) assert.equal(await statusOf(`made-up-${each}`, '192.0.2.1'), 401);
    assert.equal(await statusOf('made-up-4', '192.0.2.1'), 429);
    const before = questions();
    const answer = await send('made-up-5', '192.0.2.1', now + 10);
    assert.ok(answer instanceof Response);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '20']);
    assert.equal(answer.headers.get('www-authenticate'), null);
    assert.equal(heard.at(-1)?.reason, 'too_many_refused_tokens');
    assert.equal(questions(), before);
    assert.equal(await statusOf('genuine', '192.0.2.1', now + 10), 200);
  });

  it('is not one whose tokens were good and are over: the next one from there is let in', async () => {
    const { statusOf, genuine } = guarding();
    assert.equal(await statusOf('genuine', '192.0.2.1'), 200);
    genuine.delete('genuine');
    // Asked anew, and as it is remembered.
    for (const after of [5, 6, 7, 8, 10, 11])
      assert.equal(await statusOf('genuine', '192.0.2.1', now + after), 401, `${after} s`);
    assert.equal(await statusOf('later', '192.0.2.1', now + 11), 200);
  });

  it('waits no longer because a clock was set back', async () => {
    const { statusOf } = guarding();
    for (const each of [1, 2, 3, 4]) await statusOf(`made-up-${each}`, '192.0.2.1');
    assert.equal(await statusOf('genuine', '192.0.2.1', now + 1), 429);
    assert.equal(await statusOf('genuine', '192.0.2.1', now - 3600), 200);
  });

  it('keeps out nobody from elsewhere, and is never told that a good token is none', async () => {
    const { statusOf } = guarding();
    for (const each of [1, 2, 3, 4]) await statusOf(`made-up-${each}`, '192.0.2.1');
    assert.equal(await statusOf('genuine', '192.0.2.2'), 200);
    assert.equal(await statusOf('later', '192.0.2.1', now + 29), 429);
    assert.equal(await statusOf('later', '192.0.2.1', now + 30), 200);
  });

  it('may still bring JWTs, which cost the issuer nothing', async () => {
    const { statusOf } = guarding();
    for (const each of [1, 2, 3, 4]) await statusOf(`made-up-${each}`, '192.0.2.1');
    assert.equal(await statusOf(await key.sign(claims), '192.0.2.1', now + 1), 200);
  });
});
