// Whether this instance can do all of its work: 200, or 503 when a store does not answer.
import { jsonResponse } from '@sallyport/protocol';
import { EphemeralUnavailable, StorageUnavailable } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import type { Rooms } from './index.ts';

export async function health({ storage }: Rooms): Promise<Response> {
  const missing = await missingStore(storage);
  if (missing === undefined) return jsonResponse({ status: 'ok' });
  const part = missing === 'ephemeral' && { ephemeral: 'unavailable' };
  return jsonResponse({ status: 'unavailable', ...part }, { status: 503 });
}

/** @returns what does not answer: everything, or only what is short-lived */
export async function missingStore(storage: Storage): Promise<'ephemeral' | 'all' | undefined> {
  try {
    await storage.ping();
    return undefined;
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    return error instanceof EphemeralUnavailable ? 'ephemeral' : 'all';
  }
}
