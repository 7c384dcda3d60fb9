// Every way in which this room says no. Wire errors: RFC 6749 §4.1.2.1 and §5.2, RFC 7009, RFC 7591 §3.2.2, RFC 8707 §2.
import { Refusal, refusalsOf, type Facts } from '@sallyport/protocol';

/** The heading where a client's metadata document cannot be used, whichever room says why. */
export const uncheckedTitle = 'This app could not be checked';

export const refusals = {
  // Before the client and its redirect URI are trusted: a page.
  malformed_request: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is damaged',
    sentence: 'It could not be read. Start again from the app that sent you here.',
  },
  duplicate_parameter: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is damaged',
    sentence: 'A parameter in it was sent twice. Start again from the app that sent you here.',
  },
  client_id_missing: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is incomplete',
    sentence: 'It does not say which app it is from (client_id). Start again from that app.',
  },
  client_unknown: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here',
    sentence:
      'It is not registered here, or its registration was removed. In the app, remove this connection (and its saved sign-in), then add it again.',
  },
  client_withdrawn: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here any more',
    sentence:
      'The operator of this server has taken it out of the configuration. Ask the operator, if you still need it.',
  },
  metadata_documents_off: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here',
    sentence:
      'It names itself by a web address, which is not accepted here. Ask the operator of this server to add it.',
  },
  client_id_url_refused: {
    error: 'invalid_client',
    status: 400,
    title: 'The app’s request is damaged',
    sentence:
      'It names itself by a web address that cannot be one (client_id): that must be an https URL with a path, in its exact usual spelling, without user name and fragment. Its maker has to mend this.',
  },
  document_host_refused: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not allowed here',
    sentence:
      'The operator of this server lets in apps from certain web addresses only, and this one is not among them. Ask the operator to add it.',
  },
  document_type_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'What is at the app’s address is no JSON document (application/json), but perhaps a web page. Its maker has to mend this.',
  },
  document_malformed: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address is no clean JSON: it is damaged, or names a member twice. Its maker has to mend this.',
  },
  document_client_id_differs: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address is about another app: its client_id is not exactly that address. Its maker has to mend this.',
  },
  document_has_secret: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address contains a secret or asks for a shared one, and everybody can read it there. Its maker has to take it out, and to replace what was published.',
  },
  document_auth_method_unsupported: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The app wants to prove itself in a way that this server does not support: for apps with a document of their own that is “none” or private_key_jwt. Ask the operator to add the app by hand.',
  },
  document_redirect_uris_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address lists no usable return address (redirect_uris), or a dangerous one. Its maker has to mend this.',
  },
  document_incomplete: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address lacks something that is required, or has it in the wrong form. Its maker has to mend this.',
  },
  document_jwks_uri_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address says that its keys are at a place that is not public (jwks_uri). Its maker has to mend this.',
  },
  documents_asked_too_often: {
    error: 'temporarily_unavailable',
    status: 429,
    title: uncheckedTitle,
    sentence: 'The app’s address was asked too often in a short time. Wait a minute, then try again.',
  },
  documents_full: {
    error: 'temporarily_unavailable',
    status: 503,
    title: uncheckedTitle,
    sentence: 'Too many apps that are new here want to connect at the moment. Try again in an hour.',
  },
  redirect_uri_missing: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is incomplete',
    sentence:
      'The app has several return addresses and did not say which one to use (redirect_uri). Nothing was sent; its maker has to mend this.',
  },
  redirect_uri_unregistered: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s return address is not registered',
    sentence:
      'The app wants its answer at an address that it did not register (redirect_uri), so nothing was sent there. In the app, remove this connection, then add it again; if that does not help, its maker has to mend this.',
  },
  redirect_scheme_denied: {
    error: 'invalid_request',
    status: 400,
    title: 'This kind of app is not allowed here',
    sentence:
      'The app wants to be opened by a web address of its own kind (such as “cursor:”), which the operator of this server has switched off. Nothing was sent. Ask the operator, or connect with another app.',
  },
  authorization_expired: {
    error: 'invalid_request',
    status: 400,
    title: 'This request has expired',
    sentence:
      'It waited too long for an answer, or was never made here. Nothing was decided. Start again from the app that sent you here.',
  },
  authorization_decided: {
    error: 'invalid_request',
    status: 409,
    title: 'You have answered already',
    sentence:
      'This request was answered before, and nothing has changed now. Go back to the app; to change the answer, connect again there.',
  },
  cross_site_decision: {
    error: 'invalid_request',
    status: 403,
    title: 'Nothing was decided',
    sentence: 'The answer did not come from our own page, so it was not accepted. Start again from the app.',
  },

  client_waits: {
    error: 'access_denied',
    status: 403,
    title: 'This app waits for approval',
    sentence:
      'The operator of this server lets in new apps one by one, and has not decided on this one yet. Nothing was sent to it.',
  },
  client_refused: {
    error: 'access_denied',
    status: 403,
    title: 'This app is not allowed here',
    sentence: 'The operator of this server has refused this app. Nothing was sent to it.',
  },

  // After trust: a redirect with the error, or the JSON of the endpoint.
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

  // Token, revocation and introspection endpoints.
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
  // A client that proves itself by an assertion (private_key_jwt).
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

  // Registration.
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

  // Too often (RFC 6585 §4). `temporarily_unavailable` is the code that clients keep their registration and tokens for;
  // an unknown one makes some of them begin anew, with a sign-in.
  too_many_registrations: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many clients registered from this network just now. Nothing is wrong with this one: try again after the seconds in Retry-After.',
  },
  too_many_authorizations: {
    error: 'temporarily_unavailable',
    status: 429,
    title: 'Too many at once',
    sentence:
      'Too many requests for access came from your network within a minute. Nothing was decided, and nothing is lost.',
  },
  too_many_token_requests: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'This client asks too often from this network. Its tokens are as good as before: try again after the seconds in Retry-After.',
  },
  too_many_failed_authentications: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many clients failed to authenticate from this network just now. Try again after the seconds in Retry-After.',
  },

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

export const refuse = refusalsOf(refusals);

/** @param words for the places in braces of the row's sentence: of ours, never of a stranger's */
export function refuseSaying(
  reason: Parameters<typeof refuse>[0],
  words: Readonly<Record<string, string | number>>,
  facts?: Facts,
): Refusal {
  const { row } = refuse(reason);
  const sentence = row.sentence.replaceAll(/\{(\w+)\}/g, (_place, name: string) => String(words[name]));
  return new Refusal(reason, { ...row, sentence }, { ...words, ...facts });
}
