// sallyport demo: a server of its own, and a client that goes the whole way through it, step by step, on the screen.

import { createLog } from '../door/index.ts';
import { playDemo, StepFailed } from '../demo/index.ts';
import { narrator } from '../demo/narrate.ts';
import { openDemoServer } from '../demo/server.ts';
import { keepTranscript } from '../demo/transcript.ts';
import type { PlayedStep } from '../demo/transcript.ts';
import { commandLine, parse } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { stopSignal } from './stop.ts';

interface DemoOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

export const demo: Command = {
  name: 'demo',
  summary: 'Show the whole way of a client, step by step, on a server of its own',
  async run(args, io) {
    const line = commandLine('demo', demo.summary, io, [
      ['demo', 'every step with what goes over the wire'],
      ['demo --json', 'the same as one JSON document'],
    ])
      .option('--json', 'print one JSON document at the end instead')
      .option('--debug', "show the server's log too, and where an error came from")
      .addHelpText('after', '\nIt uses a free port and a temporary database; your own data is not touched.');
    line.action((options: DemoOptions) => perform(options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};

/** @throws Failure when a step did not do what it should, or somebody stopped it */
async function perform({ json = false, debug = false }: DemoOptions, io: Io): Promise<void> {
  const began = performance.now();
  const stop = stopSignal();
  const stopped = new AbortController();
  const end = (): void => stopped.abort();
  void stop.asked.then(end);
  // Whoever read it has seen enough (`sallyport demo | head`).
  io.stdout.on('error', end);
  const { narrator: tells, steps } = keepTranscript(json ? undefined : narrator(io));
  const milliseconds = (): number => Math.round(performance.now() - began);
  try {
    // The refusals that the demo provokes are on the screen already.
    const server = await openDemoServer(createLog(debug ? 'debug' : 'error', io.stderr), io.now);
    try {
      if (!json) open(server.mcpUrl, io);
      await playDemo(server, tells, stopped.signal);
    } finally {
      await server.close();
    }
    if (json) print(io, JSON.stringify({ ok: true, milliseconds: milliseconds(), steps }, null, 2));
    else close(steps, milliseconds(), io);
  } catch (error) {
    if (stopped.signal.aborted)
      throw new Failure('Stopped. The temporary database is gone.', { exitCode: 130 });
    if (!(error instanceof StepFailed)) throw error;
    const { step, headline, what, expected, came } = error;
    const failure = { step, headline, what, expected, came };
    if (json) print(io, JSON.stringify({ ok: false, milliseconds: milliseconds(), failure, steps }, null, 2));
    throw told(error, io);
  } finally {
    stop.release();
    io.stdout.off('error', end);
  }
}

function open(mcpUrl: string, io: Io): void {
  print(
    io,
    paint(
      io.stdout,
      'bold',
      'Sallyport demo: a client that the server has never seen signs in and calls tools',
    ),
  );
  print(io, `A real server with a temporary database at ${mcpUrl}; secrets are shortened.`);
}

function close(steps: readonly PlayedStep[], milliseconds: number, io: Io): void {
  const sum = (count: (step: PlayedStep) => number): number =>
    steps.reduce((total, step) => total + count(step), 0);
  const requests = sum(({ exchanges }) => exchanges.length);
  const checks = sum(({ checks: all }) => all.length);
  const start = io.program.startsWith('npm ') ? 'npm start' : `${io.program} serve`;
  print(io);
  const tick = paint(io.stdout, 'green', '✓');
  const counts = `${steps.length} steps, ${requests} requests, ${checks} checks in ${milliseconds} ms`;
  print(io, `${tick} ${paint(io.stdout, 'bold', counts)}: each did what it should.`);
  print(io, `  The server has ended and its temporary database is deleted.`);
  print(
    io,
    `  ${paint(io.stdout, 'dim', '→')} Your own server, with data that stays: ${paint(io.stdout, 'bold', start)}`,
  );
}

function told({ step, headline, what, expected, came }: StepFailed, io: Io): Failure {
  const means = `Should be: ${what}\n  Expected:  ${short(expected)}\n  Came:      ${short(came)}`;
  const next = [`See what the server says about it: ${io.program} demo --debug`];
  return new Failure(`Step ${step} failed: ${headline}`, { means, next });
}

/** A whole page would bury the rest. */
function short(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
