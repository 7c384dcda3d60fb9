// Public clients: they name themselves, and PKCE carries the proof (OAuth 2.1 §2.4).
import type { ClientAuthMethod } from './index.ts';

export const none: ClientAuthMethod = {
  method: 'none',
  isConfidential: false,
  read(request, { values }) {
    const { client_id, client_secret, client_assertion, client_assertion_type } = values;
    const proof = client_secret ?? client_assertion ?? client_assertion_type;
    if (client_id === undefined || proof !== undefined) return undefined;
    return request.headers.has('authorization') ? undefined : { client_id };
  },
  verify: (client) => client.secretDigest === undefined,
};
