// The clients of the field, as data: who makes them, by what addresses they can be told, how they register and what is
// peculiar about each. Nothing is let in or kept out by this list; it is for people to read and for tests to replay.

import shipped from './known-clients.json' with { type: 'json' };
import { knownClientList } from './schema.ts';
import type { KnownClientList } from './schema.ts';

export { recognizer } from './recognize.ts';
export type { KnownClientList, KnownClientRow } from './schema.ts';

/** The list of this version. */
export const shippedList: KnownClientList = knownClientList.parse(shipped);
