// sallyport registration preview: what another mode would mean, before it is set.

import type { AdmissionPolicy } from '@sallyport/authorization-server';
import { describeMode } from '@sallyport/authorization-server';
import type { Config } from '../../config/index.ts';
import { previewOf, shutOut } from '../../known-clients/preview.ts';
import type { Change, Outcome } from '../../known-clients/preview.ts';
import { configOf } from '../command-line.ts';
import type { CommonOptions } from '../command-line.ts';
import { paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { listInUse } from '../known-clients.ts';
import { onStorage } from '../store.ts';
import { printable } from '../table.ts';

export interface PreviewOptions extends CommonOptions {
  readonly mode: string;
  readonly allowedHosts?: string;
  readonly json?: boolean;
}

export async function showPreview(options: PreviewOptions, io: Io): Promise<void> {
  const present = configOf(options, io);
  // Read by the rules of the configuration itself, as if it said so.
  const other = configOf(options, {
    ...io,
    environment: {
      ...io.environment,
      SALLYPORT_REGISTRATION_MODE: options.mode,
      ...(options.allowedHosts !== undefined && {
        SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ALLOWED_HOSTS: options.allowedHosts,
      }),
    },
  });
  const [now, later] = [policyOf(present), policyOf(other)];
  const { list } = await listInUse(present, io.now());
  const changes = previewOf(list.clients, now, later);
  const ours = await onStorage(options, io, (storage) => storage.listClients());
  const shut = shutOut(ours, now, later);
  if (options.json === true) {
    const shutOutHere = shut.map(({ client_id, metadata }) => ({
      client_id,
      client_name: metadata.client_name,
    }));
    print(
      io,
      JSON.stringify(
        { now: describeMode(now), later: describeMode(later), clients: changes, shutOutHere },
        null,
        2,
      ),
    );
    return;
  }
  print(io, `Now:  ${describeMode(now)}`);
  print(io, `Then: ${describeMode(later)}`);
  for (const outcome of order) sayGroup(outcome, changes, io);
  if (ours.length === 0) return;
  print(io);
  if (shut.length === 0) {
    print(io, 'Clients that are registered here go on as before.');
    return;
  }
  print(
    io,
    paint(io.stdout, 'bold', 'Of the clients that are known here, these could ask for no more access:'),
  );
  for (const { client_id, metadata } of shut)
    print(io, `  ${printable(metadata.client_name ?? '')}  ${printable(client_id)}`);
  print(io, 'What they were granted goes on until it is taken back.');
}

const order: readonly Outcome[] = ['stops', 'waits', 'by hand', 'connects'];
const heads: Readonly<Record<Outcome, string>> = {
  stops: 'Could not connect',
  waits: 'Would wait for you',
  'by hand': 'Only by hand, as in every mode',
  connects: 'Would connect',
};
const colours = { stops: 'red', waits: 'yellow', 'by hand': 'dim', connects: 'green' } as const;

function sayGroup(outcome: Outcome, changes: readonly Change[], io: Io): void {
  const group = changes.filter(({ later }) => later.outcome === outcome);
  if (group.length === 0) return;
  print(io);
  print(io, paint(io.stdout, colours[outcome], `${heads[outcome]} (${group.length})`));
  for (const { name, now, later } of group) {
    const before = now.outcome === later.outcome ? '' : ` (now: ${heads[now.outcome].toLowerCase()})`;
    print(io, `  ${name}${before}: ${later.because}`);
    if (later.passes !== undefined && outcome !== 'connects')
      print(io, `    → ${later.passes.replace('sallyport ', `${io.program} `)}`);
  }
}

function policyOf({ registration: { mode, metadataDocuments } }: Config): AdmissionPolicy {
  return { mode, ...(metadataDocuments !== undefined && { metadataDocuments }) };
}
