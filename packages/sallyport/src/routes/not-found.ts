// A path that nobody answers: for a person a page, for a client what the MCP URLs are.
import { pageResponse, problemPage } from '@sallyport/pages';
import { jsonResponse, type Arrival } from '@sallyport/protocol';
import type { Rooms } from './index.ts';

export function notFound({ look, servers }: Rooms, request: Request, { traceId }: Arrival): Response {
  if (request.headers.get('accept')?.includes('text/html')) {
    const sentence = 'There is nothing at this address.';
    const links = [{ href: '/', label: 'Go to the front page' }];
    return pageResponse(problemPage({ look, title: 'Not found', sentence, links, traceId }), {
      status: 404,
      traceId,
    });
  }
  const urls = servers.map(({ guard }) => guard.resource.resource).join(', ');
  return jsonResponse({ error: 'not_found', error_description: `MCP is served at ${urls}` }, { status: 404 });
}
