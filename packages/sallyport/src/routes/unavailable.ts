// The store does not answer: for a person a page, for a program the JSON. Rooms that answer for it themselves never come here.
import { refusals } from '@sallyport/authorization-server';
import { pageResponse, problemPage } from '@sallyport/pages';
import { jsonResponse, type Arrival } from '@sallyport/protocol';
import { corsHeaders } from '@sallyport/resource-server';
import type { StorageUnavailable } from '@sallyport/storage';
import type { Rooms } from './index.ts';

/** A lock or a restart is over by then. */
const retryAfterSeconds = 5;

export function unavailable(
  { look, log }: Rooms,
  { message }: StorageUnavailable,
  request: Request,
  { traceId }: Arrival,
): Response {
  log('error', 'storage_unavailable', { traceId, message });
  const { error, sentence, status } = refusals.temporarily_unavailable;
  const isPage = request.headers.get('accept')?.includes('text/html') === true;
  const response = isPage
    ? pageResponse(problemPage({ look, title: 'Not possible at the moment', sentence, traceId }), {
        status,
        traceId,
      })
    : jsonResponse({ error, error_description: sentence }, { status, headers: corsHeaders });
  response.headers.set('retry-after', String(retryAfterSeconds));
  return response;
}
