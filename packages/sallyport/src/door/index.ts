// The door: the only place where a socket becomes a `Request`. Everything behind it is `Request → Response`.

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { randomToken } from '@sallyport/crypto';
import * as limits from './limits.ts';
import { answerError, receiver } from './receive.ts';
import type { Reception } from './receive.ts';
import { refuse } from './refusals.ts';
import { recogniseEveryResponse } from './response.ts';

export { addressReader } from './address.ts';
export { hostRule } from './host.ts';
export { createLog } from './log.ts';
export { receiver } from './receive.ts';
export type { Answered, Handle, Reception } from './receive.ts';
export { requestLine } from './request-line.ts';

export interface Door {
  /** Where it listens: one or two addresses. */
  readonly addresses: readonly AddressInfo[];
  /**
   * Everything is still answered, but every answer ends its connection, so that a proxy keeps none which is about to close:
   * it could not repeat a POST that it sent on such a one.
   */
  endConnections(): void;
  /**
   * Stops accepting, lets answers finish for half a second, then cuts what is left (streams, mostly).
   * Resolves when no socket is open.
   */
  close(): Promise<void>;
}

export interface DoorOptions extends Reception {
  readonly listen: { readonly host: string; readonly port: number };
}

/**
 * @param options `listen.host` `localhost` means both 127.0.0.1 and ::1
 * @throws the `listen` error of node:net (`EADDRINUSE`, `EACCES`, …); then nothing is left listening
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const state = { isGoing: false };
  const listener = requestListener(options, state);
  const servers: Server[] = [];
  try {
    for (const host of addressesOf(options.listen.host)) {
      const server = await listen(listener, host, options.listen.port, host === '::1');
      if (server !== undefined) servers.push(server);
    }
  } catch (error) {
    await close(servers);
    throw error;
  }
  return {
    addresses: servers.map((server) => server.address() as AddressInfo),
    endConnections() {
      state.isGoing = true;
    },
    close() {
      state.isGoing = true;
      return close(servers);
    },
  };
}

function requestListener(options: DoorOptions, state: { readonly isGoing: boolean }): RequestListener {
  const receive = receiver(options);
  const toListener = getRequestListener(
    (request, { incoming, outgoing }) =>
      receive(request, (incoming as IncomingMessage).socket.remoteAddress, () => void outgoing.destroy()),
    {
      // Only what could not even become a Request comes here.
      errorHandler: (error) => {
        const why = error instanceof Error ? error.message : 'unknown';
        const arrival = { now: options.now(), address: 'unknown', traceId: randomToken(12) };
        return answerError(refuse('request_malformed', { why }), arrival, options.log);
      },
    },
  );
  recogniseEveryResponse();
  return (incoming, outgoing) => {
    // A kept-alive connection must not take another request.
    if (state.isGoing) outgoing.shouldKeepAlive = false;
    void toListener(incoming, outgoing);
  };
}

function addressesOf(host: string): string[] {
  return host.toLowerCase() === 'localhost' ? ['127.0.0.1', '::1'] : [host];
}

/** @returns undefined when `isOptional` and the machine has no such address (a container without IPv6) */
function listen(
  listener: RequestListener,
  host: string,
  port: number,
  isOptional: boolean,
): Promise<Server | undefined> {
  const server = createServer(
    {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headSeconds * 1000,
      requestTimeout: limits.requestSeconds * 1000,
      keepAliveTimeout: limits.keepAliveSeconds * 1000,
      connectionsCheckingInterval: limits.connectionCheckSeconds * 1000,
    },
    listener,
  );
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
      if (isOptional && isMissing) resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

async function close(servers: readonly Server[]): Promise<void> {
  const closed = Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  ).then(() => true);
  const until = performance.now() + limits.drainMilliseconds;
  while (performance.now() < until) {
    for (const server of servers) server.closeIdleConnections();
    if (await Promise.race([closed, wait(limits.drainCheckMilliseconds, false)])) return;
  }
  for (const server of servers) server.closeAllConnections();
  await closed;
}
