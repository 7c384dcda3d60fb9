// Word of what changed, from one process to the others: `pg_notify` within the transaction, so that nobody hears of what
// was undone, and everybody of what was committed.

import { createHash } from 'node:crypto';
import type { Change } from '../contract.ts';
import { maxNamedGrants, maxNoticeBytes } from '../limits.ts';
import type { Ask } from '../script.ts';

/** Every schema has its own; at most 63 bytes. */
export function channelOf(schema: string): string {
  return `sallyport_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;
}

/** A notice is JSON: whose it is, then what changed: ids of grants in lists, or a word. */
type Notice = readonly [from: string, ...changed: (readonly string[] | 'keys' | 'anything')[]];

/** @param from by which the process that sends it knows its own, having told its listeners itself */
export function noticesOf(changed: readonly Change[], channel: string, from: string): readonly Ask[] {
  if (changed.length === 0) return [];
  const words = new Set(changed.filter((change) => typeof change === 'string'));
  const grantIds = changed.flatMap((change) => (typeof change === 'string' ? [] : [change.grantId]));
  if (grantIds.length > maxNamedGrants) words.add('anything');
  const named = words.has('anything') ? [] : chunks(grantIds, from);
  return [...[...words].map((word): Notice => [from, word]), ...named].map((notice) => ({
    verb: 'send',
    sql: 'SELECT pg_notify($1, $2)',
    values: [channel, JSON.stringify(notice)],
  }));
}

/** As few as there can be, each as long as a notice may be. */
function chunks(grantIds: readonly string[], from: string): readonly Notice[] {
  const made: string[][] = [];
  let bytes = Infinity;
  for (const grantId of grantIds) {
    const more = Buffer.byteLength(JSON.stringify(grantId)) + 1;
    if (bytes + more > maxNoticeBytes) {
      made.push([]);
      bytes = Buffer.byteLength(JSON.stringify([from, []])) + 1;
    }
    made.at(-1)?.push(grantId);
    bytes += more;
  }
  return made.map((ids): Notice => [from, ids]);
}

/** @returns what listeners are to be told; `anything` for what is not understood, as from a newer version */
export function changesIn(payload: string, own: string): readonly Change[] {
  try {
    const notice = JSON.parse(payload) as unknown;
    if (!Array.isArray(notice)) return ['anything'];
    const [from, ...changed] = notice as unknown[];
    if (from === own) return [];
    return changed.flatMap((what): Change[] => {
      if (Array.isArray(what)) return what.map((grantId) => ({ grantId: String(grantId) }));
      return [what === 'keys' ? 'keys' : 'anything'];
    });
  } catch {
    return ['anything'];
  }
}
