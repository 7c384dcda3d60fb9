// RFC 6749 §2.3.1: the secret in the Authorization header.
import { readBasic } from '@sallyport/protocol';
import { isClientSecret } from './secret.ts';
import type { ClientAuthMethod } from './index.ts';

export const clientSecretBasic: ClientAuthMethod = {
  method: 'client_secret_basic',
  isConfidential: true,
  // Another scheme in the header is no method of ours, and must not pass as "no authentication".
  read: (request) =>
    readBasic(request.headers.get('authorization')) ??
    (request.headers.has('authorization') ? 'malformed' : undefined),
  verify: isClientSecret,
};
