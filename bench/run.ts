// What Sallyport costs beside others, in CPU microseconds (user and system) of the server's process per operation.
// Every server is a process of its own, this one is the load; rounds are interleaved, so that whatever else the machine
// does meanwhile meets all of them alike.
//
//   npm run bench [-- --quick] [-- --json] [-- --rounds 9] [-- --only refresh]

import { parseArgs } from 'node:util';
import { aims, derivedRows } from './aims.ts';
import { closeConnections } from './http.ts';
import { measure } from './measure.ts';
import { rows } from './rows.ts';
import { startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';
import { printTables, summarize } from './tables.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

const started: Record<string, ServerProcess> = {};
const files: Readonly<Record<string, readonly [file: string, ...args: string[]]>> = {
  Sallyport: ['servers/sallyport.ts'],
  'oidc-provider': ['servers/oidc-provider.ts'],
  'MCP SDK': ['servers/sdk.ts'],
  'floor, SQLite': ['floor/index.ts', 'sqlite'],
  'floor, memory': ['floor/index.ts', 'memory'],
};

try {
  for (const [name, [file, ...args]] of Object.entries(files))
    started[name] = await startServerProcess(file, args);
  const figures = await measure(
    started,
    rows.filter(({ name }) => name.includes(options.only)),
    {
      rounds: Number(options.rounds ?? (options.quick ? 1 : 9)),
      warmUpRounds: options.quick ? 0 : 3,
      share: options.quick ? 0.02 : 1,
      tell: (line) => process.stderr.write(`${line}\n`),
    },
  );
  const summary = summarize(figures, derivedRows, aims);
  if (options.json) console.log(JSON.stringify(summary, undefined, 2));
  else printTables(summary);
} finally {
  closeConnections();
  for (const server of Object.values(started)) await server.stop();
}
