// sallyport registration tokens: several, each with a name, so that one can be revoked without the others.

import { addInitialAccessToken, initialAccessTokenName } from '@sallyport/authorization-server';
import type { InitialAccessToken } from '@sallyport/storage';
import { configOf } from '../command-line.ts';
import type { CommonOptions } from '../command-line.ts';
import { exitCodes, Failure } from '../failure.ts';
import { paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { readSpan } from '../span.ts';
import { onStorage } from '../store.ts';
import { day, printable, table } from '../table.ts';

export interface Output extends CommonOptions {
  readonly json?: boolean;
}

export interface AddTokenOptions extends Output {
  readonly expires?: string;
  readonly uses?: string;
}

/** What is meant for longer is meant for good. */
const MAX_EXPIRES_SECONDS = 3650 * 24 * 3600;

export async function addToken(name: string, options: AddTokenOptions, io: Io): Promise<void> {
  if (!initialAccessTokenName.test(name)) {
    throw new Failure(`${printable(name)} is no name for a token.`, {
      next: ['Use letters, digits, hyphens and underscores, for example: ci'],
      exitCode: exitCodes.usage,
    });
  }
  const asked = { name, ...expiresAtOf(options, io), ...maxUsesOf(options) };
  const made = await onStorage(options, io, (storage) => addInitialAccessToken(storage, asked, io.now()));
  if (made === 'taken') {
    throw new Failure(`There is a token ${printable(name)} already.`, {
      next: [`Choose another name, or first: ${io.program} registration tokens revoke ${name}`],
    });
  }
  const { token, initial_access_token } = made;
  if (options.json === true) {
    print(io, JSON.stringify({ ...asJson(token), initial_access_token }, null, 2));
    return;
  }
  print(io, `${paint(io.stdout, 'green', '✓')} Made the token ${name}; ${limitsOf(token)}.`);
  print(io, `  initial_access_token  ${initial_access_token}`);
  print(io, paint(io.stdout, 'dim', '  Keep it now: only its hash is stored, so it cannot be shown again.'));
  if (configOf(options, io).registration.mode === 'closed')
    print(io, '  registration.mode is closed, so nobody can use it: write, for example, mode: token');
}

export async function listTokens(options: Output, io: Io): Promise<void> {
  const tokens = await onStorage(options, io, (storage) => storage.listInitialAccessTokens());
  if (options.json === true) {
    print(io, JSON.stringify(tokens.map(asJson), null, 2));
    return;
  }
  const { accessToken } = configOf(options, io).registration;
  const rows = tokens.map((token) => [
    token.name,
    String(token.uses),
    day(token.lastUsedAt),
    stateOf(token, io.now()),
  ]);
  // Its uses are not counted; what registered with it is in `clients list --json`.
  if (accessToken !== undefined) rows.push([accessToken.name, '', '', 'good until taken out there']);
  if (rows.length === 0) {
    print(io, `There is no token yet. Make one: ${io.program} registration tokens add <name>`);
    return;
  }
  print(io, table(io, ['Name', 'Uses', 'Last used (UTC)', 'State'], rows));
}

export async function revokeToken(name: string, options: Output, io: Io): Promise<void> {
  const outcome = await onStorage(options, io, (storage) => storage.removeInitialAccessToken(name));
  if (outcome === 'not_found') {
    const { accessToken } = configOf(options, io).registration;
    if (name === accessToken?.name) {
      throw new Failure(`${name} is in the configuration, so nothing was done.`, {
        next: ['Take it out there, and start the server anew.'],
      });
    }
    throw new Failure(`There is no token ${printable(name)}.`, {
      next: [`See all: ${io.program} registration tokens list`],
    });
  }
  const stay = 'The clients that registered with it stay.';
  print(io, `${paint(io.stdout, 'green', '✓')} Revoked the token ${name}. ${stay}`);
}

function expiresAtOf({ expires }: AddTokenOptions, io: Io): { expiresAt?: number } {
  if (expires === undefined) return {};
  const seconds = readSpan(expires, MAX_EXPIRES_SECONDS);
  if (seconds !== undefined) return { expiresAt: io.now() + seconds };
  throw new Failure(`--expires ${printable(expires)} is no time that a token can be good for.`, {
    next: ['Write minutes, hours or days, ten years at most, for example: --expires 30d'],
    exitCode: exitCodes.usage,
  });
}

function maxUsesOf({ uses }: AddTokenOptions): { maxUses?: number } {
  if (uses === undefined) return {};
  if (/^[1-9]\d{0,8}$/.test(uses)) return { maxUses: Number(uses) };
  throw new Failure(`--uses ${printable(uses)} is no number of clients.`, {
    next: ['Write a whole number, for example: --uses 10'],
    exitCode: exitCodes.usage,
  });
}

function limitsOf({ expiresAt, maxUses }: InitialAccessToken): string {
  const times =
    maxUses === undefined ? 'any number of clients' : `${maxUses} client${maxUses === 1 ? '' : 's'}`;
  return `it registers ${times}${expiresAt === undefined ? '' : ` until ${day(expiresAt)} UTC`}`;
}

function stateOf({ expiresAt, maxUses, uses }: InitialAccessToken, now: number): string {
  if (expiresAt !== undefined && expiresAt <= now) return `expired ${day(expiresAt)}`;
  if (maxUses !== undefined && uses >= maxUses) return 'used up';
  const until = expiresAt === undefined ? 'until it is revoked' : `until ${day(expiresAt)}`;
  return `good ${until}${maxUses === undefined ? '' : `, for ${maxUses - uses} more`}`;
}

/** Without its digest, which is nobody's business either. */
function asJson({ digest: _, ...token }: InitialAccessToken): Omit<InitialAccessToken, 'digest'> {
  return token;
}
