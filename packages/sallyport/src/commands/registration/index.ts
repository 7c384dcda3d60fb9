// sallyport registration: what lets clients register, and what another mode would mean.

import { commandLine, parse, withConfiguration } from '../command-line.ts';
import { exitCodes } from '../failure.ts';
import type { Command } from '../io.ts';
import { addToken, listTokens, revokeToken } from './tokens.ts';
import type { AddTokenOptions, Output } from './tokens.ts';
import { showPreview } from './preview.ts';
import type { PreviewOptions } from './preview.ts';

export const registration: Command = {
  name: 'registration',
  summary: 'Manage the tokens that let clients register, and preview another mode',
  async run(args, io) {
    const line = commandLine('registration', registration.summary, io, [
      ['registration tokens add ci --expires 30d --uses 10', 'shown once; for whoever registers the client'],
      ['registration tokens list', 'who may register clients, and who did last'],
      ['registration preview --mode closed', 'who could not connect any more, and what would help'],
      ['registration tokens revoke ci', 'no more clients with it; those that are registered stay'],
    ]);
    const tokens = commandLine('tokens', 'Initial access tokens (RFC 7591)', io);
    line.addCommand(tokens);
    const sub = (name: string, summary: string) => {
      const command = withConfiguration(commandLine(name, summary, io));
      tokens.addCommand(command);
      return command;
    };
    sub('add', 'Make a token; it is shown once')
      .argument('<name>', 'what it is listed by, for example who gets it')
      .option('--expires <time>', 'for how long it is good: 12h, 30d (default: until it is revoked)')
      .option('--uses <number>', 'how many clients it may register (default: any number)')
      .option('--json', 'print JSON')
      .action((name: string, options: AddTokenOptions) => addToken(name, options, io));
    sub('list', 'List the tokens by name, and when each was last used')
      .option('--json', 'print JSON')
      .action((options: Output) => listTokens(options, io));
    sub('revoke', 'Take a token away; the clients that registered with it stay')
      .argument('<name>', 'from `registration tokens list`')
      .action((name: string, options: Output) => revokeToken(name, options, io));
    const preview = withConfiguration(
      commandLine('preview', 'Compare a mode with the one that is configured; nothing is changed', io),
    );
    line.addCommand(preview);
    preview
      .requiredOption('--mode <mode>', 'a value of registration.mode')
      .option(
        '--allowed-hosts <hosts>',
        'for registration.metadataDocuments.allowedHosts, separated by commas',
      )
      .option('--json', 'print JSON')
      .action((options: PreviewOptions) => showPreview(options, io));
    await parse(line, args, io);
    return exitCodes.done;
  },
};
