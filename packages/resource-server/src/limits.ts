// Every number of this room, with its reason.

/** Judged tokens that are remembered; at about 300 bytes each this stays under 5 MB. */
export const MAX_JUDGED_TOKENS = 10_000;
/** A public document: long enough that discovery costs nothing, short enough that a change is noticed within minutes. */
export const METADATA_MAX_AGE_SECONDS = 300;
/** Longest token that is looked at; ours are under 800 characters. */
export const MAX_TOKEN_CHARACTERS = 8192;
