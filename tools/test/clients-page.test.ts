// docs/clients.md says what the list of known clients says.
import { test } from 'node:test';
import { written } from '../clients-page.ts';
import { holdGenerated } from '../generated.ts';

test('docs/clients.md is as the list of known clients has it', () => {
  // Spaces are the formatter's.
  const bare = (markdown: string): string =>
    markdown
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/[\\_*]/g, '')
      .trim();
  holdGenerated('docs/clients.md', written, bare);
});
