// What differs between the two eras in an answer whose substance is the same.

import { metaKeys, printResult } from '@sallyport/protocol';
import type { JsonObject, RequestId } from '@sallyport/protocol';
import type { ServerInfo } from './definition.ts';

export interface Era {
  readonly name: 'legacy' | 'modern';
  /** HTTP status of an answer that there is no such method. */
  readonly notFoundStatus: number;
  /** Members that every result carries. */
  readonly stamp: JsonObject;
  /** Members that say how long a list or a resource may be kept. */
  readonly cacheHints: JsonObject;
}

/** Up to 2025-11-25. */
export const legacyEra: Era = { name: 'legacy', notFoundStatus: 200, stamp: {}, cacheHints: {} };

/** 2026-07-28: every result says its type and who answered. */
export function modernEra(serverInfo: ServerInfo): Era {
  return {
    name: 'modern',
    notFoundStatus: 404,
    stamp: { resultType: 'complete', _meta: { [metaKeys.serverInfo]: serverInfo } },
    // Not to be kept at all: what an operator changes is then seen at once, and a list costs little.
    cacheHints: { ttlMs: 0, cacheScope: 'private' },
  };
}

export function printStamped(id: RequestId, result: JsonObject, { stamp }: Era): string {
  return printResult(id, JSON.stringify({ ...result, ...stamp }));
}
