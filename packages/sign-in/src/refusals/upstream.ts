// Signing in at a provider that somebody else runs. Its name stands in the page's heading.

export const ofUpstream = {
  upstream_denied: {
    error: 'access_denied',
    status: 403,
    sentence: 'You did not allow it there, so nobody was signed in here.',
  },
  upstream_error: {
    error: 'access_denied',
    status: 403,
    sentence: 'It could not sign you in there. Try again, or sign in another way.',
  },
  upstream_unavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'It does not answer as it should at the moment. Try again in a minute.',
  },
  upstream_misconfigured: {
    error: 'server_error',
    status: 500,
    sentence:
      'It does not accept how this server is set up there. Trying again will not help; tell whoever runs this server.',
  },
  upstream_issuer_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'That answer names another issuer than the one you were sent to, so it was not believed.',
  },
  upstream_state_unknown: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This sign-in is not known here: it was begun too long ago, or not here at all. Begin it again.',
  },
  upstream_state_expired: {
    error: 'access_denied',
    status: 403,
    sentence: 'This sign-in was begun too long ago. Begin it again.',
  },
  upstream_state_spent: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This answer was used before: a page was loaded twice, or you went back. Nothing was done twice. Begin again.',
  },
  upstream_other_browser: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This sign-in was begun in another browser, or its cookie was cleared meanwhile. If you began it yourself, begin it again here.',
  },
  upstream_mixed_up: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This answer came from another provider than the one you were sent to, so it was not believed. Begin again.',
  },
  upstream_other_person: {
    error: 'access_denied',
    status: 403,
    sentence:
      'You came back as somebody else than who is signed in here. Sign in there with the account that you have here, or use another account on the page before.',
  },
  upstream_not_fresh: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The app wants to see you sign in just now, and the provider does not say that you did. Sign in another way, or let the app ask for less.',
  },
  upstream_answer_invalid: {
    error: 'invalid_request',
    status: 400,
    sentence: 'What came back cannot be used: something is missing in it, or stands there twice.',
  },
  upstream_metadata_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'What it says about itself cannot be read, so nobody can be signed in with it now. Try again in a few minutes; if that does not help, tell whoever runs this server.',
  },
  upstream_metadata_issuer_differs: {
    error: 'server_error',
    status: 502,
    sentence:
      'It says that it is somebody else than this server was told, so nobody was sent there. Trying again will not help; tell whoever runs this server.',
  },
  upstream_endpoint_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'It names an address that this server does not ask, in a private network or without encryption. Trying again will not help; tell whoever runs this server.',
  },
  upstream_keys_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'The keys that prove its answers cannot be read, so nobody was signed in. Try again in a few minutes; if that does not help, tell whoever runs this server.',
  },
  upstream_code_refused: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It does not honour this sign-in any more: it took too long, or was used before. Start again; you may not have to type anything.',
  },
  upstream_userinfo_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'It did not tell who you are in a form that can be read. Try again; if that does not help, tell whoever runs this server.',
  },
  upstream_email_unverified: {
    error: 'access_denied',
    status: 403,
    sentence: 'Your e-mail address is not verified there. Verify it there, then start again.',
  },
  upstream_account_unfit: {
    error: 'access_denied',
    status: 403,
    sentence:
      'That account is closed there, or of a kind that nobody signs in with. Start again with another account.',
  },
  upstream_userinfo_subject_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It gave two different answers to who you are, so neither was believed and nobody was signed in.',
  },
  upstream_claim_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Only people of one organization are let in here, and this account is of none or of another. Start again with an account of that organization.',
  },
  upstream_groups_missing: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It cannot tell all groups that you are in, because they are too many, so this server cannot judge whether you are let in; tell whoever runs this server.',
  },
} as const;
