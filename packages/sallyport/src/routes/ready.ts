// Whether requests should be sent here: not when the store does not answer, and not from the moment on at which this
// instance was told to stop, although it still answers those that come. Without Redis nobody can log in anywhere; whoever
// has tokens is served, and would lose that if every instance turned requests away.
import { jsonResponse } from '@sallyport/protocol';
import { missingStore } from './health.ts';
import type { Rooms } from './index.ts';

export async function ready(rooms: Rooms): Promise<Response> {
  if (rooms.isStopping()) return jsonResponse({ status: 'stopping' }, { status: 503 });
  const missing = await missingStore(rooms.storage);
  if (missing === 'all') return jsonResponse({ status: 'unavailable' }, { status: 503 });
  return jsonResponse({ status: 'ok', ...(missing === 'ephemeral' && { ephemeral: 'unavailable' }) });
}
