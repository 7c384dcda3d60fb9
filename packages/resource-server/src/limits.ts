// Every number of this room, with its reason.

/** Judged tokens that are remembered; at about 300 bytes each this stays under 5 MB. */
export const MAX_JUDGED_TOKENS = 10_000;
/**
 * How long a positive answer of the issuer is believed: what "revoked" may take to be true at a server elsewhere. One
 * question in five seconds is nothing beside the calls that a busy client makes in them.
 */
export const REMEMBERED_SECONDS = 5;
/** Shorter than that, so that an answer that came late is not older; and as long as a person waits without wondering. */
export const INTROSPECTION_TIMEOUT_MILLISECONDS = 3000;
/** Answers that are remembered; at about 500 bytes each this stays near 5 MB. */
export const MAX_REMEMBERED_ANSWERS = 10_000;
/** Questions under way; honest callers keep a few, and made-up tokens must not become a flood at the issuer. */
export const MAX_INTROSPECTIONS_AT_ONCE = 64;
/** A public document: long enough that discovery costs nothing, short enough that a change is noticed within minutes. */
export const METADATA_MAX_AGE_SECONDS = 300;
/** Longest token that is looked at; ours are under 800 characters. */
export const MAX_TOKEN_CHARACTERS = 8192;
