// A password that is not on the command line: typed twice without echo on a terminal, or one line of standard input.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { exitCodes, Failure } from './failure.ts';
import type { Io } from './io.ts';

/** No password is longer; somebody piped a wrong file. */
const inputBytes = 4096;

/** @throws Failure when nothing usable was given */
export function askPassword(io: Io): Promise<string> {
  return io.stdin.isTTY === true ? typedTwice(io) : oneLine(io);
}

async function typedTwice(io: Io): Promise<string> {
  const first = await typed(io, 'Password: ');
  const second = await typed(io, 'Again: ');
  if (first !== second) {
    throw new Failure('The two passwords differ, so nothing was changed.', { next: ['Try again.'] });
  }
  return first;
}

async function typed(io: Io, prompt: string): Promise<string> {
  io.stderr.write(prompt);
  // The line editor echoes into nothing.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: silence, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new Failure('Cancelled; nothing was changed.')));
      lines.once('close', () => reject(new Failure('Cancelled; nothing was changed.')));
      lines.question('').then(resolve, reject);
    });
  } finally {
    lines.close();
    io.stderr.write('\n');
  }
}

async function oneLine(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of io.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > inputBytes) break;
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '' || size > inputBytes || /[\r\n]/.test(text)) {
    throw new Failure('A password is needed: exactly one line on standard input.', {
      next: ['Pipe it in, call this on a terminal to be asked, or add: --password <password>'],
      exitCode: exitCodes.usage,
    });
  }
  return text;
}
