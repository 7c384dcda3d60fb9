// What a request of node:http says to the guard, and how an answer goes back. The body stays where it is.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '@sallyport/protocol';
import type { ResourceServer } from '../guard.ts';
import type { AuthInfo } from '../protect.ts';

/** @param target path and query, as the client sent it */
export function requestOf(req: IncomingMessage, guard: ResourceServer, target = req.url): Request {
  // Whichever host the client asked for: the guard looks at the path, and answers for the one resource that it knows.
  const { origin } = new URL(guard.resource.resource);
  // With the host before it only where a proxy was meant, which it must not matter to (RFC 9112 §3.2.2).
  const path = target?.replace(/^https?:\/\/[^/?#]*/i, '');
  const url = URL.parse(`${origin}${path?.startsWith('/') === true ? path : '/'}`) ?? origin;
  const headers = new Headers();
  // As they came: node:http drops a second Authorization header, and two of them are none (RFC 9110 §5.3).
  for (let index = 0; index + 1 < req.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(index, index + 2);
    if (!name.startsWith(':')) headers.append(name, value);
  }
  return new Request(url, { method: isOfFetch(req.method) ? req.method : 'POST', headers });
}

/** `Request` throws for these (Fetch, "forbidden method"), and no document is read with them either. */
function isOfFetch(method: string | undefined): method is string {
  return method !== undefined && !/^(connect|trace|track)$/i.test(method);
}

export async function send(response: Response, res: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(body);
}

/** Where the MCP SDK's Node transports look for it. */
export function setAuth(req: IncomingMessage, auth: AuthInfo): void {
  Object.assign(req, { auth });
}

/** Who calls. @throws TypeError where the guard does not stand before the route: nobody is taken for a caller */
export function callerOf(req: IncomingMessage): Caller {
  const { auth } = req as IncomingMessage & { readonly auth?: AuthInfo };
  if (auth === undefined)
    throw new TypeError('This route is not guarded: put requireToken(guard) before it.');
  return auth.extra.caller;
}
