// A token endpoint in this process that answers as a test wants, and keeps what it was asked.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export type Answer = (response: ServerResponse, asked: Asked) => void;

export interface Provider {
  readonly endpoint: string;
  readonly asked: Asked[];
  answer: Answer;
  close(): Promise<void>;
}

export async function openProvider(): Promise<Provider> {
  const server = createServer((request, response) => {
    void request.toArray().then((parts: Buffer[]) => {
      const { method, headers } = request;
      const asked = { method, headers, form: new URLSearchParams(Buffer.concat(parts).toString()) };
      provider.asked.push(asked);
      provider.answer(response, asked);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const provider: Provider = {
    endpoint: `http://127.0.0.1:${port}/token`,
    asked: [],
    answer: (response) => void response.writeHead(404).end(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}

/** @param body an object becomes JSON */
export function answering(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (response) => void response.writeHead(status, headers).end(text);
}
