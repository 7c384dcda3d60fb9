// How a client proves itself at the token, revocation and introspection endpoints (RFC 6749 §5.2, RFC 7523 §3).

export const ofClientAuth = {
  several_client_authentications: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The client authenticated in more than one way; use the one it registered.',
  },
  client_authentication_failed: {
    error: 'invalid_client',
    status: 401,
    sentence: 'The client is not registered here, or its authentication is not the one it registered.',
  },
  client_proof_required: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'Only a client with a secret or a key may ask about tokens; see introspection_endpoint_auth_methods_supported in the metadata.',
  },
  assertion_type_unsupported: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'client_assertion and client_assertion_type go together, and the type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  },
  assertion_malformed: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'client_assertion must be a signed JWT in compact form: header and claims are JSON objects in base64url, and no member is in them twice.',
  },
  assertion_subject_differs: {
    error: 'invalid_client',
    status: 401,
    sentence: 'iss and sub of client_assertion must both be the client_id, exactly.',
  },
  assertion_typ_refused: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'typ in the header of client_assertion must be JWT or client-authentication+jwt, or left out, and crit must not be there.',
  },
  assertion_alg_refused: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'client_assertion must be signed by an algorithm that token_endpoint_auth_signing_alg_values_supported in the metadata lists, and by the one that the client registered, if it did.',
  },
  assertion_audience_refused: {
    error: 'invalid_client',
    status: 401,
    sentence: 'aud of client_assertion must be exactly {issuer} and nothing else.',
  },
  assertion_times_malformed: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'exp of client_assertion is required; exp, nbf and iat must be numbers of seconds since 1970, not of milliseconds.',
  },
  assertion_expired: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'client_assertion expired {seconds} seconds ago by the clock of this server. Make a new one for each request.',
  },
  assertion_not_yet_valid: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'nbf or iat of client_assertion is {seconds} seconds ahead of the clock of this server. Set the clock of the client.',
  },
  assertion_lifetime_refused: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'client_assertion is made for {seconds} seconds, from iat to exp; at most {most} are taken. Make a new one for each request.',
  },
  assertion_jti_missing: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'jti of client_assertion is required: a text of 1 to 256 characters, another one for each request.',
  },
  assertion_key_unknown: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'No key of this client fits client_assertion: look at kid and alg in its header, at use, key_ops and alg of the key, and that an RSA key has 2048 to 4096 bits.',
  },
  assertion_key_ambiguous: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'Several keys of this client fit client_assertion: say in its header which one, by a kid that only one key has.',
  },
  assertion_signature_wrong: {
    error: 'invalid_client',
    status: 401,
    sentence: 'The signature of client_assertion is not by the key of this client that its header names.',
  },
  assertion_replayed: {
    error: 'invalid_client',
    status: 401,
    sentence: 'This client_assertion (its jti) was used before. Make a new one for each request.',
  },
  client_keys_unusable: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'The keys of this client cannot be had from its jwks_uri: {why} They are needed to verify client_assertion.',
  },
  client_keys_malformed: {
    error: 'invalid_client',
    status: 401,
    sentence:
      'What is there is no JWK Set of at most 32 keys: clean JSON that names no member twice, and nothing private in it.',
  },
  client_keys_away: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence:
      'The keys of this client cannot be had from its jwks_uri now: {why} They are needed to verify client_assertion.',
  },
  client_keys_asked_just_now: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence:
      'No key of this client fits client_assertion, and its jwks_uri was asked a moment ago. If the key is new, try again after the seconds in Retry-After.',
  },
} as const;
