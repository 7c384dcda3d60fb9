// People open the MCP URL in a browser, to see whether it works. They read what it is for; the 401 stays a 401.
import { pageResponse, problemPage } from '@sallyport/pages';
import type { Arrival } from '@sallyport/protocol';
import type { Rooms } from './index.ts';

/** @param refused what a client would be told; its challenge is kept, so that one that asks for HTML can follow it */
export function openedInBrowser({ look }: Rooms, refused: Response, { traceId }: Arrival): Response {
  const page = problemPage({
    look,
    traceId,
    title: 'An address for apps',
    sentence:
      'An MCP server answers here, and there is nothing to see in a browser. Paste this address into an app such as ' +
      'Claude, ChatGPT, Cursor or VS Code; it will send you on to sign in.',
    links: [{ href: '/', label: 'How to connect an app' }],
  });
  const response = pageResponse(page, { status: refused.status, traceId });
  const challenge = refused.headers.get('www-authenticate');
  if (challenge !== null) response.headers.set('www-authenticate', challenge);
  return response;
}

/** A browser that a person steers, not a page's script and not an MCP client. */
export function isOpenedInBrowser({ method, headers }: Request): boolean {
  return (
    method === 'GET' && !headers.has('authorization') && headers.get('accept')?.includes('text/html') === true
  );
}
