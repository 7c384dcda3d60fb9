// RFC 6749 §2.3.1: the secret in the body.
import { refuse } from '../../refusals.ts';
import { isClientSecret } from './secret.ts';
import type { ClientAuthMethod } from './index.ts';

export const clientSecretPost: ClientAuthMethod = {
  method: 'client_secret_post',
  isConfidential: true,
  read(_request, { values }) {
    const { client_id, client_secret } = values;
    if (client_secret === undefined) return undefined;
    return client_id === undefined ? refuse('client_authentication_failed') : { client_id, client_secret };
  },
  verify: isClientSecret,
};
