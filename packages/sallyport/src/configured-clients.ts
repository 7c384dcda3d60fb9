// The clients of the configuration, written into the store when an instance starts; and what is then said about those that
// another configuration left there.

import { keepConfiguredClients, mustUsePkce } from '@sallyport/authorization-server';
import type { Log } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import type { Config } from './config/index.ts';

/** A client_id of the configuration belongs to another client; `instead` says what to do. */
export class ClientIdTaken extends Error {
  override readonly name = 'ClientIdTaken';
  readonly instead: string;

  constructor(taken: readonly string[]) {
    super(sayTaken(taken));
    this.instead = insteadOfTaken(taken);
  }
}

/** @throws ClientIdTaken, and nothing is written */
export async function openConfiguredClients(
  { clients, registration }: Pick<Config, 'clients' | 'registration'>,
  { storage, log, now }: { readonly storage: Storage; readonly log: Log; readonly now: number },
): Promise<void> {
  const { taken, withdrawn } = await keepConfiguredClients(storage, clients, { policy: registration, now });
  if (taken.length > 0) throw new ClientIdTaken(taken);
  for (const client_id of withdrawn) {
    const next = `Put it back and start anew, or end its access for good: sallyport clients remove ${client_id}`;
    log('warn', 'configured_client_withdrawn', { client_id, next });
  }
}

/** What a start would meet, for `check`. */
export interface Foreseen {
  readonly taken: readonly string[];
  /** In the store by an earlier configuration, and not in this one. */
  readonly withdrawn: readonly string[];
  /** That may do without PKCE, by command or initial access token. */
  readonly withoutPkce: readonly string[];
}

export function foreseeConfiguredClients(
  { clients }: Pick<Config, 'clients'>,
  known: readonly Client[],
): Foreseen {
  const ids = new Set(clients.map(({ client_id }) => client_id));
  const others = known.filter(({ registeredBy }) => registeredBy !== 'configuration');
  return {
    taken: others.map(({ client_id }) => client_id).filter((client_id) => ids.has(client_id)),
    withdrawn: known
      .filter(({ client_id, registeredBy }) => registeredBy === 'configuration' && !ids.has(client_id))
      .map(({ client_id }) => client_id),
    withoutPkce: others.filter((client) => !mustUsePkce(client)).map(({ client_id }) => client_id),
  };
}

export const sayTaken = (taken: readonly string[]): string =>
  `${taken.join(', ')}: in \`clients\` of the configuration, but the database has a client of that id that came in another way.`;

export const insteadOfTaken = ([first = '']: readonly string[]): string =>
  `Give it another clientId, or remove the other one and its access: sallyport clients remove ${first}`;
