// The program in this process: the same `main`, with streams of the test's own. A tenth of the time of a process.
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../src/main.ts';
import type { Ended, How } from './run.ts';

export async function call(
  args: readonly string[],
  { cwd, environment = {}, input = '' }: How,
): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await main(args, {
    stdin: Readable.from(input.length === 0 ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    environment,
    cwd,
    program: 'npm run -s sallyport --',
    now: () => Math.floor(Date.now() / 1000),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}
