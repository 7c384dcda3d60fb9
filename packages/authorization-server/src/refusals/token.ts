// Token and revocation endpoints (RFC 6749 §5.2, RFC 7009, RFC 8707 §2).

export const ofToken = {
  content_type_unsupported: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The body must be application/x-www-form-urlencoded, and not larger than 64 KiB.',
  },
  credentials_in_query: {
    error: 'invalid_request',
    status: 400,
    sentence: 'Send the parameters in the body, not in the URL.',
  },
  proof_too_weak: {
    error: 'invalid_grant',
    status: 400,
    sentence:
      'This access was given to the client when it proved itself, so it has to prove itself again: authenticate as at the first token request.',
  },
  grant_type_missing: {
    error: 'invalid_request',
    status: 400,
    sentence: 'grant_type is required.',
  },
  grant_type_unsupported: {
    error: 'unsupported_grant_type',
    status: 400,
    sentence: 'This grant_type is not supported; see grant_types_supported in the metadata.',
  },
  parameter_missing: {
    error: 'invalid_request',
    status: 400,
    sentence: 'A parameter that is required here is missing.',
  },
  code_invalid: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The authorization code is not valid: unknown, expired, or already used.',
  },
  code_replayed: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The authorization code was used before, so everything issued for it has been revoked.',
  },
  redirect_uri_mismatch: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'redirect_uri is not the one of the authorization request.',
  },
  code_verifier_mismatch: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'code_verifier does not match the code_challenge of the authorization request.',
  },
  code_verifier_unexpected: {
    error: 'invalid_grant',
    status: 400,
    sentence:
      'A code_verifier came for a code that was asked for without a code_challenge; send both, or neither.',
  },
  code_redirect_uri_missing: {
    error: 'invalid_request',
    status: 400,
    sentence:
      'redirect_uri is required for a code that was asked for without PKCE: exactly the one that the code was sent to.',
  },
  refresh_token_invalid: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The refresh token is not valid: unknown, expired, or revoked. Sign in again.',
  },
  refresh_token_replayed: {
    error: 'invalid_grant',
    status: 400,
    sentence:
      'The refresh token was used before and replaced, so its whole family has been revoked. Sign in again.',
  },
  refresh_differs: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The refresh token was just replaced for another scope or resource; use the new one.',
  },
  scope_exceeds_grant: {
    error: 'invalid_scope',
    status: 400,
    sentence:
      'scope asks for more than was granted; ask the person again through the authorization endpoint.',
  },
  own_scope_missing: {
    error: 'unauthorized_client',
    status: 400,
    sentence:
      'This client has no scopes of its own; the operator can give it some: sallyport clients set-own-scope <client_id> --own-scope <server>:<scope>.',
  },
  resource_not_own: {
    error: 'invalid_target',
    status: 400,
    sentence:
      'This client has no scopes of its own at that server; name in resource one that the operator gave it scopes of.',
  },
  scope_not_own: {
    error: 'invalid_scope',
    status: 400,
    sentence: 'None of these scopes is the client’s own; leave scope out to get those that are.',
  },
  resource_differs: {
    error: 'invalid_target',
    status: 400,
    sentence: 'resource is not the one that was granted.',
  },
  token_of_another_client: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The token was issued to another client.',
  },
  // Of a client that the operator refused. Told that it is unknown, it would only register anew.
  grant_of_refused_client: {
    error: 'invalid_grant',
    status: 400,
    sentence: 'The operator of this server has refused this client, so nothing that was granted to it works.',
  },
  client_not_admitted: {
    error: 'unauthorized_client',
    status: 400,
    sentence: 'The operator of this server has refused this client.',
  },
} as const;
