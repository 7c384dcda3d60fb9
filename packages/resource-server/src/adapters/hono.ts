// For Hono: two middlewares, and who calls as `c.get('caller')` and `c.get('authInfo')`.
import { anyOrigin } from '../cors.ts';
import type { ResourceServer } from '../guard.ts';
import { protect, type Passed, type ProtectOptions } from '../protect.ts';

export type { AuthInfo, Passed } from '../protect.ts';

/** The part of Hono's context that is used. */
interface Context {
  readonly req: { readonly raw: Request };
  res: Response;
  set(key: keyof Passed, value: Passed[keyof Passed]): void;
}

type Middleware = (c: Context, next: () => Promise<void>) => Promise<Response | undefined>;

/** For `new Hono<Guarded>()`, so that `c.get('caller')` has its type. */
export interface Guarded {
  Variables: Passed;
}

/** `app.use(wellKnown(guard))`: answers what clients find their way by, and nothing else. */
export function wellKnown(guard: ResourceServer): Middleware {
  const door = protect(guard);
  return async ({ req }, next) => {
    const document = await door.wellKnown(req.raw);
    if (document === undefined) await next();
    return document;
  };
}

/** `app.use('/mcp', requireToken(guard))`: whoever comes past it holds a token for this server. */
export function requireToken(guard: ResourceServer, options?: ProtectOptions): Middleware {
  const door = protect(guard, options);
  return async (c, next) => {
    const passed = await door.enter(c.req.raw);
    if (passed instanceof Response) return passed;
    c.set('caller', passed.caller);
    c.set('authInfo', passed.authInfo);
    await next();
    c.res = anyOrigin(c.res);
    return undefined;
  };
}
