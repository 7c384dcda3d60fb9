// The operator's word on a client, by command or by program.
import type { Client, Storage } from '@sallyport/storage';

/**
 * Lets a client in, or refuses it, which ends whatever was granted to it.
 * @returns the client as it is now; `configured` for one of the configuration, which is changed there
 */
export async function decideOnClient(
  storage: Pick<Storage, 'findClient' | 'decideClient'>,
  decided: { readonly client_id: string; readonly decision: 'approved' | 'refused'; readonly now: number },
): Promise<Client | 'not_found' | 'configured'> {
  const client = await storage.findClient(decided.client_id);
  if (client === undefined) return 'not_found';
  if (client.registeredBy === 'configuration') return 'configured';
  if ((await storage.decideClient(decided)) === 'not_found') return 'not_found';
  return (await storage.findClient(decided.client_id)) ?? 'not_found';
}
