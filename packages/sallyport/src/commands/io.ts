// The terminal, as a command sees it: two streams of text, one of input, and what surrounds the process.

import { styleText } from 'node:util';

export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How the person calls us, to be repeated in "do this next": `sallyport` or `npm run -s sallyport --`. */
  readonly program: string;
  /** Epoch seconds. */
  readonly now: () => number;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * @param args what stands after the command's name
   * @returns the exit code: 0 done, 1 failed, 2 the call or the configuration is wrong
   * @throws anything; `main` turns it into a sentence and an exit code
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

export function print(io: Io, text = ''): void {
  io.stdout.write(`${text}\n`);
}

export function complain(io: Io, text = ''): void {
  io.stderr.write(`${text}\n`);
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colour on a terminal only; NO_COLOR and FORCE_COLOR are honoured. */
export function paint(stream: NodeJS.WritableStream, style: Style, text: string): string {
  return styleText(style, text, { stream });
}
