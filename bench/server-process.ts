// A measured server in a process of its own, and the question what it has cost so far.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromChild, Offered } from './servers/child.ts';

const startMilliseconds = 20_000;

export interface ServerProcess extends Offered {
  /** User and system time since its start, in microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * @param file under bench/
 * @param args of the file
 * @throws when it ends, or is not ready in time
 */
export async function startServerProcess(file: string, args: readonly string[]): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${String(code)}`);
  });
  // Whoever waits hears of it; otherwise it is the end that `stop` asked for.
  ended.catch(() => undefined);

  async function hear<Kind extends FromChild['kind']>(kind: Kind, milliseconds: number) {
    const signal = AbortSignal.timeout(milliseconds);
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [FromChild];
    if (message.kind !== kind) throw new Error(`${file} said ${message.kind}, not ${kind}`);
    return message as Extract<FromChild, { kind: Kind }>;
  }

  async function stop(): Promise<void> {
    if (child.connected) child.disconnect();
    await ended.catch(() => undefined);
  }

  try {
    const { offered } = await hear('ready', startMilliseconds);
    return {
      ...offered,
      stop,
      async cpu() {
        child.send('cpu');
        return (await hear('cpu', startMilliseconds)).microseconds;
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}
