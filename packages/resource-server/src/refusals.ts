// Every way in which this room says no (RFC 6750 §3.1; MCP authorization, "Error handling").
import { refusalsOf } from '@sallyport/protocol';

export const refusals = {
  token_missing: {
    error: 'invalid_token',
    status: 401,
    sentence: 'An access token is required: see resource_metadata in the WWW-Authenticate header.',
  },
  token_in_query: {
    error: 'invalid_request',
    status: 400,
    sentence: 'An access token belongs in the Authorization header, never in the URL.',
  },
  token_invalid: {
    error: 'invalid_token',
    status: 401,
    sentence: 'The access token is not valid for this server.',
  },
  token_of_another_server: {
    error: 'invalid_token',
    status: 401,
    sentence: 'The access token was issued for another server.',
  },
  token_without_audience: {
    error: 'invalid_token',
    status: 401,
    sentence:
      'The access token does not say which server it is for: the client must ask for it with `resource`.',
  },
  token_expired: {
    error: 'invalid_token',
    status: 401,
    sentence: 'The access token has expired.',
  },
  grant_revoked: {
    error: 'invalid_token',
    status: 401,
    sentence: 'The access token has been revoked.',
  },
  // The code that clients of the field take for "later", and keep their tokens (RFC 6585 §4 gives the status no code).
  too_many_refused_tokens: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many requests from this network came with tokens that are none. Try again after the seconds in Retry-After.',
  },
  scope_insufficient: {
    error: 'insufficient_scope',
    status: 403,
    sentence: 'This operation needs a scope that the access token does not have.',
  },
  issuer_unavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence:
      'The authorization server cannot be reached just now. Try again after the seconds in Retry-After.',
  },
  well_known_method: {
    error: 'invalid_request',
    status: 405,
    sentence: 'This document is read with GET or HEAD.',
  },
  origin_forbidden: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Web pages of this origin may not call this server; the operator can list it in allowedOrigins.',
  },
} as const;

export const refuse = refusalsOf(refusals);
