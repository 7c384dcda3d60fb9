// RFC 6749 §2.3.1: the secret in the Authorization header.
import { readBasic } from '@sallyport/protocol';
import { refuse } from '../../refusals.ts';
import { isClientSecret } from './secret.ts';
import type { ClientAuthMethod } from './index.ts';

export const clientSecretBasic: ClientAuthMethod = {
  method: 'client_secret_basic',
  isConfidential: true,
  read(request) {
    const read = readBasic(request.headers.get('authorization'));
    if (typeof read === 'object') return read;
    // Another scheme in the header is no method of ours, and must not pass as "no authentication".
    return request.headers.has('authorization') ? refuse('client_authentication_failed') : undefined;
  },
  verify: isClientSecret,
};
