// Clients of the configuration: what the newest start of an instance read is what counts, for all instances.

import type { Client, Storage } from '../contract.ts';
import { all, run, statement, tellAnythingChanged, Undone } from '../script.ts';
import type { Script } from '../script.ts';
import { addClient, clientColumnNames, clientValues } from './clients.ts';
import { endExceedingGrants } from './own-grants.ts';

const selectConfigured = statement<{ client_id: string }>(
  'SELECT client_id FROM clients WHERE configured IS NOT NULL',
);
/** What the configuration says nothing about: when a client came and was used, and what was decided by command. */
const own: readonly string[] = ['client_id', 'created_at', 'used_at', 'trace_id', 'admission', 'approved_at'];
const assignments = clientColumnNames.flatMap((name, index) => (own.includes(name) ? [] : [{ name, index }]));
const updateConfigured = statement(
  `UPDATE clients SET ${assignments.map(({ name }, index) => `${name} = $${index + 2}`).join(', ')}
    WHERE client_id = $1 AND configured IS NOT NULL`,
);
const withdraw = statement('UPDATE clients SET configured = 0 WHERE client_id = $1 AND configured = 1');

type Kept = Awaited<ReturnType<Storage['keepConfiguredClients']>>;

export function* keepConfiguredClients(clients: readonly Client[]): Script<Kept | Undone<Kept>> {
  const wanted = new Map(clients.map((client) => [client.client_id, client]));
  const known = (yield* all(selectConfigured)).map(({ client_id }) => client_id);
  const taken: string[] = [];
  const withdrawn: string[] = [];
  // In one order, so that instances that start at once do not wait for each other.
  for (const client_id of [...new Set([...wanted.keys(), ...known])].sort()) {
    const client = wanted.get(client_id);
    if (client === undefined) {
      // Their access tokens are refused from now on, and whoever remembers their grants has to learn it.
      if ((yield* run(withdraw, client_id)) > 0) yield* tellAnythingChanged();
      withdrawn.push(client_id);
    } else if (!(yield* keepConfigured(client))) taken.push(client_id);
  }
  return taken.length > 0 ? new Undone<Kept>({ taken, withdrawn: [] }) : { taken, withdrawn };
}

function* keepConfigured(client: Client): Script<boolean> {
  const values = clientValues(client);
  const assigned = assignments.map(({ index }) => values[index] ?? null);
  if ((yield* run(updateConfigured, client.client_id, ...assigned)) === 1) {
    // It came into being with this start, so that is when it is.
    yield* endExceedingGrants(client.client_id, client.ownScope, client.createdAt);
    return true;
  }
  return (yield* addClient(client)) === 'added';
}
