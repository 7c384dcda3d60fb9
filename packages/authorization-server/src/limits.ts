// Every number of this room, with its reason.

/** A form of any OAuth endpoint; the longest honest one is an authorization request with a long `state`. */
export const MAX_FORM_BYTES = 64 * 1024;
/** Client metadata; the field's longest registration is under 3 KB. */
export const MAX_REGISTRATION_BYTES = 32 * 1024;
/** A person may look for their password while the client waits; clients themselves wait 5 to 10 minutes. */
export const PAUSED_AUTHORIZATION_SECONDS = 30 * 60;
/** Longest query of an authorization request that is read. */
export const MAX_QUERY_CHARACTERS = 32 * 1024;
/** Clients retry a busy store after this. */
export const RETRY_AFTER_SECONDS = 2;
/** Prints as 48 characters, as many as programs that keep the tokens of earlier servers have made room for. */
export const OPAQUE_TOKEN_BYTES = 36;
