import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { refusals } from '../src/refusals.ts';

describe('the table of refusals', () => {
  const folder = new URL('../src/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && name !== 'refusals.ts')
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');

  it('has no row that nothing produces', () => {
    for (const reason of Object.keys(refusals))
      assert.ok(sources.includes(`refuse('${reason}'`), `${reason} is never refused`);
  });

  it('says one thing per row', () => {
    const sentences = Object.values(refusals).map(({ sentence }) => sentence);
    assert.equal(new Set(sentences).size, sentences.length);
  });
});
