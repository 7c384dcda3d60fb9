// The load generator's HTTP/1.1, on bare sockets: what it costs is taken from the machine that the measured server runs
// on, and one that is slower than the server would measure how often an idle server wakes up.

import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Requests under way at any time, each on a connection that is kept. */
export const connections = 8;

export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Host and port that are asked, where they are not the URL's own. */
  readonly via?: string;
}

export interface Answered {
  readonly status: number;
  /** Of a redirect. */
  readonly location: string;
  /** Each byte a character, which is the text itself where that is ASCII. */
  readonly text: string;
}

interface Connection {
  readonly socket: Socket;
  waiting?: { readonly resolve: (answered: Answered) => void; readonly reject: (error: Error) => void };
  received: string;
}

const idle = new Map<string, Connection[]>();

/** One request; redirects are not followed. */
export function send(
  url: string,
  { method = 'GET', headers = {}, body = '', via }: Sent = {},
): Promise<Answered> {
  const pathStart = url.indexOf('/', 'http://'.length);
  const host = url.slice('http://'.length, pathStart);
  let head = `${method} ${url.slice(pathStart)} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  if (method === 'POST') head += `content-length: ${Buffer.byteLength(body)}\r\n`;
  const address = via ?? host;
  const connection = idle.get(address)?.pop() ?? open(address);
  return new Promise((resolve, reject) => {
    connection.waiting = { resolve, reject };
    connection.socket.write(`${head}\r\n${body}`);
  });
}

/** @throws with the answer when its status is not the one that the row needs */
export async function sendFor(status: number, url: string, sent?: Sent): Promise<Answered> {
  const answered = await send(url, sent);
  if (answered.status !== status)
    throw new Error(`${url} answered ${answered.status}, not ${status}: ${answered.text.slice(0, 500)}`);
  return answered;
}

export function closeConnections(): void {
  for (const { socket } of [...idle.values()].flat()) socket.destroy();
  idle.clear();
}

function open(host: string): Connection {
  const [hostname, port] = host.split(':');
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const connection: Connection = { socket, received: '' };
  socket.setEncoding('latin1');
  socket.on('data', (part) => hear(host, connection, String(part)));
  socket.on('error', (error) => connection.waiting?.reject(error));
  socket.on('close', () => {
    connection.waiting?.reject(new Error(`${host} closed the connection`));
    idle.set(
      host,
      (idle.get(host) ?? []).filter((other) => other !== connection),
    );
  });
  return connection;
}

function hear(host: string, connection: Connection, part: string): void {
  connection.received += part;
  const answered = readAnswer(connection.received);
  if (answered === undefined) return;
  const { waiting } = connection;
  connection.received = '';
  delete connection.waiting;
  const kept = idle.get(host);
  if (kept === undefined) idle.set(host, [connection]);
  else kept.push(connection);
  waiting?.resolve(answered);
}

/** @returns undefined until all of it is there */
function readAnswer(received: string): Answered | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = received.slice(0, headEnd);
  const rest = received.slice(headEnd + 4);
  const text = readBody(head, rest);
  if (text === undefined) return undefined;
  const location = /\r\nlocation: ([^\r]*)/i.exec(head)?.[1] ?? '';
  return { status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), location, text };
}

function readBody(head: string, rest: string): string | undefined {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? rest : undefined;
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) return '';
  let text = '';
  for (let at = 0; ;) {
    const sizeEnd = rest.indexOf('\r\n', at);
    if (sizeEnd === -1) return undefined;
    const size = Number.parseInt(rest.slice(at, sizeEnd), 16);
    const end = sizeEnd + 2 + size;
    if (rest.length < end + 2) return undefined;
    if (size === 0) return text;
    text += rest.slice(sizeEnd + 2, end);
    at = end + 2;
  }
}
