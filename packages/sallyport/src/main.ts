// The program: finds the command, runs it, and turns whatever it throws into a sentence and an exit code.

import { commands } from './commands/index.ts';
import { exitCodes, report } from './commands/failure.ts';
import { complain, paint, print } from './commands/io.ts';
import type { Io } from './commands/io.ts';
import { version } from './version.ts';

/** @returns the exit code */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...args] = commandFirst(argv);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return help(name === undefined ? [] : args, io);
  }
  if (name === '--version' || name === '-V') {
    print(io, version);
    return exitCodes.done;
  }
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    complain(io, `${paint(io.stderr, 'red', '✗')} There is no command "${name}".`);
    complain(io, `  ${paint(io.stderr, 'dim', '→')} See: ${io.program} --help`);
    return exitCodes.usage;
  }
  try {
    return await command.run(args, io);
  } catch (error) {
    return report(error, io, args.includes('--debug'));
  }
}

async function help([about]: readonly string[], io: Io): Promise<number> {
  const command = commands.find(({ name }) => name === about);
  if (command !== undefined) return main([command.name, '--help'], io);
  const bold = (text: string): string => paint(io.stdout, 'bold', text);
  const width = Math.max(...commands.map(({ name }) => name.length));
  print(
    io,
    `${bold('Sallyport')} ${version}: OAuth for MCP. It signs people in, asks their consent, and guards MCP servers.`,
  );
  print(io);
  print(io, `${bold('Usage:')} ${io.program} <command> [options]`);
  print(io);
  print(io, bold('Commands:'));
  for (const { name, summary } of commands) print(io, `  ${name.padEnd(width)}  ${summary}`);
  print(io);
  print(io, bold('Examples:'));
  print(io, `  ${io.program} serve`);
  print(io, `  ${io.program} users add ada@example.com --operator`);
  print(io, `  ${io.program} check --config sallyport.yaml`);
  print(io);
  print(io, `Each command explains itself: ${io.program} <command> --help`);
  print(
    io,
    'Every key of sallyport.yaml is also an environment variable: publicUrl is SALLYPORT_PUBLIC_URL.',
  );
  print(io, 'Exit codes: 0 done, 1 failed, 2 the call or the configuration is wrong.');
  return exitCodes.done;
}

/** `sallyport --profile staging serve` means `sallyport serve --profile staging`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  let at = 0;
  while (at < argv.length && /^(?:-c|--config|--profile|--debug)(?:=|$)/.test(argv[at] ?? '')) {
    at += argv[at] === '--debug' || argv[at]?.includes('=') === true ? 1 : 2;
  }
  const [name, ...args] = argv.slice(at);
  return name === undefined ? argv : [name, ...args, ...argv.slice(0, at)];
}

/** Run as the program, not imported. */
export async function runAsProgram(): Promise<void> {
  // Whoever reads us through a pipe may stop reading. For the rest, a command may have sentences of its own.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && process.stdout.listenerCount('error') === 1) throw error;
  });
  const isSource = import.meta.filename.endsWith('.ts');
  process.exitCode = await main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    // oxlint-disable-next-line node/no-process-env -- the one place where the environment is read
    environment: process.env,
    cwd: process.cwd(),
    // Without -s npm would print two lines of its own into what is saved or piped.
    program: isSource ? 'npm run -s sallyport --' : 'sallyport',
    now: () => Math.floor(Date.now() / 1000),
  });
  // Whatever a library left running must not keep the terminal; what was written has left by then.
  setTimeout(() => process.exit(), 200).unref();
}

if (import.meta.main) await runAsProgram();
