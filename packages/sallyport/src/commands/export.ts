// sallyport export: the rows without the keys, for another store of the same deployment.

import { writeCopy } from '../backup/out.ts';
import type { OutOptions } from '../backup/out.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import { exitCodes } from './failure.ts';
import type { Command } from './io.ts';

export const exportRows: Command = {
  name: 'export',
  summary: 'Write all rows to one file, for another store that uses the same secrets.json',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('export', exportRows.summary, io, [
        ['export rows.backup', 'what `backup --without-secrets` writes'],
        ['export - | SALLYPORT_STORAGE_URL=postgres://… sallyport import -', 'from SQLite to PostgreSQL'],
      ]),
    );
    line
      .argument('<file>', 'the new file, readable by its owner only; - is the standard output')
      .option('--force', 'replace the file if there is one, once the new one is complete')
      .option('--json', 'print JSON')
      .action((file: string, options: OutOptions) => writeCopy(file, { ...options, withSecrets: false }, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};
