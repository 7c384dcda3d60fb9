// For node:http without a framework: one listener.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHeaders } from '../cors.ts';
import type { ResourceServer } from '../guard.ts';
import { protect, type Passed, type ProtectOptions } from '../protect.ts';
import { requestOf, send, setAuth } from './node-request.ts';

export type { AuthInfo, Passed } from '../protect.ts';
export { callerOf } from './node-request.ts';

type Handle = (req: IncomingMessage, res: ServerResponse, passed: Passed) => void | Promise<void>;

/**
 * `createServer(guarded(guard, handle))`: answers what clients find their way by, and lets nobody come to `handle`, at
 * whatever path, without a token for this server. What `handle` throws is told to `onError` and answered 500.
 */
export function guarded(guard: ResourceServer, handle: Handle, options?: ProtectOptions) {
  const door = protect(guard, options);
  return (req: IncomingMessage, res: ServerResponse): void => {
    enter(req, res).catch((error: unknown) => {
      door.tell(error);
      // Half an answer that ended in order would be taken for a whole one.
      if (res.headersSent) return void res.destroy();
      for (const name of res.getHeaderNames()) if (!(name in corsHeaders)) res.removeHeader(name);
      res.writeHead(500).end();
    });
  };

  async function enter(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = requestOf(req, guard);
    const passed = (await door.wellKnown(request)) ?? (await door.enter(request, req.socket.remoteAddress));
    if (passed instanceof Response) return send(passed, res);
    setAuth(req, passed.authInfo);
    for (const [name, value] of Object.entries(corsHeaders)) res.setHeader(name, value);
    await handle(req, res, passed);
  }
}
