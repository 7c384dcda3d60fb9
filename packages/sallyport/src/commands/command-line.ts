// What all commands have in common on the command line: help, the options that choose a configuration, exit codes.

import { Command as CommandLine } from 'commander';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { paint } from './io.ts';
import type { Io } from './io.ts';

export interface CommonOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly debug?: boolean;
}

/** @param examples lines for the end of the help: a command and what it does */
export function commandLine(
  name: string,
  summary: string,
  io: Io,
  examples: readonly (readonly [command: string, does: string])[] = [],
): CommandLine {
  const line = new CommandLine(name);
  line
    .summary(summary)
    .description(summary)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(`${paint(io.stderr, 'red', '✗')} ${sentence(text)}`),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false, styleTitle: (title) => paint(io.stdout, 'bold', title) });
  if (examples.length > 0) {
    const width = Math.max(...examples.map(([command]) => command.length));
    const shown = examples.map(([command, does]) => `  ${io.program} ${command.padEnd(width)}  ${does}`);
    line.addHelpText('after', `\n${paint(io.stdout, 'bold', 'Examples:')}\n${shown.join('\n')}`);
  }
  return line;
}

/** For a command that works on a configuration. */
export function withConfiguration(line: CommandLine): CommandLine {
  return line
    .option('-c, --config <file>', 'configuration file (default: sallyport.yaml, if there is one)')
    .option('--profile <name>', 'use this profile of the configuration file')
    .option('--debug', 'log everything, and show where an error came from')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 the call or the configuration is wrong.');
}

/** Runs a command line that has been put together. Wrong use throws commander's own error, already told. */
export async function parse(line: CommandLine, args: readonly string[], io: Io): Promise<void> {
  nameProgram(line, io);
  await line.parseAsync(args, { from: 'user' });
}

/** Ids of clients and tokens are random and may begin with a hyphen; none of our options is 22 characters long. */
export function shieldId(args: readonly string[]): readonly string[] {
  const id = args.find((arg) => /^-[\w-]{21}$/.test(arg));
  return id === undefined || args.includes('--') ? args : [...args.filter((arg) => arg !== id), '--', id];
}

/** @throws ConfigInvalid */
export function configOf(options: CommonOptions, io: Io): Config {
  const config = loadConfig({
    file: options.config,
    profile: options.profile,
    environment: io.environment,
    cwd: io.cwd,
  });
  return options.debug === true ? { ...config, log: { ...config.log, level: 'debug' } } : config;
}

/** The usage line repeats what the person typed: `npm run -s sallyport -- users add`. */
function nameProgram(line: CommandLine, io: Io): void {
  line.name(`${io.program} ${line.name()}`);
  const hint = (called: string): string => `  ${paint(io.stderr, 'dim', '→')} See: ${called} --help`;
  line.showHelpAfterError(hint(line.name()));
  for (const sub of line.commands) sub.showHelpAfterError(hint(`${line.name()} ${sub.name()}`));
}

/** "error: unknown option '--foo'" as a sentence. An argument too many may be a password, so it is not repeated. */
function sentence(text: string): string {
  const bare = text.replace(/^error: /, '').replace(/^(too many arguments[^:]*): [^]*$/, '$1.\n');
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
