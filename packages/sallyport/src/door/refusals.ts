// What the door itself says no to, before any room has seen the request.

import { refusalsOf } from '@sallyport/protocol';
import type { RefusalRow } from '@sallyport/protocol';

export const doorRefusals = {
  request_malformed: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The request is not valid HTTP. Check its URL and its Host header.',
  },
  // RFC 9110 §15.5.20; this is also what stops DNS rebinding.
  host_differs: {
    error: 'invalid_request',
    status: 421,
    sentence:
      'This server was reached under a name that is not its own. Use its public URL; a proxy in front must pass the Host header on.',
  },
  unexpected: {
    error: 'server_error',
    status: 500,
    sentence:
      'Something went wrong in the server. Try again; the operator finds the cause in the log under the trace id.',
  },
} as const satisfies Record<string, RefusalRow>;

export const refuse = refusalsOf(doorRefusals);
