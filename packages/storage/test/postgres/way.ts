// A way to a server on which a test can let the network fail: silently, or with a closed door.

import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** One connection through it. */
export interface Passage {
  /** What was sent to the server so far. */
  readonly said: () => string;
  /** What the server has answered so far, and was passed on. */
  readonly answered: () => string;
  /** Nothing comes through any more, and nobody is told. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** What the server answers from now on is lost; `heard` is called with all of it, each time there is more. */
  readonly loseAnswers: (heard: (answered: string) => void) => void;
  /** Both ends are told. */
  readonly cut: () => void;
}

export interface Way {
  /** As the URL that it was made for, by this way. */
  readonly url: string;
  /** Those that are open. */
  readonly passages: () => readonly Passage[];
  /** Called with each new one. */
  onPassage: (passage: Passage) => void;
  /** Called before something is passed on to the server. */
  onSaid: (text: string, passage: Passage) => void;
}

export async function wayTo(t: TestContext, url: string): Promise<Way> {
  const { hostname, port } = new URL(url);
  const open = new Set<Passage>();
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection({ host: hostname, port: Number(port || 5432) });
    let [said, answered] = ['', ''];
    const passage: Passage = {
      said: () => said,
      answered: () => answered,
      freeze() {
        near.pause();
        far.pause();
      },
      thaw() {
        near.resume();
        far.resume();
      },
      loseAnswers(heard) {
        let lost = '';
        far.removeAllListeners('data');
        far.on('data', (data) => heard((lost += data.toString('latin1'))));
      },
      cut() {
        near.destroy();
        far.destroy();
      },
    };
    open.add(passage);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        open.delete(passage);
        near.destroy();
        far.destroy();
      });
    }
    way.onPassage(passage);
    near.on('data', (data) => {
      const text = data.toString('latin1');
      said += text;
      way.onSaid(text, passage);
      if (!near.destroyed) far.write(data);
    });
    far.on('data', (data) => {
      answered += data.toString('latin1');
      near.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const here = new URL(url);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const way: Way = { url: here.href, passages: () => [...open], onPassage: () => {}, onSaid: () => {} };
  return way;
}
