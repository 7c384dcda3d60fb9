// A stream of the deprecated HTTP+SSE transport, read event by event.
import assert from 'node:assert/strict';

export interface Asks {
  ask(path: string, init?: RequestInit): Promise<Response>;
}

export interface EventStream {
  readonly response: Response;
  /** Where messages are posted to: the first event. */
  readonly endpoint: string;
  /** Resolves with what it finds in all that came so far. */
  readonly reads: (what: RegExp) => Promise<RegExpExecArray>;
  readonly leave: () => void;
  /** Resolves when the server ends it, in good order. */
  readonly ends: () => Promise<void>;
}

export async function openEventStream(site: Asks, access_token: string, path = '/sse'): Promise<EventStream> {
  const leaving = new AbortController();
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${access_token}` };
  const response = await site.ask(path, { headers, signal: leaving.signal });
  assert.equal(response.status, 200, path);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const reads = async (what: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = what.exec(text);
      if (found !== null) return found;
      const { value, done } = await reader.read();
      if (done) assert.fail(`the stream ended without ${String(what)}: ${text}`);
      text += value;
    }
  };
  const [, endpoint] = await reads(/^event: endpoint\ndata: (\S+)\n\n/);
  return {
    response,
    endpoint: endpoint!,
    reads,
    leave() {
      leaving.abort();
      reader.cancel().catch(() => undefined);
    },
    async ends() {
      while (!(await reader.read()).done);
    },
  };
}
