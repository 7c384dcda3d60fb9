// sallyport serve: opens what there is, joins the rooms, listens, tells how to connect, and ends cleanly.

import { EnvelopeError } from '@sallyport/crypto';
import { startSweeper } from '@sallyport/storage';
import { assemble } from '../assemble.ts';
import type { Config } from '../config/index.ts';
import { createLog, openDoor } from '../door/index.ts';
import type { Door, DoorOptions } from '../door/index.ts';
import { commandLine, configOf, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { telling } from './events.ts';
import { exitCodes, Failure } from './failure.ts';
import { greet } from './greeting.ts';
import { print } from './io.ts';
import type { Command, Io } from './io.ts';
import { stopSignal } from './stop.ts';
import { openStore } from './store.ts';

/** Expired rows are forgotten this often. */
const sweepEverySeconds = 300;

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
    line.action((options: CommonOptions) => start(configOf(options, io), io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};

/** @returns when it was asked to stop and has stopped */
async function start(config: Config, io: Io): Promise<void> {
  const stop = stopSignal();
  const { now } = io;
  const log = telling(io, createLog(config.log.level), now);
  const { secrets, storage } = await openStore(config, log);
  const stopSweeper = startSweeper(storage, { everySeconds: sweepEverySeconds, log, now });
  try {
    const house = await join(config, { storage, secrets, log, now });
    try {
      const { publicUrl, trustedProxies, listen } = config;
      const door = await open({ publicUrl, trustedProxies, listen, handle: house.handle, log, now }, io);
      greet({ publicUrl, servers: house.servers, setupPath: await house.setupPath() }, io);
      await stop.asked;
      await door.close();
    } finally {
      house.close();
    }
  } finally {
    await stopSweeper();
    await storage.close();
    stop.release();
  }
  print(io, 'Stopped; everything is kept.');
}

async function join(...given: Parameters<typeof assemble>): ReturnType<typeof assemble> {
  try {
    return await assemble(...given);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    throw new Failure('secrets.json does not belong to this database: it cannot open the signing key.', {
      next: ['Restore the secrets.json that was there before, from your backup.'],
    });
  }
}

async function open(options: DoorOptions, io: Io): Promise<Door> {
  const { host, port } = options.listen;
  try {
    return await openDoor(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Failure(`Port ${port} on ${host} is already in use.`, {
        means: 'Another program listens there, perhaps another Sallyport, so nothing was started.',
        next: [
          `Stop it, or choose another port: SALLYPORT_LISTEN_PORT=${port === 65_535 ? 8000 : port + 1} ${io.program} serve`,
        ],
      });
    }
    if (code === 'EACCES') {
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
