// sallyport restore: a backup put into an empty place, whole or not at all.

import { readCopy } from '../backup/in.ts';
import type { InOptions } from '../backup/in.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import { exitCodes } from './failure.ts';
import type { Command } from './io.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'Put a backup into an empty store',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('restore', restore.summary, io, [
        ['restore sallyport.backup', 'people stay signed in and apps connected'],
        ['restore sallyport.backup --revoke-all', 'everybody signs in again'],
        ['restore - < sallyport.backup', 'from the standard input'],
      ]),
    );
    line
      .argument('<file>', 'what `backup` has written; - is the standard input')
      .option('--revoke-all', 'end every session and every access of an app, and forget every consent')
      .option('--json', 'print JSON')
      .action((file: string, options: InOptions) => readCopy(file, options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};
