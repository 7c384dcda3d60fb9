// sallyport providers: as whom this server has registered itself at providers of identities.

import type { OutboundRegistration } from '@sallyport/storage';
import type { Config } from '../config/index.ts';
import { isUpstream } from '../config/index.ts';
import { issuerOf } from '../providers.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { onStore } from './store.ts';
import { day, printable, table } from './table.ts';

export const providers: Command = {
  name: 'providers',
  summary: 'List as whom this server has registered itself at providers, and forget it',
  async run(args, io) {
    const line = commandLine('providers', providers.summary, io, [
      ['providers list', 'client ids, and where people come back to'],
      ['providers forget clerk', 'the next sign-in registers this server there anew'],
    ]);
    const sub = (name: string, summary: string) => {
      const command = withConfiguration(commandLine(name, summary, io));
      line.addCommand(command);
      return command;
    };
    sub('list', 'List where this server has registered itself, and as whom')
      .option('--json', 'print JSON')
      .action((options: CommonOptions & { json?: boolean }) => list(options, io));
    sub('forget', 'Forget it, because the provider has; the tokens that came of it are refreshed no more')
      .argument('<provider>', 'its id, or its issuer as `providers list` shows it')
      .action((provider: string, options: CommonOptions) => forget(provider, options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};

async function list(options: CommonOptions & { json?: boolean }, io: Io): Promise<void> {
  const [all, config] = await onStore(options, io, async ({ storage, config: read }) => [
    await storage.listOutboundRegistrations(),
    read,
  ]);
  if (options.json === true) {
    const shown = all.map(({ id: _id, sealed: _sealed, ...registration }) => ({
      provider: providerAt(registration, config),
      ...registration,
    }));
    return print(io, JSON.stringify(shown, null, 2));
  }
  if (all.length === 0)
    return print(
      io,
      'This server has registered itself nowhere. It does at the first sign-in that needs it.',
    );
  const rows = all.map((one) => [
    providerAt(one, config) ?? '',
    one.issuer,
    one.client_id,
    one.redirect_uri,
    day(one.registeredAt),
    one.expiresAt === undefined ? 'for good' : day(one.expiresAt),
  ]);
  const head = ['Provider', 'Issuer', 'Client id there', 'Redirect URI', 'Since (UTC)', 'Until (UTC)'];
  print(io, table(io, head, rows));
}

async function forget(provider: string, options: CommonOptions, io: Io): Promise<void> {
  await onStore(options, io, async ({ storage, config }) => {
    const way = config.signIn.filter(isUpstream).find(({ id }) => id === provider);
    const issuer = way === undefined ? provider : issuerOf(way);
    const found = (await storage.listOutboundRegistrations()).filter((one) => one.issuer === issuer);
    if (found.length === 0)
      throw new Failure(`This server has not registered itself at ${printable(provider)}.`, {
        next: [`See where it has: ${io.program} providers list`],
      });
    for (const { id, client_id, redirect_uri } of found) {
      await storage.forgetOutboundRegistration({ id, client_id });
      const says = `Forgot ${printable(client_id)}, for ${redirect_uri}.`;
      print(io, `${paint(io.stdout, 'green', '✓')} ${says}`);
    }
    print(
      io,
      '  The provider may know it still: remove it there. The next sign-in registers this server anew.',
    );
  });
}

/** The way to sign in that uses it now; of an earlier publicUrl, or of a provider that was taken out, there is none. */
function providerAt(
  { issuer, redirect_uri }: Pick<OutboundRegistration, 'issuer' | 'redirect_uri'>,
  { signIn, publicUrl }: Config,
): string | undefined {
  const way = signIn
    .filter(isUpstream)
    .find((one) => issuerOf(one) === issuer && `${publicUrl}${one.callbackPath}` === redirect_uri);
  return way?.clientId === undefined ? way?.id : undefined;
}
