// docs/clients.md says what the list of known clients says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { page, written } from '../clients-page.ts';

test('docs/clients.md is as the list of known clients has it', () => {
  const text = readFileSync(page, 'utf8');
  // Spaces are the formatter's.
  const bare = (markdown: string): string =>
    markdown
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/[\\_*]/g, '')
      .trim();
  assert.equal(bare(text), bare(written(text)));
});
