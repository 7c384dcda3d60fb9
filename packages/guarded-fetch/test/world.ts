// A small internet in this process: names with addresses of our choice, one TLS server that has all of them, and a note of
// every connection that was opened.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { Network, PinnedSocket } from '@sallyport/guarded-fetch';
import { certificateFor } from './certificate.ts';

/** Belongs to nobody's private network; never reached in these tests. */
export const PUBLIC_ADDRESS = '93.184.215.14';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface World {
  readonly network: Network;
  /** Of the server itself, for tests that really connect. */
  readonly port: number;
  /** PEM; what a test has to trust in order to. */
  readonly cert: string;
  /** What the names lead to; a name that is not here does not exist. */
  readonly names: Map<string, readonly string[]>;
  /** What is at a URL, without `https://`. */
  readonly pages: Map<string, Answer>;
  /** By host: what answers there for everything that has no page. */
  readonly sites: Map<string, Answer>;
  /** Every connection that was asked for, and every URL that was. */
  readonly opened: PinnedSocket[];
  readonly requests: string[];
  readonly resolved: string[];
  close(): Promise<void>;
}

/** @param certified names that the server can prove to have */
export async function openWorld(certified: readonly string[]): Promise<World> {
  const { key, cert } = certificateFor([...certified, 'localhost', '127.0.0.1', '::1']);
  const names = new Map(certified.map((name) => [name, [PUBLIC_ADDRESS] as readonly string[]]));
  const pages: World['pages'] = new Map();
  const sites: World['sites'] = new Map();
  const opened: PinnedSocket[] = [];
  const requests: string[] = [];
  const resolved: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const url = `${request.headers.host ?? ''}${request.url ?? ''}`;
    requests.push(url);
    const answer = pages.get(url) ?? sites.get(request.headers.host ?? '');
    if (answer !== undefined) return answer(request, response);
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    network: {
      async resolve(host) {
        resolved.push(host);
        return names.get(host) ?? [];
      },
      openSocket(to) {
        opened.push(to);
        return connect({
          host: '127.0.0.1',
          port,
          servername: to.host,
          ca: cert,
          ALPNProtocols: ['http/1.1'],
        });
      },
      openPlainSocket({ host }) {
        throw new Error(`a connection to ${host} without TLS was asked for`);
      },
    },
    port,
    cert,
    names,
    pages,
    sites,
    opened,
    requests,
    resolved,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A JSON document with headers of its own. */
export const json =
  (document: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    const body = typeof document === 'string' ? document : JSON.stringify(document);
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  };
