// For Next.js route handlers, and whatever else speaks `Request` and `Response`.
import { anyOrigin } from '../cors.ts';
import type { ResourceServer } from '../guard.ts';
import { protect, type AuthInfo, type Door, type Passed, type ProtectOptions } from '../protect.ts';

export type { AuthInfo, Passed } from '../protect.ts';

/** A guard, or how it is made for the first request: Next loads every route while it builds, where no key may be. */
type Guard = ResourceServer | (() => ResourceServer);
type Handler = (request: Request) => Promise<Response>;
type Methods<Name extends string> = Readonly<Record<Name, Handler>>;

/**
 * The handlers of `app/mcp/route.ts`: `export const { GET, POST, DELETE, HEAD, OPTIONS } = guarded(guard, handle)`.
 * @param handle gets who was let through as its second argument, and as `request.auth`, where `mcp-handler` looks for it
 */
export function guarded(
  guard: Guard,
  handle: (request: Request, passed: Passed) => Response | Promise<Response>,
  options?: ProtectOptions,
): Methods<'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS'> {
  const door = doorOf(guard, options);
  const answer: Handler = async (request) => {
    const passed = await door().enter(request);
    if (passed instanceof Response) return passed;
    return anyOrigin(await handle(withAuth(request, passed.authInfo), passed));
  };
  return { GET: answer, HEAD: answer, POST: answer, DELETE: answer, OPTIONS: answer };
}

/**
 * The handlers of the three well-known routes, such as `app/.well-known/oauth-protected-resource/[[...path]]/route.ts`:
 * `export const { GET, HEAD, OPTIONS } = wellKnown(guard)`. The proxy (middleware) of the app must let them through.
 */
export function wellKnown(guard: Guard): Methods<'GET' | 'HEAD' | 'OPTIONS'> {
  const door = doorOf(guard);
  const answer: Handler = async (request) =>
    (await door().wellKnown(request)) ?? anyOrigin(new Response(null, { status: 404 }));
  return { GET: answer, HEAD: answer, OPTIONS: answer };
}

function doorOf(guard: Guard, options?: ProtectOptions): () => Door {
  let made: Door | undefined;
  return () => (made ??= protect(typeof guard === 'function' ? guard() : guard, options));
}

function withAuth(request: Request, auth: AuthInfo): Request {
  return Object.assign(request, { auth });
}
