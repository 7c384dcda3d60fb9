// sallyport schema: the JSON schema of the configuration file, for editors.

import { configJsonSchema } from '../config/index.ts';
import { commandLine, parse } from './command-line.ts';
import { exitCodes } from './failure.ts';
import { print } from './io.ts';
import type { Command } from './io.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON schema of sallyport.yaml, for editors',
  async run(args, io) {
    const line = commandLine('schema', schema.summary, io, [
      [
        'schema > sallyport.schema.json',
        'then begin the file with: # yaml-language-server: $schema=sallyport.schema.json',
      ],
    ]);
    line.action(() => print(io, JSON.stringify(configJsonSchema(), null, 2)));
    await parse(line, args, io);
    return exitCodes.done;
  },
};
