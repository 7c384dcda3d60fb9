// sallyport serve: starts the server, tells how to connect, and ends cleanly.

import { describePeople, isUpstream } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { createLog } from '../door/index.ts';
import { startServer } from '../server.ts';
import type { Server, Surroundings } from '../server.ts';
import { commandLine, configOf, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { telling } from './events.ts';
import { exitCodes, Failure } from './failure.ts';
import { greet } from './greeting.ts';
import { print } from './io.ts';
import type { Command, Io } from './io.ts';
import { stopSignal } from './stop.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Start the server',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('serve', serve.summary, io, [
        ['serve', 'with sallyport.yaml, or with the defaults'],
        ['serve --config production.yaml', 'with another file'],
        ['serve --profile staging', 'with a profile of the file'],
      ]),
    );
    line.action((options: CommonOptions) => serveUntilStopped(configOf(options, io), io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};

async function serveUntilStopped(config: Config, io: Io): Promise<void> {
  const stop = stopSignal();
  try {
    const { now } = io;
    const log = createLog(config.log.level, io.stderr, { calls: config.log.calls });
    const isDebugging = config.log.level === 'debug';
    const server = await start(config, { log: telling(io, log, now, { isDebugging }), now }, io);
    greet(
      {
        publicUrl: config.publicUrl,
        servers: server.servers,
        setupPath: await server.setupPath(),
        registration: config.registration,
        people: config.signIn
          .filter(isUpstream)
          .map(({ title, people }) => ({ title, says: describePeople(people) })),
      },
      io,
    );
    const signal = await stop.asked;
    // Whoever presses Ctrl-C waits at the terminal; SIGTERM comes from what also sends the requests.
    await server.close({ delaySeconds: signal === 'SIGTERM' ? config.listen.stopDelaySeconds : 0 });
  } finally {
    stop.release();
  }
  print(io, 'Stopped; everything is kept.');
}

/** Starts it, or says what stands in the way of listening. */
async function start(config: Config, surroundings: Surroundings, io: Io): Promise<Server> {
  const { host, port } = config.listen;
  try {
    return await startServer(config, surroundings);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      const other = port === 65_535 ? 8000 : port + 1;
      throw new Failure(`Port ${port} on ${host} is already in use.`, {
        means: 'Another program listens there, perhaps another Sallyport, so nothing was started.',
        next: [`Stop it, or choose another port: SALLYPORT_LISTEN_PORT=${other} ${io.program} serve`],
      });
    }
    if (code === 'EACCES' && syscall === 'listen') {
      throw new Failure(`This user may not listen on port ${port}.`, {
        means: 'Ports below 1024 belong to the administrator on most systems.',
        next: [`Choose another one: SALLYPORT_LISTEN_PORT=8000 ${io.program} serve`],
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw new Failure(`This machine has no address "${host}" to listen on.`, {
        next: ['Write listen.host: localhost (this machine only) or 0.0.0.0 (every network).'],
        exitCode: exitCodes.usage,
      });
    }
    throw error;
  }
}
