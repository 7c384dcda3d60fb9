// A client's own web server: on both loopback addresses of a free port, which is another origin than the house's.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { freePort } from '../program/free-port.ts';

export interface ClientSite {
  readonly port: number;
  /** What came to `/callback`, in order. */
  readonly callbacks: readonly URL[];
  close(): Promise<void>;
}

/** What a path answers: a page, or a redirect onward. */
export type Answer = { readonly html: string } | { readonly location: string };

/** @param answers by path; `/callback` is a page that says so unless given here */
export async function openClientSite(
  answers: (path: string) => Answer | undefined = () => undefined,
): Promise<ClientSite> {
  const port = await freePort();
  const callbacks: URL[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (url.pathname === '/callback') callbacks.push(url);
    const said =
      answers(url.pathname) ?? (url.pathname === '/callback' ? { html: '<h1>Connected</h1>' } : undefined);
    if (said === undefined) response.writeHead(404).end();
    else if ('location' in said) response.writeHead(302, { location: said.location }).end();
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>Client</title>${said.html}`);
  };
  const servers = await Promise.all(
    ['127.0.0.1', '::1'].map((host) => listen(createServer(answer), host, port)),
  );
  return {
    port,
    callbacks,
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<Server> {
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}
