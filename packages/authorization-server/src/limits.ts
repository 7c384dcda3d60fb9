// Every number of this room, with its reason.

/** A form of any OAuth endpoint; the longest honest one is an authorization request with a long `state`. */
export const MAX_FORM_BYTES = 64 * 1024;
/** Client metadata; the field's longest registration is under 3 KB. */
export const MAX_REGISTRATION_BYTES = 32 * 1024;
/**
 * Clients that strangers registered and nobody used. Beyond it the oldest goes for each new one, if it is older than a
 * client takes from its registration to its first token.
 */
export const MAX_UNUSED_REGISTRATIONS = 10_000;
export const EVICTABLE_AFTER_SECONDS = 3600;
/** Of one initial access token: what a script that runs wild leaves behind. */
export const MAX_UNUSED_REGISTRATIONS_OF_TOKEN = 200;
/** What an operator can look through; beyond it nothing that a stranger sends makes the list longer. */
export const MAX_WAITING_CLIENTS = 500;
/** An identical registration gets an unused client only while that has most of its 30 days before it. */
export const FOUND_UNUSED_SECONDS = 24 * 3600;
/** New clients of strangers from one address within a day: a hosted client's whole rollout, and 20 MB at most usually. */
export const KEPT_REGISTRATIONS = { points: 5_000, seconds: 24 * 3600 } as const;
/** One that waits takes an operator's attention: fifty in a day from one address. */
export const WAITING_REGISTRATION_WEIGHT = 100;
/** A person may look for their password while the client waits; clients themselves wait 5 to 10 minutes. */
export const PAUSED_AUTHORIZATION_SECONDS = 30 * 60;
/** Between the clocks of two instances, of which one noted the pause and the other the sign-in that it waited for. */
export const CLOCKS_APART_SECONDS = 30;
/** Longest query of an authorization request that is read. */
export const MAX_QUERY_CHARACTERS = 32 * 1024;
/** Clients retry after this, when the store is busy or a key is on its way. */
export const RETRY_AFTER_SECONDS = 2;
/** Prints as 48 characters, as many as programs that keep the tokens of earlier servers have made room for. */
export const OPAQUE_TOKEN_BYTES = 36;

/** A client's metadata document; the draft's §6.6 recommends 5 KB, and a list of many redirect URIs takes more. */
export const MAX_DOCUMENT_BYTES = 64 * 1024;
/**
 * For how long a document is not fetched again, by what its headers say. At least: whoever signs in twice in a row does
 * not wait twice. At most: a redirect URI that was taken out is refused within a day. Unsaid: as other servers have it.
 */
export const DOCUMENT_FRESH_SECONDS = { least: 30, most: 24 * 3600, unsaid: 600 } as const;
/** The store forgets a document that nobody has used an hour after its fetch; an authorization waits half of that. */
export const UNUSED_DOCUMENT_FRESH_SECONDS = 30 * 60;
/** A maker's server that is away for a day does not keep people out of their own; a longer absence is no accident. */
export const STALE_DOCUMENT_SECONDS = 24 * 3600;
/** A pinned copy stands in for an hour; then the document is tried again, which has the last word. */
export const PINNED_DOCUMENT_FRESH_SECONDS = 3600;
/** Rows of at most some 70 KB, swept after an hour: what strangers can make us keep at all. */
export const MAX_UNUSED_DOCUMENTS = 2_000;
/** Fetches that are really made. Of a document that is not refused there are two a minute at most. */
export const DOCUMENT_FETCHES = {
  /** An office that tries a new app together. */
  perAddress: { points: 30, seconds: 600 },
  /** A person who reloads a page with an error. */
  perDocument: { points: 6, seconds: 60 },
  /** One host of documents for many apps, whose makers should not notice us. */
  perHost: { points: 120, seconds: 60 },
} as const;

/** Clocks of clients differ from ours by no more than this, in either direction. */
export const ASSERTION_SKEW_SECONDS = 60;
/** Clients of the field make theirs for one to five minutes; what was captured is worth nothing after ten. */
export const MAX_ASSERTION_LIFETIME_SECONDS = 600;
/** A UUID has 36, and 64 random bytes 86. */
export const MAX_ASSERTION_JTI_CHARACTERS = 256;

/** A client's JWK Set; 32 RSA keys of 4096 bits have 25 KB. */
export const MAX_KEYS_BYTES = 32 * 1024;
/** At most: a key that its owner withdrew is refused within the hour. At least and unsaid: as for documents. */
export const KEYS_FRESH_SECONDS = { least: 60, most: 3600, unsaid: 600 } as const;
/** While they cannot be fetched: long enough for a morning without the maker's server, short for a key that was lost. */
export const STALE_KEYS_SECONDS = 4 * 3600;
/** A key that is not there may have been published just now: looked for this often, whoever sends how many. */
export const KEYS_AGAIN_SECONDS = 30;
/** Sets in memory, 16 MB at the very most. */
export const MAX_KEPT_KEYS = 500;

/** What the rate limits count in: short enough that a person can wait for it, long enough for a morning's rush. */
export const RATE_LIMIT_SECONDS = 60;
/** The field's registrations are under 3 KB, so an honest one counts once, and what is written in a minute is bounded. */
export const REGISTRATION_UNIT_BYTES = 4096;
/** An IPv6 customer may have a /48, with 65,536 times the prefix that counts as one address; ten may be full at once. */
export const SITE_OF_ADDRESSES = 10;
/** All clients of an office together, where one of them going in circles must not use up what the others have. */
export const AUTHORIZATIONS_OF_ADDRESS = 3;
/** A server elsewhere asks for every call that it gets: a thousand in a second with the default. */
export const INTROSPECTIONS_OF_TOKEN_REQUEST = 20;

/** Unless the operator says otherwise; the reasoning is in docs/decisions/rate-limits.md. */
export const defaultRateLimits = {
  /** A hosted client registers once for each of its people, all from few addresses. At 4 KiB each, 14 MB in an hour. */
  registrationsPerMinute: 60,
  /** A department of some hundred that is told to connect the same app now. A paused one is about 1 KB for half an hour. */
  authorizationsPerMinute: 300,
  /** 10,000 people of one hosted client that come back within four minutes, each with a token to refresh. */
  tokenRequestsPerMinute: 3000,
  /** After a lost database each client fails once and registers anew; ten in a second are no load and get nobody in. */
  refusalsPerMinute: 600,
} as const;

/** Of one person at a time: one for each script, and none that nobody remembers. */
export const MAX_PERSONAL_TOKENS = 50;
