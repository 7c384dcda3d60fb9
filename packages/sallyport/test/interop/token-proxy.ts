// The conformance suite has no words for a token, so something in front of the gate says them. Everything else goes
// through as it came, Host and Origin too: this is the public address, as a reverse proxy has it.
import { createServer, request as askOnward } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenProxy {
  /** What clients and the server call the server: its public URL. */
  readonly origin: string;
  /** Requests for this path go to that port of this computer; for `/`, all that no other way fits. */
  route(path: string, way: Way): void;
  close(): Promise<void>;
}

interface Way {
  readonly port: number;
  /** Sent along with requests that bring no credentials of their own. */
  readonly access_token?: string;
}

export async function openTokenProxy(): Promise<TokenProxy> {
  const ways = new Map<string, Way>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const way = ways.get(pathname) ?? ways.get('/');
    if (way === undefined) return void response.writeHead(502).end();
    const { port, access_token } = way;
    const headers = { ...request.headers };
    if (access_token !== undefined) headers.authorization ??= `Bearer ${access_token}`;
    const asked = { host: '127.0.0.1', port, method: request.method, path: request.url, headers };
    const onward = askOnward(asked, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }).listen(0, 'localhost');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    route: (path, way) => void ways.set(path, way),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
