// In which form a client is asked for more scopes: by HTTP, or in the result of a tool where the list of known clients
// says that it looks there, and the client is proven to be that one.
import type { Caller, Log } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import type { LiveKnownClients } from './known-clients/live.ts';

interface Parts {
  readonly storage: Pick<Storage, 'findClient'>;
  readonly knownClients: Pick<LiveKnownClients, 'recognize' | 'challengeFormsOf'>;
  readonly log: Log;
}

/** @returns tells whether a caller's client reads challenges in results; it never rejects: the form of HTTP is the standard's */
export function readsChallengesInResults({ storage, knownClients, log }: Parts) {
  return async (caller: Caller): Promise<boolean> => {
    const { client_id } = caller;
    try {
      const client =
        caller.foreign === undefined ? await storage.findClient(client_id) : elsewhere(client_id);
      const known = client && knownClients.recognize(client).known;
      return known !== undefined && knownClients.challengeFormsOf(known.id).includes('_meta');
    } catch (error) {
      log('warn', 'client_not_recognized', { client_id, message: String(error) });
      return false;
    }
  };
}

/** Of a client of somebody else's only the id is known, which proves one only as the address of its document. */
function elsewhere(client_id: string): Pick<Client, 'client_id' | 'registeredBy' | 'metadata'> {
  return {
    client_id,
    registeredBy: 'document',
    metadata: {
      redirect_uris: [],
      grant_types: [],
      response_types: [],
      token_endpoint_auth_method: 'none',
    },
  };
}
