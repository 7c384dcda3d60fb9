// What every endpoint may have to say.

export const ofDoor = {
  method_not_allowed: {
    error: 'invalid_request',
    status: 405,
    sentence: 'This endpoint does not answer that HTTP method.',
  },
  key_unknown: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence:
      'A key that is needed for this has not reached this instance yet. Nothing was lost; try again in a minute.',
  },
  temporarily_unavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'The store cannot be reached at the moment. Nothing was lost; try again in a few seconds.',
  },
} as const;
