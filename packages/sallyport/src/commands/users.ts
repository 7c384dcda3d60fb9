// sallyport users: the accounts of this server.

import { addUserWithPassword, hashPassword } from '@sallyport/sign-in';
import type { Storage, User } from '@sallyport/storage';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { askPassword } from './password.ts';
import { onStorage } from './store.ts';
import { day, printable, table } from './table.ts';

interface PasswordOptions extends CommonOptions {
  readonly password?: string;
}

interface AddOptions extends PasswordOptions {
  readonly name?: string;
  readonly operator?: boolean;
}

export const users: Command = {
  name: 'users',
  summary: 'Add, list and remove the people who may sign in, and set their passwords',
  async run(args, io) {
    const line = commandLine('users', users.summary, io, [
      ['users add ada@example.com', 'asks for the password'],
      ['users add ada@example.com --operator < password.txt', 'reads the password from a file'],
      ['users list --json', 'for a script'],
      ['users remove ada@example.com', 'and everything that belongs to the account'],
    ]);
    const sub = (name: string, summary: string) => {
      const command = withConfiguration(commandLine(name, summary, io));
      line.addCommand(command);
      return command;
    };

    sub('add', 'Add an account')
      .argument('<email>', 'what the person signs in with')
      .option(
        '--password <password>',
        'the password (other users of this machine can see it while it runs; better leave it out)',
      )
      .option('--name <name>', 'how pages call the person (default: the part before the @)')
      .option('--operator', 'an operator may see and change everything; the first account always is one')
      .action((email: string, options: AddOptions) => add(email, options, io));
    sub('set-password', 'Set a new password, for somebody who forgot theirs; it ends their sessions')
      .argument('<email>', 'the account')
      .option('--password <password>', 'the password (better leave it out, as with `users add`)')
      .action((email: string, options: PasswordOptions) => setPassword(email, options, io));
    sub('list', 'List all accounts')
      .option('--json', 'print JSON')
      .action((options: CommonOptions & { json?: boolean }) => list(options, io));
    sub(
      'remove',
      'Remove an account with its sessions, its consents, the access it gave to clients, and its items',
    )
      .argument('<email>', 'the account')
      .action((email: string, options: CommonOptions) => remove(email, options, io));

    await parse(line, args, io);
    return 0;
  },
};

async function add(email: string, options: AddOptions, io: Io): Promise<void> {
  await onStorage(options, io, async (storage) => {
    const password = options.password ?? (await askPassword(io));
    const isFirst = !(await storage.hasUsers());
    const role = options.operator === true || isFirst ? 'operator' : 'member';
    const user = await addUserWithPassword(storage, { email, password, name: options.name, role }, io.now());
    print(
      io,
      `${paint(io.stdout, 'green', '✓')} Added ${user.email}${role === 'operator' ? ', an operator' : ''}.`,
    );
  });
}

async function setPassword(email: string, options: PasswordOptions, io: Io): Promise<void> {
  await onStorage(options, io, async (storage) => {
    const user = await findUser(storage, email, io);
    const passwordHash = await hashPassword(options.password ?? (await askPassword(io)));
    const outcome = await storage.setPassword({ userId: user.id, passwordHash, now: io.now() });
    if (outcome === 'not_found') throw unknownUser(email, io);
    print(io, `${paint(io.stdout, 'green', '✓')} ${user.email} has a new password and must sign in again.`);
  });
}

async function list(options: CommonOptions & { json?: boolean }, io: Io): Promise<void> {
  const people = await onStorage(options, io, (storage) => storage.listUsers());
  if (options.json === true) {
    const shown = people.map(({ id, email, name, role, createdAt, clientId }) => ({
      id,
      ...(clientId === undefined ? { email } : { clientId }),
      name,
      role: clientId === undefined ? role : 'service account',
      createdAt,
    }));
    print(io, JSON.stringify(shown, null, 2));
  } else if (people.length === 0) {
    print(io, `There is no account yet. Make the first one: ${io.program} users add <email>`);
  } else {
    const rows = people.map(({ email, name, role, createdAt, clientId }) =>
      clientId === undefined
        ? [email, name, role, day(createdAt)]
        : ['', name, `service account of ${clientId}`, day(createdAt)],
    );
    print(io, table(io, ['E-mail', 'Name', 'Role', 'Since (UTC)'], rows));
  }
}

async function remove(email: string, options: CommonOptions, io: Io): Promise<void> {
  await onStorage(options, io, async (storage) => {
    const user = await findUser(storage, email, io);
    if ((await storage.removeUser(user.id)) === 'not_found') throw unknownUser(email, io);
    print(io, `${paint(io.stdout, 'green', '✓')} Removed ${user.email}. Its tokens have stopped working.`);
  });
}

async function findUser(storage: Storage, email: string, io: Io): Promise<User> {
  const user = await storage.findUserByEmail(email.trim().toLowerCase());
  if (user !== undefined) return user;
  if ((await storage.findUser(email))?.clientId === undefined) throw unknownUser(email, io);
  throw new Failure(
    `${printable(email)} is the service account of a client: it has no password and goes with it.`,
    {
      next: [`Remove the client: ${io.program} clients remove ${printable(email)}`],
    },
  );
}

function unknownUser(email: string, io: Io): Failure {
  return new Failure(`There is no account ${printable(email)}.`, {
    next: [`See all: ${io.program} users list`],
  });
}
