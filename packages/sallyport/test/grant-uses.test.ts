import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { grantUses } from '../src/grant-uses.ts';

type Uses = readonly { grantId: string; at: number }[];

function watched(markGrantsUsed: (uses: Uses) => Promise<void> = async () => undefined) {
  const written: Uses[] = [];
  const events: string[] = [];
  const uses = grantUses(
    {
      markGrantsUsed(batch) {
        written.push(batch);
        return markGrantsUsed(batch);
      },
    },
    (_level, event) => void events.push(event),
  );
  return { uses, written, events };
}

it('writes the last use of each grant once a minute, and nothing when nothing was used', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { uses, written } = watched();
    for (const at of [1, 2, 3]) uses.note('a', at);
    uses.note('b', 2);
    mock.timers.tick(59_999);
    assert.deepEqual(written, []);
    mock.timers.tick(1);
    await uses.write();
    assert.deepEqual(written, [
      [
        { grantId: 'a', at: 3 },
        { grantId: 'b', at: 2 },
      ],
    ]);
    mock.timers.tick(60_000);
    await uses.close();
    mock.timers.tick(600_000);
    assert.equal(written.length, 1);
  } finally {
    mock.timers.reset();
  }
});

it('writes in batches, and never more than fit into memory', async () => {
  const { uses, written } = watched();
  for (let grant = 0; grant < 50_000; grant += 1) uses.note(String(grant), 1);
  uses.note('the first of the next', 2);
  await uses.close();
  const sizes = written.map((batch) => batch.length);
  assert.equal(Math.max(...sizes), 500);
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    50_001,
  );
});

it('says in the log that a store refuses, and goes on', async () => {
  let isAway = true;
  const { uses, written, events } = watched(async () => {
    if (isAway) throw new Error('away');
  });
  uses.note('a', 1);
  await uses.write();
  assert.deepEqual(events, ['grant_uses_not_kept']);
  isAway = false;
  uses.note('a', 2);
  await uses.close();
  assert.deepEqual(written.at(-1), [{ grantId: 'a', at: 2 }]);
  assert.equal(events.length, 1);
});
