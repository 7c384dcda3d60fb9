// A copy goes into an empty store only. What a server makes by itself at its first start does not count.

import { CopyRefused } from './refused.ts';
import type { Source } from './place.ts';
import type { Table } from './schema.ts';

/** Made by a start, before anybody came; while there is nobody, nothing depends on them. */
const madeByStarting: readonly string[] = ['signing_keys'];

/** @throws CopyRefused which says what is there */
export async function refuseFilled(tables: readonly Table[], count: Source['count']): Promise<void> {
  const found: string[] = [];
  for (const table of tables.filter(({ name }) => !madeByStarting.includes(name))) {
    const rows = await count(table);
    if (rows > 0) found.push(`${table.name} (${rows})`);
  }
  if (found.length === 0) return;
  throw new CopyRefused(
    `The store is not empty, and nothing in it was touched. It has rows in: ${found.join(', ')}.`,
    'Name an empty one in storage.url (SALLYPORT_STORAGE_URL), or move this one away first.',
  );
}
