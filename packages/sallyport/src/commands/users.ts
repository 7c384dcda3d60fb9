// sallyport users: the accounts of this server.

import { isEmail } from '@sallyport/protocol';
import { addUserWithPassword, hashPassword } from '@sallyport/sign-in';
import type { KnownIdentity, Storage, User } from '@sallyport/storage';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { Failure } from './failure.ts';
import { identities, invite, unlink } from './identities.ts';
import type { InviteOptions } from './identities.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { askPassword } from './password.ts';
import { findPerson, unknownUser } from './person.ts';
import { onStorage } from './store.ts';
import { day, printable, table } from './table.ts';

interface PasswordOptions extends CommonOptions {
  readonly password?: string;
}

type AddOptions = PasswordOptions & InviteOptions;

export const users: Command = {
  name: 'users',
  summary: 'Add, invite, list and remove the people who may sign in, and how they do',
  async run(args, io) {
    const line = commandLine('users', users.summary, io, [
      ['users add ada@example.com', 'asks for the password'],
      ['users add ada@example.com --operator < password.txt', 'reads the password from a file'],
      ['users invite ada@example.com', 'for whoever comes from a provider with that address'],
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
    sub('invite', 'Make an account for whoever comes from a provider that has verified this address')
      .argument('<email>', 'what the provider knows the person by')
      .option('--name <name>', 'how pages call the person (default: the part before the @)')
      .option('--operator', 'an operator may see and change everything; the first account always is one')
      .action((email: string, options: InviteOptions) => invite(email, options, io));
    sub('set-password', 'Set a new password, for somebody who forgot theirs; it ends their sessions')
      .argument('<email>', 'the account')
      .option('--password <password>', 'the password (better leave it out, as with `users add`)')
      .action((email: string, options: PasswordOptions) => setPassword(email, options, io));
    sub('list', 'List all accounts')
      .option('--json', 'print JSON')
      .action((options: CommonOptions & { json?: boolean }) => list(options, io));
    sub('identities', 'List what people sign in with at providers')
      .option('--json', 'print JSON')
      .action((options: CommonOptions & { json?: boolean }) => identities(options, io));
    sub('unlink', 'Take a way to sign in from an account, but not the last one')
      .argument('<provider>', 'as `users identities` shows it')
      .argument('<subject>', 'the same')
      .action((provider: string, subject: string, options: CommonOptions) =>
        unlink(provider, subject, options, io),
      );
    sub(
      'remove',
      'Remove an account with its sessions, its consents, the access it gave to clients, and its items',
    )
      .argument('<account>', 'its e-mail address, or what `users list` shows in place of one')
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
    if (!isEmail(user.email))
      throw new Failure(`${printable(user.email)} has no e-mail address to sign in with a password by.`, {
        next: ['Let the person link another provider in their account.'],
      });
    const passwordHash = await hashPassword(options.password ?? (await askPassword(io)));
    const outcome = await storage.setPassword({ userId: user.id, passwordHash, now: io.now() });
    if (outcome === 'not_found') throw unknownUser(email, io);
    print(io, `${paint(io.stdout, 'green', '✓')} ${user.email} has a new password and must sign in again.`);
  });
}

async function list(options: CommonOptions & { json?: boolean }, io: Io): Promise<void> {
  const [people, known] = await onStorage(options, io, async (storage) => [
    await storage.listUsers(),
    await storage.listIdentities(),
  ]);
  if (options.json === true) {
    const shown = people.map((user) => ({
      id: user.id,
      ...handleOf(user),
      name: user.name,
      role: user.clientId === undefined ? user.role : 'service account',
      ...(user.clientId === undefined && { ways: waysTo(user, known) }),
      createdAt: user.createdAt,
    }));
    print(io, JSON.stringify(shown, null, 2));
  } else if (people.length === 0) {
    print(io, `There is no account yet. Make the first one: ${io.program} users add <email>`);
  } else {
    const rows = people.map((user) =>
      user.clientId === undefined
        ? [user.email, user.name, user.role, waysShown(user, known), day(user.createdAt)]
        : ['', user.name, `service account of ${user.clientId}`, '', day(user.createdAt)],
    );
    print(io, table(io, ['Account', 'Name', 'Role', 'Signs in with', 'Since (UTC)'], rows));
  }
}

/** What stands in place of an e-mail address is not called one. */
function handleOf({ email, clientId }: User) {
  if (clientId !== undefined) return { clientId };
  return isEmail(email) ? { email } : { account: email };
}

function waysTo({ id, passwordHash }: User, known: readonly KnownIdentity[]): readonly string[] {
  const providers = known.filter(({ userId }) => userId === id).map(({ provider }) => provider);
  return [...(passwordHash === undefined ? [] : ['password']), ...providers];
}

const waysShown = (user: User, known: readonly KnownIdentity[]): string =>
  waysTo(user, known).join(', ') || 'invited, has not come yet';

async function remove(email: string, options: CommonOptions, io: Io): Promise<void> {
  await onStorage(options, io, async (storage) => {
    const user = await findUser(storage, email, io);
    if ((await storage.removeUser(user.id)) === 'not_found') throw unknownUser(email, io);
    print(
      io,
      `${paint(io.stdout, 'green', '✓')} Removed ${printable(user.email)}. Its tokens have stopped working.`,
    );
  });
}

async function findUser(storage: Storage, email: string, io: Io): Promise<User> {
  const user = await findPerson(storage, email);
  if (user !== undefined) return user;
  if ((await storage.findUser(email))?.clientId === undefined) throw unknownUser(email, io);
  throw new Failure(
    `${printable(email)} is the service account of a client: it has no password and goes with it.`,
    {
      next: [`Remove the client: ${io.program} clients remove ${printable(email)}`],
    },
  );
}
