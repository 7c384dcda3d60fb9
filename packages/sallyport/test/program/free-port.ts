// A port that nobody uses on either loopback address at this moment, and that nobody is given either who asks for any port.
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems hand out by themselves (Linux from 32768, others from 49152): one of those may be the end of
 * somebody's connection before it is listened on, or while what listened on it is restarted. Above 10080, which browsers
 * refuse.
 */
const first = 11_000;
/** Test files run at once, each in a process with ports of its own; the ids of processes at work differ by less than this. */
const processes = 700;
const portsOfEach = 30;

let given = 0;

/** @returns another one each time, until all of this process have been given */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsOfEach; tries += 1) {
    const port = first + (process.pid % processes) * portsOfEach + (given++ % portsOfEach);
    if ((await isFree('127.0.0.1', port)) && (await isFree('::1', port))) return port;
  }
  throw new Error('all ports that this process may give are in use');
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    // Without IPv6 there is no such address, and nobody uses it.
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE';
  }
  server.close();
  await once(server, 'close');
  return true;
}
