// The numbers of the gate, each with its reason.

/** What an MCP server of the official SDK takes, so that a call which works without the gate works through it. */
export const maxBodyBytes = 4 * 1024 * 1024;

/**
 * Once the answers of a batch are longer than this, the rest of it is not run: a short batch could otherwise ask for the
 * largest page of a list a hundred times, and for more memory than the process may have.
 */
export const maxBatchAnswerCharacters = 4 * 1024 * 1024;

/** After this many seconds a client may try again when the store could not be reached; a restart takes about as long. */
export const retryAfterSeconds = 5;

/**
 * Event streams of one authorization: a host opens one for each of its windows. More is a client that loses them.
 * Whoever is refused can still use Streamable HTTP.
 */
export const maxStreamsPerGrant = 16;

/** Event streams of one person, whatever the clients: nobody can take all of `maxStreams`. */
export const maxStreamsPerPerson = 64;

/** Event streams in all: each holds a socket, of which a process often has no more than some thousand. */
export const maxStreams = 1_000;

/** Answers of one stream that are being worked on: more than any host asks at once. */
export const maxPendingAnswers = 32;

/** Bytes that wait on one stream for its client to read; nothing more is run for it until it has read. */
export const maxQueuedBytes = 4 * 1024 * 1024;

/** A quiet stream says something this often, below the idle time of common proxies (HTML, server-sent events, §9.2.7). */
export const keepAliveSeconds = 15;

/** A stream to which nothing was posted for this long ends; a client that still wants one opens another. */
export const maxIdleSeconds = 3_600;

/** How long whoever meets one of these limits should wait: streams that lost their client are found about as fast. */
export const streamRetrySeconds = 30;

/** A method or tool name in a log line; longer ones are somebody's noise. */
export const maxLoggedCharacters = 64;
