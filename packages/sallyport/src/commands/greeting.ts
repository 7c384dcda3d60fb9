// What `serve` prints when it is up: the URL to paste, how the common clients take it, and how to get the first account.

import { describeMode } from '@sallyport/authorization-server';
import type { AdmissionPolicy } from '@sallyport/authorization-server';
import { connectInstructions } from '@sallyport/pages';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';

export interface Greeting {
  readonly publicUrl: string;
  readonly servers: readonly { readonly name: string; readonly title: string; readonly url: string }[];
  /** Path of the link that makes the first account, while there is none. */
  readonly setupPath: string | undefined;
  /** Who gets an account by each provider, in words. */
  readonly people?: readonly { readonly title: string; readonly says: string }[];
  /** Which clients are let in. */
  readonly registration: AdmissionPolicy;
}

export function greet({ publicUrl, servers, setupPath, people = [], registration }: Greeting, io: Io): void {
  const bold = (text: string): string => paint(io.stdout, 'bold', text);
  const dim = (text: string): string => paint(io.stdout, 'dim', text);
  print(io, `${bold('Sallyport is running')} at ${publicUrl}  ${dim('(Ctrl-C ends it)')}`);
  print(io);
  for (const { title, url } of servers) print(io, `  MCP URL (${title})  ${bold(url)}`);
  if (registration.mode !== 'open') print(io, dim(`  Clients: ${describeMode(registration)}`));
  for (const { title, says } of people) print(io, dim(`  ${title} gives an account to ${says}`));
  if (setupPath !== undefined) {
    print(io);
    print(
      io,
      '  There is no account yet. This link makes the first one, the operator’s; keep it to yourself:',
    );
    print(io, `  ${bold(`${publicUrl}${setupPath}`)}`);
  }
  const [first] = servers;
  if (first !== undefined) {
    print(io);
    for (const { client, how, command } of connectInstructions(first)) {
      print(io, `  ${bold(client.padEnd(11))}  ${command === undefined ? how : oneLine(command)}`);
      if (command !== undefined) print(io, `  ${' '.repeat(11)}  ${dim(how)}`);
    }
  }
  print(io);
}

/** A settings file is as good on one line. */
function oneLine(command: string): string {
  try {
    return JSON.stringify(JSON.parse(command));
  } catch {
    return command;
  }
}
