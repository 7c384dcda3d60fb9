// What is wrong with an ID token (OpenID Connect Core §3.1.3.7). The provider's name stands in the page's heading.

export const ofIdToken = {
  id_token_missing: {
    error: 'server_error',
    status: 502,
    sentence: 'It did not say who you are. Trying again will not help; tell whoever runs this server.',
  },
  id_token_encrypted: {
    error: 'server_error',
    status: 502,
    sentence:
      'It encrypted its answer, which this server never asked for. Trying again will not help; tell whoever runs this server.',
  },
  id_token_malformed: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer to who you are is not in the form that it should have. Try again; if that does not help, tell whoever runs this server.',
  },
  id_token_alg_refused: {
    error: 'access_denied',
    status: 403,
    sentence: 'Its answer is not signed in a way that proves anything, so it was not believed.',
  },
  id_token_key_unknown: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer is signed with a key that it does not publish, so it was not believed. Try again in a minute, in case the key is new.',
  },
  id_token_key_ambiguous: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer does not say which of its keys it is signed with, so it was not believed. Trying again will not help; tell whoever runs this server.',
  },
  id_token_signature_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The signature of its answer is wrong, so it was not believed. Start again.',
  },
  id_token_issuer_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer is by another issuer than the one you were sent to, so it was not believed.',
  },
  id_token_audience_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer is meant for another application, so it was not believed. Start again from here.',
  },
  id_token_azp_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer was given to another application, so it was not believed. Start again from here.',
  },
  id_token_times_malformed: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer does not say when it was given and how long it is good for, so it was not believed. Trying again will not help; tell whoever runs this server.',
  },
  id_token_expired: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer was good only until a while ago. Start again; if that does not help, a clock is wrong, here or there.',
  },
  id_token_not_yet_valid: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer is from the future, so a clock is wrong, here or there. Try again in a few minutes.',
  },
  id_token_nonce_wrong: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The answer belongs to another sign-in than this one, so it was not believed. Start again from here.',
  },
  id_token_at_hash_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'Two parts of its answer do not belong together, so neither was believed. Start again.',
  },
  id_token_subject_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It renewed the access of another person than the one whose access it was, so nothing was kept.',
  },
  id_token_subject_invalid: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer does not say who you are in a way that could be known again. Trying again will not help; tell whoever runs this server.',
  },
} as const;
