// Registration (RFC 7591 §3.2.2) and what a client does with its own afterwards (RFC 7592).

export const ofRegistration = {
  registration_closed: {
    error: 'access_denied',
    status: 403,
    sentence: 'Registration is closed here: ask the operator to add this client.',
  },
  // RFC 6750 §3.1 knows no other code for a token that is missing or not good.
  initial_access_token_required: {
    error: 'invalid_token',
    status: 401,
    sentence:
      'This server registers clients only with an initial access token: ask its operator for one, and send it as Authorization: Bearer <token>.',
  },
  initial_access_token_refused: {
    error: 'invalid_token',
    status: 401,
    sentence:
      'The initial access token is not good: unknown, expired, revoked, or used as often as it may be. Ask the operator of this server for another.',
  },
  registration_by_document_only: {
    error: 'invalid_token',
    status: 401,
    sentence:
      'This server registers no strangers: use the https URL of a client metadata document as client_id, at a host that its operator allows, or register with an initial access token from the operator (Authorization: Bearer <token>).',
  },
  registration_access_token_refused: {
    error: 'invalid_token',
    status: 401,
    sentence:
      'The registration access token is not the one of this client, or there is no such client: send what the registration answered, as Authorization: Bearer <token>.',
  },
  registration_of_another_client: {
    error: 'invalid_client_metadata',
    status: 400,
    sentence:
      'client_id must be there and be that of this client, and so must client_secret if it is sent: neither can be chosen.',
  },
  registration_waits: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This client waits for the approval of the operator, and cannot be changed meanwhile. Wait for it, or delete this registration and register anew.',
  },
  registrations_full: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence:
      'Too many clients are registered here that nobody has used yet. Nothing is wrong with this one: try again in an hour, or ask the operator to add it.',
  },
  registration_malformed: {
    error: 'invalid_client_metadata',
    status: 400,
    sentence: 'The body must be the JSON object of client metadata, and not larger than 32 KiB.',
  },
  redirect_uris_refused: {
    error: 'invalid_redirect_uri',
    status: 400,
    sentence:
      'redirect_uris needs at least one usable URI: https, http on localhost, 127.0.0.1 or [::1], or a private-use scheme of an app; no fragment, no user name.',
  },
  redirect_wildcard_refused: {
    error: 'invalid_redirect_uri',
    status: 400,
    sentence:
      'A * is accepted in https://chatgpt.com/aip/g-*/oauth/callback and https://chat.openai.com/aip/g-*/oauth/callback only, from a client with a secret that the operator adds or that registers with an initial access token. Register the exact redirect URI.',
  },
  redirect_scheme_refused: {
    error: 'invalid_redirect_uri',
    status: 400,
    sentence:
      'The operator of this server accepts no redirect URI with a private-use scheme: use https, or http on localhost, 127.0.0.1 or [::1].',
  },
  pkce_required: {
    error: 'invalid_client_metadata',
    status: 400,
    sentence:
      'Only a client with a secret whose redirect URIs are all https may do without PKCE; one that came with an initial access token, only for GPTs (https://chatgpt.com/aip/g-*/oauth/callback).',
  },
  client_keys_refused: {
    error: 'invalid_client_metadata',
    status: 400,
    sentence:
      'private_key_jwt needs the public keys of the client: either jwks, a JWK Set with a key for one of token_endpoint_auth_signing_alg_values_supported (RSA with 2048 to 4096 bits) and nothing private in it, or jwks_uri, a public https URL.',
  },
  client_metadata_refused: {
    error: 'invalid_client_metadata',
    status: 400,
    sentence:
      'token_endpoint_auth_method and grant_types must be ones that the metadata of this server lists, authorization_code among the grants.',
  },
} as const;
