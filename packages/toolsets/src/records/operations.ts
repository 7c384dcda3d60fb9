// Everything that can be done with a person's records, in the order in which it is shown.

import { clientOperations } from './clients.ts';
import { itemOperations } from './items.ts';
import type { Operation } from './operation.ts';
import { profileOperation } from './profile.ts';
import { tagOperations } from './tags.ts';

export const recordsOperations: readonly Operation[] = [
  profileOperation,
  ...itemOperations,
  ...clientOperations,
  ...tagOperations,
];
