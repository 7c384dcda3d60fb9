// One idea of what a `Response` is, in the whole process.

const native = globalThis.Response;

/**
 * `getRequestListener` of @hono/node-server puts a Response of its own in the place of Node's, because that one is
 * written to a socket without streams. What `fetch` returns is then no `Response` any more to whoever asks with
 * `instanceof`, as OAuth clients do before they read an error. Kept is the quick one; every Response is one again.
 */
export function recogniseEveryResponse(): void {
  const quick = globalThis.Response;
  if (quick === native || Object.hasOwn(quick, Symbol.hasInstance)) return;
  // A class of its own: the replaced one tells its own instances apart with `instanceof`, and must go on doing so.
  class AnyResponse extends quick {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof native;
    }
  }
  Object.defineProperty(AnyResponse, 'name', { value: 'Response' });
  Object.defineProperty(globalThis, 'Response', { value: AnyResponse, configurable: true, writable: true });
}
