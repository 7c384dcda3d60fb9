// sallyport import: the rows of another store of the same deployment, put into this one, whole or not at all.

import { readCopy } from '../backup/in.ts';
import type { InOptions } from '../backup/in.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import { exitCodes } from './failure.ts';
import type { Command } from './io.ts';

export const importRows: Command = {
  name: 'import',
  summary: 'Put the rows of another store into an empty one that uses the same secrets.json',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('import', importRows.summary, io, [
        ['import rows.backup', 'what `export` has written'],
        ['import - < rows.backup', 'from the standard input'],
      ]),
    );
    line
      .argument('<file>', 'what `export` has written; - is the standard input')
      .option('--json', 'print JSON')
      .action((file: string, options: InOptions) => readCopy(file, options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};
