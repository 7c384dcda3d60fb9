// One stream of server-sent events (HTML §9.2) that lasts longer than the request that opened it.

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Bytes that its client has not taken yet. */
  queuedBytes(): number;
  /** @param data of any number of lines */
  send(event: 'endpoint' | 'message', data: string): void;
  /** A comment, which clients skip; none while something is waiting anyway. */
  keepAlive(): void;
  /** What is still waiting is thrown away. */
  end(): void;
}

const utf8 = new TextEncoder();
const keepAliveComment = utf8.encode(': keep-alive\n\n');

/** @param left called once, when the client goes before the stream was ended */
export function eventStream(left: () => void): EventStream {
  const queue: Uint8Array[] = [];
  let bytes = 0;
  let isEnded = false;
  let hasLeft = false;
  let wake: (() => void) | undefined;

  const push = (chunk: Uint8Array): void => {
    if (isEnded) return;
    queue.push(chunk);
    bytes += chunk.length;
    wake?.();
  };
  const finish = (): void => {
    isEnded = true;
    queue.length = 0;
    bytes = 0;
    wake?.();
  };

  // Nothing is taken from the queue before somebody reads, so that its length is what the client is behind.
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (queue.length === 0 && !isEnded) await new Promise<void>((resolve) => (wake = resolve));
        const chunk = queue.shift();
        if (chunk !== undefined) {
          bytes -= chunk.length;
          controller.enqueue(chunk);
        } else if (!hasLeft) controller.close();
      },
      cancel() {
        hasLeft = true;
        if (isEnded) return;
        finish();
        left();
      },
    },
    { highWaterMark: 0 },
  );

  return {
    body,
    queuedBytes: () => bytes,
    send: (event, data) => push(utf8.encode(printEvent(event, data))),
    keepAlive: () => void (queue.length === 0 && push(keepAliveComment)),
    end: finish,
  };
}

function printEvent(event: string, data: string): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${lines.join('')}\n`;
}
