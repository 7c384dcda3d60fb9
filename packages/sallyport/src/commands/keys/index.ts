// sallyport keys: the keys of the deployment, replaced while it runs.

import { commandLine, parse, withConfiguration } from '../command-line.ts';
import { exitCodes } from '../failure.ts';
import type { Command, Io } from '../io.ts';
import { importKey } from './import.ts';
import { list } from './list.ts';
import type { ChangeOptions, Output } from './options.ts';
import { reseal } from './reseal.ts';
import { retire } from './retire.ts';
import type { RetireOptions } from './retire.ts';
import { rotate } from './rotate.ts';

export const keys: Command = {
  name: 'keys',
  summary: 'List, rotate, import and retire the keys of this deployment, while it runs',
  async run(args, io) {
    const line = commandLine('keys', keys.summary, io, [
      ['keys list', 'what there is, and what each key does now'],
      ['keys rotate', 'a new signing key, ten minutes from now; nobody is signed out'],
      ['keys rotate --now', 'when the old one may have been stolen; then retire it'],
      ['keys retire <id>', 'what it signed is refused at once'],
      ['keys reseal', 'a new key for what is sealed in the database'],
    ]);
    const sub = subcommandsOf(line, io);

    sub('list', 'List all keys, by what they are for')
      .option('--json', 'print JSON')
      .action((options: Output) => list(options, io));
    sub('rotate', 'Add the next key; older ones are accepted until nothing needs them, or they are retired')
      .argument('[purpose]', 'signing, cookies, derivation or sealing', 'signing')
      .option('--now', 'use it at once, not once everybody has heard of it')
      .option(
        '--after <seconds>',
        'use it only after so long, for instances that get secrets.json by other means',
      )
      .option('--json', 'print JSON')
      .action((purpose: string, options: ChangeOptions) => rotate(purpose, options, io));
    sub('retire', 'Take a key away at once, with everything that it made')
      .argument('<id>', 'from `keys list`')
      .option('--force', 'even when people have to sign in again')
      .action((id: string, options: RetireOptions) => retire(id, options, io));
    sub('import', 'Take a private key in PEM as the next signing key')
      .argument('<file>', 'RSA (PKCS#1 or PKCS#8), EC on P-256 (SEC 1 or PKCS#8) or Ed25519, not encrypted')
      .option('--now', 'sign with it at once')
      .option('--json', 'print JSON')
      .action((file: string, options: ChangeOptions) => importKey(file, options, io));
    sub('reseal', 'Seal everything in the database under a new key; goes on where it was stopped')
      .option('--json', 'print JSON')
      .action((options: Output) => reseal(options, io));

    await parse(line, shieldId(args), io);
    return exitCodes.done;
  },
};

function subcommandsOf(line: ReturnType<typeof commandLine>, io: Io) {
  return (name: string, summary: string) => {
    const command = withConfiguration(commandLine(name, summary, io));
    line.addCommand(command);
    return command;
  };
}

/** A kid is a digest and may begin with a hyphen, as ids of early secrets may. */
function shieldId(args: readonly string[]): readonly string[] {
  const isId = (arg: string): boolean => /^-(?:[\w-]{42}|[\w-]{7})$/.test(arg) && arg !== '--config';
  const id = args[0] === 'retire' && !args.includes('--') ? args.find(isId) : undefined;
  return id === undefined ? args : [...args.filter((arg) => arg !== id), '--', id];
}
