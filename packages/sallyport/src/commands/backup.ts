// sallyport backup: everything that is kept, with its keys, in one file, while the server goes on.

import { writeCopy } from '../backup/out.ts';
import type { OutOptions } from '../backup/out.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import { exitCodes } from './failure.ts';
import type { Command } from './io.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'Write everything that is kept to one file, while the server runs or not',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('backup', backup.summary, io, [
        ['backup sallyport.backup', 'the database and secrets.json; refuses to replace a file'],
        ['backup - | ssh other "cat > sallyport.backup"', 'to the standard output'],
      ]),
    );
    line
      .argument('<file>', 'the new file, readable by its owner only; - is the standard output')
      .option('--force', 'replace the file if there is one, once the new one is complete')
      .option('--without-secrets', 'leave secrets.json out; keep it elsewhere, or the rows are lost')
      .option('--json', 'print JSON')
      .action((file: string, options: OutOptions & { withoutSecrets?: boolean }) =>
        writeCopy(file, { ...options, withSecrets: options.withoutSecrets !== true }, io),
      );
    await parse(line, args, io);
    return exitCodes.done;
  },
};
