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
  client_not_found: {
    error: 'client_not_found',
    status: 404,
    sentence: 'There is no client with this id.',
  },
} as const satisfies Record<string, RefusalRow>;

export const refuse = refusalsOf(restRefusals);
