// Whether this instance can do its work: 200, or 503 when the store does not answer.
import { jsonResponse } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import type { Rooms } from './index.ts';

export async function health({ storage }: Rooms): Promise<Response> {
  try {
    await storage.ping();
    return jsonResponse({ status: 'ok' });
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    return jsonResponse({ status: 'unavailable' }, { status: 503 });
  }
}
