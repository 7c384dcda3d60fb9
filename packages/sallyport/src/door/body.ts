// A body that breaks while it is being sent: the adapter would print the cause, and may send its message to the stranger.
// So it never learns of it: the cause goes to our log, and the connection is cut, which is how HTTP/1.1 tells that
// something is missing (RFC 9112 §8).

/**
 * @param broke called with the cause; must cut the connection
 * @returns the same response when its body cannot break
 */
export function guardBody(response: Response, broke: (cause: unknown) => undefined): Response {
  const body = streamOf(response);
  if (body === null) return response;
  const reader = body.getReader();
  // Once the reader has left, its last read ends too, and must not be taken for the end of the body.
  let isLeft = false;
  const guarded = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const read = await reader.read().catch(broke);
        if (isLeft) return;
        // Never settles: whoever reads on is told by the end of the connection.
        if (read === undefined) await new Promise(() => undefined);
        else if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      cancel(reason) {
        isLeft = true;
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, headers } = response;
  return new Response(guarded, { status, headers });
}

let cache: symbol | undefined;

/**
 * The adapter keeps what a response was made of under a symbol, until somebody asks for its `body`; asking would turn
 * every text into a stream. Where that symbol is not found, the body is asked for, which is slower and just as right.
 */
function streamOf(response: Response): ReadableStream<Uint8Array> | null {
  cache ??= Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache');
  const made: unknown =
    cache === undefined ? undefined : (response as unknown as Record<symbol, unknown>)[cache];
  if (!Array.isArray(made)) return response.body;
  const body: unknown = made[1];
  return body instanceof ReadableStream ? (body as ReadableStream<Uint8Array>) : null;
}
