// sallyport users: inviting people, and what they sign in with at providers.

import { invite as inviteTo } from '@sallyport/sign-in';
import type { KnownIdentity } from '@sallyport/storage';
import { isUpstream } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import type { CommonOptions } from './command-line.ts';
import { Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { onStorage, onStore } from './store.ts';
import { day, printable, table } from './table.ts';

export interface InviteOptions extends CommonOptions {
  readonly name?: string;
  readonly operator?: boolean;
}

export async function invite(email: string, options: InviteOptions, io: Io): Promise<void> {
  await onStore(options, io, async ({ storage, config }) => {
    const { authorizationServer } = config;
    if (authorizationServer !== undefined)
      throw new Failure('Nobody could take the invitation: people do not sign in here.', {
        next: [
          `Let them in at ${authorizationServer.server.issuer}: they get an account with their first call`,
        ],
      });
    const titles = config.signIn.filter(isUpstream).map(({ title }) => title);
    if (titles.length === 0)
      throw new Failure('Nobody could take the invitation: people sign in with passwords alone here.', {
        next: [
          `Make the account with a password: ${io.program} users add ${printable(email)}`,
          'Or configure a provider, and invite again: docs/providers.md',
        ],
      });
    const isFirst = !(await storage.hasUsers());
    const role = options.operator === true || isFirst ? 'operator' : 'member';
    const user = await inviteTo(storage, { email, name: options.name, role }, io.now());
    const says = `Invited ${user.email}${role === 'operator' ? ', an operator' : ''}.`;
    print(io, `${paint(io.stdout, 'green', '✓')} ${says}`);
    print(
      io,
      `  Nothing is sent: tell them to sign in at ${config.publicUrl}/sign-in with ${titles.join(' or ')}, where that address must be verified.`,
    );
  });
}

export async function identities(options: CommonOptions & { json?: boolean }, io: Io): Promise<void> {
  const [people, all] = await onStorage(options, io, async (storage) => [
    await storage.listUsers(),
    await storage.listIdentities(),
  ]);
  if (options.json === true) return print(io, JSON.stringify(all, null, 2));
  if (all.length === 0) return print(io, 'Nobody has signed in with a provider yet.');
  const names = new Map(people.map(({ id, email }) => [id, email]));
  const rows = all.map((one) => [
    one.provider,
    one.subject,
    shownAs(one),
    names.get(one.userId) ?? '',
    day(one.createdAt),
    day(one.signedInAt),
  ]);
  print(io, table(io, ['Provider', 'Subject', 'There', 'Account', 'Since (UTC)', 'Last (UTC)'], rows));
}

/** An address that is not verified is never shown as if it were. */
function shownAs({ email, emailVerified, username, name }: KnownIdentity): string {
  const address = email === undefined || emailVerified ? email : `${email} (not verified)`;
  return [username ?? name, address].filter((part) => part !== undefined).join(', ');
}

export async function unlink(
  provider: string,
  subject: string,
  options: CommonOptions,
  io: Io,
): Promise<void> {
  await onStore(options, io, async ({ storage, config }) => {
    const found = await storage.findIdentity({ provider, subject });
    if (found === undefined) throw unknownIdentity(io);
    const { id: userId, email } = found.user;
    const unlinked = { userId, provider, subject, ways: waysOf(config), now: io.now() };
    const outcome = await storage.unlinkIdentity(unlinked);
    if (outcome === 'not_found') throw unknownIdentity(io);
    if (outcome === 'last_way' && config.authorizationServer !== undefined)
      throw new Failure(`${printable(email)} comes here with tokens for it, so it stays.`, {
        next: [
          `End their access at ${config.authorizationServer.server.issuer}: without it, they would come back with another account`,
          `Or remove the account and its data: ${io.program} users remove ${printable(email)}`,
        ],
      });
    if (outcome === 'last_way')
      throw new Failure(`It is the only way to sign in as ${printable(email)}, so it stays.`, {
        next: [
          `Give the account a password first: ${io.program} users set-password ${printable(email)}`,
          `Or remove the account: ${io.program} users remove ${printable(email)}`,
        ],
      });
    print(io, `${paint(io.stdout, 'green', '✓')} ${printable(email)} can no longer sign in with it.`);
  });
}

function unknownIdentity(io: Io): Failure {
  return new Failure('Nobody signs in with that.', { next: [`See all: ${io.program} users identities`] });
}

/** The providers that lead people to their account now: those to sign in with, or the issuer whose tokens they have. */
function waysOf({ signIn, authorizationServer }: Config): readonly string[] {
  if (authorizationServer !== undefined) return [authorizationServer.server.issuer];
  return signIn.map((way) => (isUpstream(way) ? way.id : way.provider));
}
