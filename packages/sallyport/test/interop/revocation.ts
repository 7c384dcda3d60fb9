// RFC 7009 for the clients that have no words for it: an endpoint found in the metadata, and one form.
import assert from 'node:assert/strict';
import type { ListeningHouse } from '../house/listening-house.ts';

export async function revoke(
  house: ListeningHouse,
  form: { client_id: string; token: string },
): Promise<void> {
  const metadata = await house.ask('/.well-known/oauth-authorization-server');
  const { revocation_endpoint } = (await metadata.json()) as { revocation_endpoint: string };
  const response = await fetch(revocation_endpoint, { method: 'POST', body: new URLSearchParams(form) });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal(await response.text(), '');
}
