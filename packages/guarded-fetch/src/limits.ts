// Every number of this room, with its reason.

/** From the look-up of the name to the last byte: a person waits for it, and the clients of the field allow 10 seconds. */
export const fetchMilliseconds = 5_000;
/** The headers of an answer; what Node takes as a server. */
export const maxHeaderBytes = 16 * 1024;
/** Fetches under way at once, each with a socket and a document in memory: slow ones must not use up either. */
export const maxFetchesAtOnce = 32;
/** A name with more addresses than a large service announces is an attempt to make us try them all. */
export const maxAddresses = 16;
/** The one port that strangers may have us knock on: others belong to services that never asked for it. */
export const httpsPort = '443';
