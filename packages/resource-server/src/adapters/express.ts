// For Express 4 and 5, and other frameworks with its middlewares.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHeaders } from '../cors.ts';
import type { ResourceServer } from '../guard.ts';
import { protect, type ProtectOptions } from '../protect.ts';
import { requestOf, send, setAuth } from './node-request.ts';

export type { AuthInfo } from '../protect.ts';
export { callerOf } from './node-request.ts';

/** `url` is relative to where a router is mounted, `originalUrl` is not. */
type ExpressRequest = IncomingMessage & {
  readonly originalUrl?: string;
  /** As `trust proxy` of the app has it. */
  readonly ip?: string | undefined;
};
type Middleware = (req: ExpressRequest, res: ServerResponse, next: (error?: unknown) => void) => void;

/** `app.use(wellKnown(guard))`: answers what clients find their way by, and nothing else. */
export function wellKnown(guard: ResourceServer): Middleware {
  const door = protect(guard);
  return middleware(async (req, res) => {
    const document = await door.wellKnown(requestOf(req, guard, req.originalUrl));
    if (document !== undefined) await send(document, res);
    return document === undefined;
  });
}

/**
 * `app.all('/mcp', requireToken(guard), handle)`: whoever comes past it holds a token for this server. Who that is is told
 * by `callerOf(req)`, and by `req.auth`, which the transports of the MCP SDK hand to every tool as `extra.authInfo`.
 */
export function requireToken(guard: ResourceServer, options?: ProtectOptions): Middleware {
  const door = protect(guard, options);
  return middleware(async (req, res) => {
    const passed = await door.enter(requestOf(req, guard, req.originalUrl), req.ip);
    if (passed instanceof Response) {
      await send(passed, res);
      return false;
    }
    setAuth(req, passed.authInfo);
    for (const [name, value] of Object.entries(corsHeaders)) res.setHeader(name, value);
    return true;
  });
}

/** Express 4 does not look at what a middleware returns. @param step whether the next one is to go on */
function middleware(step: (req: ExpressRequest, res: ServerResponse) => Promise<boolean>): Middleware {
  return (req, res, next) => {
    void run();

    async function run(): Promise<void> {
      try {
        if (await step(req, res)) next();
      } catch (error) {
        next(error);
      }
    }
  };
}
