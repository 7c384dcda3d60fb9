// What the configuration will know one day. Whoever writes it today is told so, instead of being offered another spelling.

import { printPath } from './problem.ts';
import type { Path } from './problem.ts';

/** Keys; `*` stands for an index. The sentence says what works today. */
const laterKeys: Readonly<Record<string, string>> = {
  'servers.*.command': 'Use: toolset: records',
  'servers.*.perUser': 'Use: toolset: records',
  'servers.*.url': 'Use: toolset: records',
  'servers.*.credential': 'Use: toolset: records',
  'servers.*.endpoints': 'Use: toolset: records',
};

/** Values of keys that are known already. */
const laterValues: Readonly<Record<string, { values: readonly string[]; today: string }>> = {
  'servers.*.toolset': { values: ['sql', 'endpoints', 'atlassian'], today: 'Write: toolset: records' },
};

/** @returns what to do today, when `path` is a key of a later version */
export function laterKey(path: Path): string | undefined {
  return own(laterKeys, pattern(path));
}

/** @returns what to do today, when `value` is one that a later version takes at `path` */
export function laterValue(path: Path, value: unknown): string | undefined {
  const row = own(laterValues, pattern(path));
  return typeof value === 'string' && row?.values.includes(value) === true ? row.today : undefined;
}

function pattern(path: Path): string {
  return printPath(path).replaceAll(/\[\d+\]/g, '.*');
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
