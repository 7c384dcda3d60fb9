// sallyport tokens: the access tokens that people made themselves, as the operator sees and ends them.

import { PERSONAL_TOKEN_PREFIX } from '@sallyport/authorization-server';
import { digest, isRecognisableToken } from '@sallyport/crypto';
import type { PersonalAccessToken, Storage, User } from '@sallyport/storage';
import { commandLine, parse, shieldId, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { findPerson, unknownUser } from './person.ts';
import { onStorage } from './store.ts';
import { day, printable, table } from './table.ts';

interface ListOptions extends CommonOptions {
  readonly user?: string;
  readonly json?: boolean;
}

interface RevokeOptions extends CommonOptions {
  readonly user?: string;
}

export const tokens: Command = {
  name: 'tokens',
  summary: 'List and revoke the access tokens that people made for themselves',
  async run(args, io) {
    const line = commandLine('tokens', tokens.summary, io, [
      ['tokens list', 'of everybody, the newest first'],
      ['tokens list --user ada@example.com --json', 'of one person, for a script'],
      ['tokens revoke <id>', 'it stops working at once'],
      [`tokens revoke ${PERSONAL_TOKEN_PREFIX}…`, 'one that somebody found where it should not be'],
      ['tokens revoke --user ada@example.com', 'all of one person'],
    ]);
    const sub = (name: string, summary: string) => {
      const command = withConfiguration(commandLine(name, summary, io));
      line.addCommand(command);
      return command;
    };

    sub('list', 'List the tokens that work, the newest first; never the tokens themselves')
      .option('--user <email>', 'of this account only')
      .option('--json', 'print JSON')
      .action((options: ListOptions) => list(options, io));
    sub('revoke', 'Revoke a token, or all of a person; they stop working at once')
      .argument('[id or token]', 'from `tokens list`, or the token itself')
      .option('--user <email>', 'all of this account')
      .action((named: string | undefined, options: RevokeOptions) => revoke(named, options, io));

    await parse(line, shieldId(args), io);
    return exitCodes.done;
  },
};

async function list(options: ListOptions, io: Io): Promise<void> {
  const shown = await onStorage(options, io, async (storage) => {
    const owner = options.user === undefined ? undefined : await findUser(storage, options.user, io);
    return withEmails(await tokensOf(storage, owner, io), storage);
  });
  if (options.json === true) {
    const rows = shown.map(({ token: { userId: _, ...token }, email }) => ({ ...token, user: email }));
    print(io, JSON.stringify(rows, null, 2));
  } else if (shown.length === 0) {
    print(io, 'There is no such token. People make them on their account page.');
  } else {
    const rows = shown.map(({ token, email }) => [
      token.id,
      email,
      token.name,
      token.resource,
      token.scope.join(' '),
      day(token.expiresAt),
      day(token.lastUsedAt),
    ]);
    const head = ['Id', 'Person', 'Name', 'Server', 'Scopes', 'Expires (UTC)', 'Last used (UTC)'];
    print(io, table(io, head, rows));
  }
}

async function revoke(named: string | undefined, options: RevokeOptions, io: Io): Promise<void> {
  const { user: email } = options;
  if ((named === undefined) === (email === undefined)) {
    throw new Failure('Name one token, or one person with --user, whose tokens all end.', {
      next: [`See all: ${io.program} tokens list`],
      exitCode: exitCodes.usage,
    });
  }
  await onStorage(options, io, async (storage) => {
    const ended =
      email === undefined
        ? [await findToken(storage, named ?? '', io)]
        : await tokensOf(storage, await findUser(storage, email, io), io);
    for (const { id, userId } of ended)
      await storage.removePersonalAccessToken({ id, userId, now: io.now() });
    const done = paint(io.stdout, 'green', '✓');
    for (const { token, email: owner } of await withEmails(ended, storage))
      print(io, `${done} Revoked “${printable(token.name)}” of ${printable(owner)}.`);
    if (ended.length === 0) print(io, `${printable(email ?? '')} has no such token.`);
  });
}

function tokensOf(
  storage: Storage,
  owner: User | undefined,
  io: Io,
): Promise<readonly PersonalAccessToken[]> {
  return storage.listPersonalAccessTokens({ now: io.now(), ...(owner && { userId: owner.id }) });
}

/** The token itself is not repeated: what is on the terminal may be kept. */
async function findToken(storage: Storage, named: string, io: Io): Promise<PersonalAccessToken> {
  const isToken = named.startsWith(PERSONAL_TOKEN_PREFIX);
  if (isToken && !isRecognisableToken(PERSONAL_TOKEN_PREFIX, named)) {
    throw new Failure('That token is not whole: a character is missing or wrong.', {
      next: ['Copy all of it.', `Or find it by its owner: ${io.program} tokens list`],
    });
  }
  const id = isToken ? (await storage.findAccessToken(digest(named)))?.grant.id : named;
  const found = (await tokensOf(storage, undefined, io)).find((token) => token.id === id);
  if (found !== undefined) return found;
  throw new Failure(
    isToken
      ? 'That token does not work here: it expired, was revoked, or is of another server.'
      : `There is no token ${printable(named)}.`,
    { next: [`See all: ${io.program} tokens list`] },
  );
}

async function withEmails(
  found: readonly PersonalAccessToken[],
  storage: Storage,
): Promise<readonly { readonly token: PersonalAccessToken; readonly email: string }[]> {
  const emails = new Map((await storage.listUsers()).map(({ id, email }) => [id, email]));
  return found.map((token) => ({ token, email: emails.get(token.userId) ?? '' }));
}

async function findUser(storage: Storage, named: string, io: Io): Promise<User> {
  const user = await findPerson(storage, named);
  if (user !== undefined) return user;
  throw unknownUser(named, io);
}
