// Rounds: in each of them every row is run on every server, so that slow minutes of the machine fall on all alike.

import { closeConnections, connections } from './http.ts';
import type { Operation, Row } from './rows.ts';
import type { ServerProcess } from './server-process.ts';

/** No row of one server takes longer in a round, however slow the machine. */
const cellMilliseconds = 10_000;

/** CPU microseconds per operation: by row, then by server, one for each round. */
export type Figures = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

export interface Extent {
  readonly rounds: number;
  /** Rounds before, of which nothing is kept: until then code is being compiled. */
  readonly warmUpRounds: number;
  /** Of each row's operations, above 0 up to 1. */
  readonly share: number;
  readonly tell: (line: string) => void;
}

interface Cell {
  readonly row: Row;
  readonly server: ServerProcess;
  readonly run: Operation;
  readonly kept: number[];
}

export async function measure(
  servers: Readonly<Record<string, ServerProcess>>,
  rows: readonly Row[],
  { rounds, warmUpRounds, share, tell }: Extent,
): Promise<Figures> {
  const figures = new Map(rows.map(({ name }) => [name, new Map<string, number[]>()]));
  const cells: Cell[] = [];
  for (const row of rows) {
    for (const [name, server] of Object.entries(servers)) {
      const run = await row.prepare(server);
      closeConnections();
      if (run === undefined) continue;
      const kept: number[] = [];
      figures.get(row.name)?.set(name, kept);
      cells.push({ row, server, run, kept });
    }
  }
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    tell(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    for (const [cell, { cost, operations }] of await measureRound(cells, share))
      if (round >= 0) cell.kept.push(cost / operations);
  }
  return figures;
}

interface Taken {
  /** CPU microseconds of all of them. */
  readonly cost: number;
  readonly operations: number;
}

async function measureRound(cells: readonly Cell[], share: number): Promise<Map<Cell, Taken>> {
  const taken = new Map<Cell, Taken>();
  const passes = Math.max(...cells.map(({ row }) => row.passes ?? 1));
  for (let pass = 0; pass < passes; pass += 1) {
    // Every other pass backwards, so that nobody always comes after the same neighbour.
    for (const cell of pass % 2 === 0 ? cells : cells.toReversed()) {
      const { row, server, run } = cell;
      if (pass >= (row.passes ?? 1)) continue;
      const before = taken.get(cell) ?? { cost: 0, operations: 0 };
      const { cost, operations } = await take(server, run, Math.max(connections, row.operations * share));
      taken.set(cell, { cost: before.cost + cost, operations: before.operations + operations });
    }
  }
  return taken;
}

/** Runs an operation so many times, or for as long as a cell may take. */
async function take(server: ServerProcess, run: Operation, most: number): Promise<Taken> {
  let begun = 0;
  let operations = 0;
  const deadline = performance.now() + cellMilliseconds;
  const before = await server.cpu();
  const work = async (connection: number): Promise<void> => {
    while (begun < most && performance.now() < deadline) {
      begun += 1;
      await run(connection);
      operations += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => work(connection)));
  const cost = (await server.cpu()) - before;
  // Until its next turn the server might close them, perhaps just as a request is on its way.
  closeConnections();
  return { cost, operations };
}
