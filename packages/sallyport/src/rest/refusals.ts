// What the REST half says no to by itself; everything about records is said by their operations.

import { refusalsOf } from '@sallyport/protocol';
import type { RefusalRow } from '@sallyport/protocol';

export const restRefusals = {
  method_not_taken: {
    error: 'invalid_request',
    status: 405,
    sentence: 'This address does not take this method; the Allow header lists those it takes.',
  },
  parameter_repeated: {
    error: 'invalid_request',
    status: 400,
    sentence: 'A parameter of the query was sent twice.',
  },
  record_not_json: {
    error: 'invalid_request',
    status: 415,
    sentence: 'The body must be JSON, with Content-Type: application/json.',
  },
  record_unreadable: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The body is not a JSON object.',
  },
  record_too_large: {
    error: 'invalid_request',
    status: 413,
    sentence: 'The body is larger than 1 MiB.',
  },
  operator_token_refused: {
    error: 'invalid_token',
    status: 401,
    sentence: 'This needs the token of admin.token, as Authorization: Bearer <token>.',
  },
  operator_token_refused_often: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many wrong tokens came from this network just now. Try again after the seconds in Retry-After.',
  },
  admission_unknown: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The only parameter is admission, once: waiting, refused or admitted.',
  },
  client_configured: {
    error: 'invalid_request',
    status: 409,
    sentence: 'This client comes from the configuration: take it out there, and start the server anew.',
  },
  token_description_refused: {
    error: 'invalid_request',
    status: 400,
    sentence:
      'Send name (letters, digits, hyphens and underscores), and where it is to have limits, expiresInSeconds and uses as whole numbers; nothing else.',
  },
  token_name_taken: {
    error: 'invalid_request',
    status: 409,
    sentence: 'There is a token of this name already: choose another name, or revoke that one first.',
  },
  token_not_found: {
    error: 'invalid_request',
    status: 404,
    sentence: 'There is no token of this name.',
  },
  client_not_found: {
    error: 'client_not_found',
    status: 404,
    sentence: 'There is no client with this id.',
  },
} as const satisfies Record<string, RefusalRow>;

export const refuse = refusalsOf(restRefusals);
