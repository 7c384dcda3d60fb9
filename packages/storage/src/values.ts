// What may be kept: checked before a driver sees it, so that every backend refuses the same.

import type { Value } from './script.ts';

/**
 * What the types promise, checked: SQLite would keep 1.5 as it is, and PostgreSQL refuse it.
 * @throws TypeError for anything that the backends would not all keep in the same way
 */
export function storable(value: unknown): Value {
  if (typeof value === 'string' || value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`a ${value instanceof Date ? 'Date' : typeof value} cannot be stored as it is`);
}
