// Clients: those of the configuration, and what the list of known ones is worth.

import type { Client } from '@sallyport/storage';
import type { Config } from '../../config/index.ts';
import { foreseeConfiguredClients, insteadOfTaken, sayTaken } from '../../configured-clients.ts';
import type { Io } from '../io.ts';
import { listInUse } from '../known-clients.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

/** The one exception from the rule, so that nobody forgets it is there. */
export function judgePkce({ clients }: Config): Finding[] {
  return clients
    .filter(({ requirePkce }) => requirePkce === false)
    .map(({ client_id }) => withoutPkce(client_id));
}

function withoutPkce(client_id: string): Finding {
  return ok('clients', `${client_id} may do without PKCE; its secret and state stand in for it`);
}

/** What a start would meet that another configuration, or a command, left in the store. */
export function judgeClients(config: Config, known: readonly Client[], io: Io): Finding[] {
  const foreseen = foreseeConfiguredClients(config, known);
  const { taken, withdrawn } = foreseen;
  return [
    ...foreseen.withoutPkce.map(withoutPkce),
    ...(taken.length === 0 ? [] : [fail('clients', sayTaken(taken), insteadOfTaken(taken))]),
    ...withdrawn.map((client_id) =>
      warn(
        'clients',
        `${client_id} is not in the configuration any more, so it is refused from the next start on`,
        `Put it back, or end its access for good after that start: ${io.program} clients remove ${client_id}`,
      ),
    ),
  ];
}

/** A list that is refused keeps nobody out, so it is a warning; but names would be older than the operator believes. */
export async function judgeKnownClients(config: Config, io: Io): Promise<Finding[]> {
  if (config.knownClients === undefined) return [];
  const { list, file, refused } = await listInUse(config, io.now());
  if (refused !== undefined) {
    const says = `${config.knownClients.file} ${refused.message}; the list of this version is used`;
    return [warn('known clients', says, refused.instead)];
  }
  return [ok('known clients', `${file}, ${list.clients.length} clients, issued ${list.issuedAt}`)];
}
