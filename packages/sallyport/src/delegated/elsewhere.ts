// What is not done here while somebody else's authorization server is used: signing in, registering, getting tokens.
import { pageResponse, problemPage, type Look } from '@sallyport/pages';
import { jsonResponse, type Arrival } from '@sallyport/protocol';

/** Whatever else somebody would look for of an authorization server, and of what people do with it. */
export const pathsElsewhere: readonly string[] = ['/oauth/*', '/sign-in/*', '/account/*'];

export function doneElsewhere(issuer: string, look: Look) {
  const sentence = `People sign in at ${issuer}, and apps register and get their tokens there; nothing of that is done here.`;
  return (request: Request, { traceId }: Arrival): Response => {
    if (request.headers.get('accept')?.includes('text/html') !== true)
      return jsonResponse({ error: 'not_found', error_description: sentence }, { status: 404 });
    const links = [{ href: '/', label: 'How to connect an app' }];
    const page = problemPage({ look, title: 'Not here', sentence, links, traceId });
    return pageResponse(page, { status: 404, traceId });
  };
}
