// The stores that a house can stand on, for tests that want to know whether it matters.
import type { TestContext } from 'node:test';
import { onPostgres, readySchema } from '../../../storage/test/postgres/schema.ts';

export interface StoreOfHouse {
  readonly name: string;
  /** For `describe`. */
  readonly options: { readonly skip?: string | boolean };
  /** An empty store, for one test. */
  readonly urlFor: (t: TestContext) => Promise<string>;
}

export const storesOfHouse: readonly StoreOfHouse[] = [
  { name: 'SQLite', options: {}, urlFor: async () => 'sqlite::memory:' },
  { name: 'PostgreSQL', options: onPostgres, urlFor: async (t) => (await readySchema(t)).url },
];
