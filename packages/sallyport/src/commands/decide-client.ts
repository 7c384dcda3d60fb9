// sallyport clients approve and refuse: the operator's word on a client, also while the server runs.

import { decideOnClient } from '@sallyport/authorization-server';
import { configuredClient, unknownClient } from './client-secrets.ts';
import type { CommonOptions } from './command-line.ts';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { onStorage } from './store.ts';
import { printable } from './table.ts';

export async function decideClient(
  client_id: string,
  decision: 'approved' | 'refused',
  options: CommonOptions,
  io: Io,
): Promise<void> {
  const decided = await onStorage(options, io, (storage) =>
    decideOnClient(storage, { client_id, decision, now: io.now() }),
  );
  if (decided === 'not_found') throw unknownClient(client_id, io);
  if (decided === 'configured') throw configuredClient(client_id, 'Take it out there', options, io);
  const { client_name, redirect_uris } = decided.metadata;
  const name = printable(client_name ?? client_id);
  const done = paint(io.stdout, 'green', '✓');
  if (decision === 'refused') {
    print(io, `${done} Refused ${name}. It is told so, and what it had has stopped working.`);
    return;
  }
  print(io, `${done} Approved ${name}. People can allow it now.`);
  if (redirect_uris.length > 0) print(io, `  It sends them to ${printable(redirect_uris.join(' '))}`);
}
