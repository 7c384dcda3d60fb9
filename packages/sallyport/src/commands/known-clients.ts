// sallyport known-clients: the list of the clients of the field, and a signed one in its place.

import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/index.ts';
import { shippedList } from '../known-clients/index.ts';
import type { KnownClientRow } from '../known-clients/index.ts';
import { olderThan, readCapped, readListFile } from '../known-clients/live.ts';
import type { ListInUse } from '../known-clients/live.ts';
import { issuedAtOf, ListRefused, readList, readSignedList, signList } from '../known-clients/signed.ts';
import { commandLine, configOf, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { complain, paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { table } from './table.ts';

export const knownClientsCommand: Command = {
  name: 'known-clients',
  summary: 'List the known clients, and use a newer list that somebody signed',
  async run(args, io) {
    const line = commandLine('known-clients', knownClientsCommand.summary, io, [
      ['known-clients list', 'the list in use'],
      ['known-clients list --json > clients.json', 'the same with every fact and its source, to be changed'],
      ['known-clients sign clients.json --key key.pem --out known-clients.jws', 'for knownClients.file'],
      ['known-clients update known-clients.jws', 'put a newer list in the place of knownClients.file'],
    ]);
    const sub = (name: string, summary: string) => {
      const command = commandLine(name, summary, io);
      line.addCommand(command);
      return command;
    };
    withConfiguration(sub('list', 'Show who is known, how each registers, and which list is in use'))
      .option('--json', 'print the list itself, with every fact and its source')
      .action((options: CommonOptions & { readonly json?: boolean }) => list(options, io));
    sub('sign', 'Sign a list, for whoever trusts your key')
      .argument('<file>', 'a list as `known-clients list --json` prints it, with a new `issuedAt`')
      .requiredOption('--key <file>', 'an Ed25519 private key in PEM')
      .option('--out <file>', 'where the signed list goes (default: it is printed)')
      .action((file: string, options: { readonly key: string; readonly out?: string }) =>
        sign(file, options, io),
      );
    withConfiguration(sub('update', 'Check a signed list and put it in the place of knownClients.file'))
      .argument('<file>', 'a signed list, newer than the one in use')
      .action((file: string, options: CommonOptions) => update(file, options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};

/** What a server with this configuration would use, and why not the file where it does not. */
export async function listInUse(
  { knownClients }: Pick<Config, 'knownClients'>,
  now: number,
): Promise<ListInUse & { readonly refused?: ListRefused }> {
  if (knownClients === undefined) return { list: shippedList };
  try {
    const list = await readListFile(knownClients, now);
    if (issuedAtOf(list) < issuedAtOf(shippedList)) throw olderThan(shippedList, list);
    return { list, file: knownClients.file };
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error;
    return { list: shippedList, refused: error };
  }
}

async function list(options: CommonOptions & { readonly json?: boolean }, io: Io): Promise<void> {
  const config = configOf(options, io);
  const { list: used, file, refused } = await listInUse(config, io.now());
  if (refused !== undefined)
    complain(
      io,
      `${paint(io.stderr, 'yellow', '!')} ${config.knownClients?.file} ${refused.message}. ${refused.instead}`,
    );
  if (options.json === true) {
    print(io, JSON.stringify(used, null, 2));
    return;
  }
  const head = ['Id', 'Name', 'Maker', 'Registers by', 'Proven by', 'As of'];
  print(io, table(io, head, used.clients.map(rowOf)));
  const from = file === undefined ? 'the list of this version' : file;
  print(io, `\n${used.clients.length} clients, ${from}, issued ${used.issuedAt}.`);
}

function rowOf({ id, name, maker, ways, documents = [], redirects, sources }: KnownClientRow): string[] {
  const proofs = [
    ...(documents.length > 0 ? ['its document'] : []),
    ...(redirects.some(({ reaches }) => reaches === 'client') ? ['its address'] : []),
  ];
  const dates = Object.values(sources).map(({ date }) => date);
  const wayNames = ways.map(({ way }) => (way === 'preregistered' ? 'operator' : way));
  return [
    id,
    name,
    maker,
    wayNames.join(', '),
    proofs.join(', ') || 'nothing',
    dates.toSorted().at(-1) ?? '',
  ];
}

async function sign(
  file: string,
  { key, out }: { readonly key: string; readonly out?: string },
  io: Io,
): Promise<void> {
  const at = (path: string) => resolve(io.cwd, path);
  const signed = await told(file, async () => readList(await readCapped(at(file))));
  const { jws, publicKey } = await told(key, async () => signList(signed, await readCapped(at(key))));
  if (out === undefined) {
    print(io, jws);
    complain(io, `publicKey: ${publicKey}`);
    return;
  }
  await replaceFile(at(out), `${jws}\n`);
  print(
    io,
    `${paint(io.stdout, 'green', '✓')} Signed ${signed.clients.length} clients of ${signed.issuedAt} into ${out}.`,
  );
  print(io, '  Whoever trusts your key configures:');
  print(io, `  knownClients: { file: ${out}, publicKey: ${publicKey} }`);
}

async function update(file: string, options: CommonOptions, io: Io): Promise<void> {
  const config = configOf(options, io);
  const { knownClients } = config;
  if (knownClients === undefined)
    throw new Failure('Nobody is trusted yet to sign a list of known clients.', {
      next: ['Configure `knownClients.file` and `knownClients.publicKey` first.'],
      exitCode: exitCodes.usage,
    });
  const { list: used } = await listInUse(config, io.now());
  const text = await told(file, () => readCapped(resolve(io.cwd, file)));
  const fresh = await told(file, async () => {
    const read = await readSignedList(text, knownClients.publicKey, io.now());
    if (issuedAtOf(read) < issuedAtOf(used)) throw olderThan(used, read);
    return read;
  });
  await replaceFile(knownClients.file, text);
  print(
    io,
    `${paint(io.stdout, 'green', '✓')} ${fresh.clients.length} clients of ${fresh.issuedAt} are in ${knownClients.file}; a running server reads it within seconds.`,
  );
}

/** Whole or not at all: a server may be looking. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new Failure(`${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      next: ['Check the path, and that this user may write there.'],
    });
  }
}

/** A refusal as the command line says it. */
async function told<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error;
    const sentence = /^[A-Z]/.test(error.message) ? error.message : `${file} ${error.message}.`;
    throw new Failure(sentence, { next: [error.instead] });
  }
}
