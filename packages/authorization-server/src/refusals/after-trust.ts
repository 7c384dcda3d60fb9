// Authorize, once client and redirect URI are trusted: a redirect with the error (RFC 6749 §4.1.2.1, RFC 8707 §2).

export const afterTrust = {
  response_type_missing: {
    error: 'invalid_request',
    status: 400,
    sentence: 'response_type is required, and must be code.',
  },
  response_type_unsupported: {
    error: 'unsupported_response_type',
    status: 400,
    sentence: 'response_type must be code.',
  },
  response_mode_unsupported: {
    error: 'invalid_request',
    status: 400,
    sentence: 'response_mode must be query.',
  },
  request_object_unsupported: {
    error: 'request_not_supported',
    status: 400,
    sentence: 'Request objects (request) are not supported; send the parameters themselves.',
  },
  request_uri_unsupported: {
    error: 'request_uri_not_supported',
    status: 400,
    sentence: 'request_uri is not supported; send the parameters themselves.',
  },
  grant_type_unregistered: {
    error: 'unauthorized_client',
    status: 400,
    sentence: 'This client did not register for this grant type.',
  },
  code_challenge_missing: {
    error: 'invalid_request',
    status: 400,
    sentence: 'PKCE is required: send code_challenge with code_challenge_method=S256.',
  },
  state_missing: {
    error: 'invalid_request',
    status: 400,
    sentence: 'state is required from a client that does without PKCE; or send code_challenge with S256.',
  },
  code_challenge_method_unsupported: {
    error: 'invalid_request',
    status: 400,
    sentence: 'code_challenge_method must be S256.',
  },
  code_challenge_malformed: {
    error: 'invalid_request',
    status: 400,
    sentence: 'code_challenge must be the 43 base64url characters of a SHA-256 digest.',
  },
  resource_unknown: {
    error: 'invalid_target',
    status: 400,
    sentence: 'resource is not the URL of an MCP server here; copy it from the protected resource metadata.',
  },
  resource_missing: {
    error: 'invalid_target',
    status: 400,
    sentence: 'resource is required here: name the URL of the MCP server that the token is for.',
  },
  resource_ambiguous: {
    error: 'invalid_target',
    status: 400,
    sentence: 'A token is for one MCP server: send one resource.',
  },
  prompt_unsupported: {
    error: 'invalid_request',
    status: 400,
    sentence: 'prompt may have the words none, login, consent and select_account only.',
  },
  prompt_none_with_others: {
    error: 'invalid_request',
    status: 400,
    sentence: 'prompt=none forbids to ask, so it goes with no other word.',
  },
  max_age_malformed: {
    error: 'invalid_request',
    status: 400,
    sentence: 'max_age must be whole seconds, in at most nine digits.',
  },
  sign_in_required: {
    error: 'login_required',
    status: 400,
    sentence: 'The person is not signed in, and prompt=none forbids to ask.',
  },
  fresh_sign_in_required: {
    error: 'login_required',
    status: 400,
    sentence: 'The person signed in longer ago than max_age allows, and prompt=none forbids to ask.',
  },
  account_choice_required: {
    error: 'account_selection_required',
    status: 400,
    sentence:
      'The person is signed in with another account than login_hint names, and prompt=none forbids to ask.',
  },
  consent_required: {
    error: 'consent_required',
    status: 400,
    sentence: 'The person has not agreed to this yet, and prompt=none forbids to ask.',
  },
  asked_every_time: {
    error: 'interaction_required',
    status: 400,
    sentence:
      'Consent for this client or redirect_uri is not remembered, so the person is asked every time, and prompt=none forbids it.',
  },
  denied: {
    error: 'access_denied',
    status: 403,
    sentence: 'The person refused the request.',
  },
} as const;
