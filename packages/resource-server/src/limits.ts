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
/**
 * Questions at one time about tokens that were not good before; honest callers keep a few, and made-up tokens must not
 * become a flood at the issuer.
 */
export const MAX_INTROSPECTIONS_AT_ONCE = 64;
/** Tokens that wait for one of these, as all do after a restart; at 64 at once and 50 milliseconds each, under a second. */
export const MAX_WAITING_TOKENS = 1000;
/** How long they wait: together with the question it is still within what clients wait for an answer. */
export const MAX_WAIT_MILLISECONDS = 3000;
/** Places that sent too much, of which is remembered until when they wait. */
export const MAX_WAITING_PLACES = 10_000;
/** A public document: long enough that discovery costs nothing, short enough that a change is noticed within minutes. */
export const METADATA_MAX_AGE_SECONDS = 300;
/** The same of somebody else's documents, and of ours that name them: where an issuer is changes in months. */
export const FOREIGN_METADATA_MAX_AGE_SECONDS = 3600;
/** Longest token that is looked at; ours are under 800 characters. */
export const MAX_TOKEN_CHARACTERS = 8192;
/** Longest that metadata or keys of an issuer may take: as long as a person waits without wondering. */
export const ISSUER_TIMEOUT_MILLISECONDS = 4000;
/** A metadata document or key set of the field is under 20 KB; an answer of this room's questions under 4. */
export const MAX_DOCUMENT_BYTES = 262_144;
/** How long an issuer's document is used without asking anew; its keys change in days, and are asked for when one is missing. */
export const DOCUMENT_FRESH_SECONDS = 300;
/** How long its metadata stands in for an issuer that is away: addresses do not change in a day. */
export const METADATA_STALE_SECONDS = 86_400;
/** The same of its keys: long enough for an outage, short enough that a key that was withdrawn does not live by one. */
export const KEYS_STALE_SECONDS = 3600;
/** Between two questions to an issuer that did not answer, and what clients are told to wait: so that no flood comes of it. */
export const RETRY_SECONDS = 5;
/** Between two questions for a key that is not in the set: made-up ids must not become a flood at the issuer. */
export const UNKNOWN_KEY_SECONDS = 30;
/** How far an issuer's clock may be ahead of ours. */
export const CLOCK_SKEW_SECONDS = 10;
/** Of a person's id at an issuer (OpenID Connect Core §2). */
export const MAX_SUBJECT_CHARACTERS = 255;
/** The last that a calendar can print (ECMAScript, "Time Values"): what ends later has no end. */
export const LAST_SECOND = 8_640_000_000_000;
