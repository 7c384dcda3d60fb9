// A way to a server that can go silent: connections stay open and are taken, and nothing comes through any more.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface SilentProxy {
  readonly port: number;
  /** What was sent meanwhile is lost, and every connection of before stays silent for ever. */
  isSilent: boolean;
}

export async function silentProxy(t: Pick<TestContext, 'after'>, to: number): Promise<SilentProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const beyond = connect({ host: '127.0.0.1', port: to });
    for (const [from, into] of [
      [socket, beyond],
      [beyond, socket],
    ] as const) {
      sockets.add(from);
      let isLost = false;
      from.on('data', (chunk) => {
        isLost ||= proxy.isSilent;
        if (!isLost) into.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => into.destroy());
    }
  }).listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const proxy: SilentProxy = { port: (server.address() as { port: number }).port, isSilent: false };
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return proxy;
}
