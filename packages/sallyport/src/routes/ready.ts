// Whether requests should be sent here: not when the store does not answer, and not from the moment on at which this
// instance was told to stop, although it still answers those that come.
import { jsonResponse } from '@sallyport/protocol';
import { health } from './health.ts';
import type { Rooms } from './index.ts';

export async function ready(rooms: Rooms): Promise<Response> {
  if (rooms.isStopping()) return jsonResponse({ status: 'stopping' }, { status: 503 });
  return health(rooms);
}
