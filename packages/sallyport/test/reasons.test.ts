// Every refusal of every room is known by name: to metrics, which are labelled with it, and to `logins`, which explains it.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isReason, refusingRoom, sentenceOf } from '../src/reasons.ts';

const root = join(import.meta.dirname, '../../..');

test('the reasons of every room are known, with their sentences', async () => {
  const files = globSync('packages/*/src/**/refusals.ts', { cwd: root });
  assert.ok(files.length >= 8, 'the tables were not found');
  for (const file of files) {
    const exported = (await import(join(root, file))) as Record<string, unknown>;
    const rows = Object.entries(exported)
      .filter(([name]) => /refusals$/i.test(name))
      .flatMap(([, table]) => Object.entries(table as Readonly<Record<string, unknown>>));
    assert.ok(rows.length > 0, `${file} exports no table`);
    for (const [reason, row] of rows) {
      assert.ok(isReason(reason), `${reason} of ${file}`);
      // What MCP words itself is made from facts.
      if (typeof row !== 'function') assert.ok(sentenceOf(reason), `${reason} of ${file} has no sentence`);
    }
  }
});

test('what is refused on the own pages comes from the account', () => {
  assert.equal(refusingRoom('account_refused', {}), 'account');
});
