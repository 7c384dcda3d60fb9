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

/** A method or tool name in a log line; longer ones are somebody's noise. */
export const maxLoggedCharacters = 64;
