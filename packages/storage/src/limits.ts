// Every number of this room, with its reason.

/** A dynamically registered client that never completed an authorization is forgotten after this: 30 days. */
export const unusedClientSeconds = 30 * 24 * 60 * 60;

/** A client that waits for approval is forgotten after this: whoever wants it will have asked the operator by then. */
export const waitingClientSeconds = 7 * 24 * 60 * 60;

/** An initial access token is listed for so long after it expired, so that one can see why it no longer works: 30 days. */
export const expiredInitialAccessTokenSeconds = 30 * 24 * 60 * 60;

/** How coarsely the last use of a client is known. */
export const clientUseSeconds = 60;

/** A client whose document was fetched and who was then not let in by anybody: fetched again whenever it comes back. */
export const unusedDocumentSeconds = 60 * 60;

/** The steps of a login are told for a week: whoever could not connect complains within days. */
export const loginEventSeconds = 7 * 24 * 60 * 60;

/**
 * A signing key is published for so long after its successor began to sign: the longest life of a JWT, a day, and ten
 * minutes for clocks that differ.
 */
export const supersededSigningKeySeconds = 24 * 60 * 60 + 600;

/** A refresh token that was rotated longer ago than this is never answered again, whatever the configuration says. */
export const longestGraceSeconds = 60 * 60;

/** Steps that are kept in all, the newest: some 15 MB, whatever strangers try. */
export const maxLoginEvents = 50_000;

/** Steps of one login: a person who types a password wrong for an hour takes fewer. */
export const maxEventsOfLogin = 100;

/** Rows of one kind that one sweep deletes: a few milliseconds during which nobody else can write. */
export const sweepBatchRows = 200;

/** Batches of one run of the sweeper: what is left after 100,000 rows waits for the next run. */
export const sweepBatchesPerRun = 500;

/** Calls in one transaction: bounds how long the event loop stands still, far beyond where more would save anything. */
export const groupCommitCalls = 256;

/** How long SQLite itself waits for another process's lock; the whole process stands still meanwhile. */
export const lockWaitMilliseconds = 50;

/** Pause before a group that met another process's lock tries again; reads are answered meanwhile. */
export const lockRetryMilliseconds = 20;

/** A lock held for longer than this is a stuck process, not a busy one. */
export const lockPatienceMilliseconds = 5_000;

/** How often another process's writes are looked for; the contract promises one second. Costs 3 µs. */
export const watchEveryMilliseconds = 250;

/** A database up to this size is checked page by page whenever it is opened (about 0.2 s); see docs/decisions/0001-storage.md. */
export const checkedAtOpenBytes = 128 * 1024 * 1024;

/** Page cache in KiB: the hot part of the indexes of some hundred thousand tokens. */
export const pageCacheKibibytes = 16 * 1024;

/**
 * Pages of 4 KiB that the write-ahead log has before it is copied into the database (16 MiB). Index pages that many
 * writes touch are then copied once for all of them, which takes about a tenth off the cost of a write.
 */
export const logPagesBeforeCheckpoint = 4_000;

/** The write-ahead log is cut back to this after a burst. */
export const keptLogBytes = 16 * 1024 * 1024;

/** Keys of one counter that this process tells apart: 13 MB, and far more addresses than honestly come in a minute. */
export const counterKeysKept = 20_000;

/** What a whole network may do, in times of one address, once more keys came than are told apart. */
export const widerCounterFactor = 10;

/** How often a full counter looks for keys that are over: a look takes a millisecond or two. */
export const counterTidyMilliseconds = 1_000;

/** Into so many lots a limit is divided where instances share it, so that each may let through a twentieth more. */
export const lotsOfLimit = 20;

/** Connections to PostgreSQL that requests share, unless told otherwise; each is a process of the server. */
export const poolConnections = 10;

/** How long a request waits for a connection, new or shared; then it is told to come back, while it still listens. */
export const connectMilliseconds = 5_000;

/** A statement that takes longer is stuck: each finds its rows by an index, in well under a millisecond. */
export const statementMilliseconds = 5_000;

/** Others hold a row for the length of a transaction; longer than a deadlock takes to be noticed (1 s). */
export const rowLockMilliseconds = 3_000;

/** An instance that stood still in the middle of a transaction loses its locks to the others after this. */
export const idleTransactionMilliseconds = 10_000;

/** No answer for this long, though the server limits itself to less: the network is gone, and the connection given up. */
export const answerMilliseconds = 6_000;

/** A connection says goodbye in a millisecond; one that the network has lost is left to the system. */
export const closeMilliseconds = 2_000;

/** A connection that was not needed for this long is given back to the server: between bursts none is made anew. */
export const idleConnectionMilliseconds = 5 * 60_000;

/** Silence before the system asks whether the other end is still there: below the five minutes of common firewalls. */
export const keepAliveMilliseconds = 60_000;

/** How often a transaction that lost to another is played: with so many to spare, none has been seen to run out. */
export const transactionTries = 10;

/** The pause before it is played again is random below this, and longer each time, so that the same two do not meet. */
export const retryPauseMilliseconds = 10;

/** Another instance brings the schema up to date: the ones that start meanwhile wait for it this long. */
export const migrationPatienceMilliseconds = 10 * 60_000;

/** How often the connection that hears of changes is asked whether it still hears. */
export const feedHeartbeatMilliseconds = 1_000;

/** Without an answer for this long nothing may be remembered any more; with one missed beat the contract's seconds hold. */
export const feedSilenceMilliseconds = 2_500;

/** A notice of PostgreSQL has at most 7,999 bytes. */
export const maxNoticeBytes = 7_999;

/** Grants that are named one by one when they end together; beyond it, to forget everything is less work. */
export const maxNamedGrants = 500;

/**
 * Rows that a copy holds at once: enough that a round to the server is spread over many, and of the longest (items of
 * 100,000 characters) no more than some 40 MB.
 */
export const copiedRowsAtOnce = 200;

/** A copy's text is handed to the compression in pieces of this size: 64 KiB are read as fast as larger ones. */
export const copiedChunkCharacters = 64 * 1024;

/** zlib's fastest: most of a copy is random digests, which no level makes smaller. */
export const copyCompression = 1;

/** One row of a copy, as JSON: no request may bring in a quarter of it, escaped or not, and it is little memory. */
export const maxCopiedRowCharacters = 16 * 1024 * 1024;

/** Until a connection to Redis is there, TLS included. Longer than the slowest network between two data centres. */
export const redisConnectMilliseconds = 5_000;

/** Redis answers in under a millisecond; after this it is taken for away, and the request that waits gets its 503. */
export const redisAnswerMilliseconds = 2_000;

/** Pause before the first attempt to reach a lost Redis again; each further one is twice as long, up to the longest. */
export const redisReconnectMilliseconds = { first: 50, longest: 2_000 };

/**
 * Records stay in Redis for so much longer than they are good, as long as SQLite keeps them until it is swept: a code
 * that comes back late still ends its grant, and a clock of Redis that runs fast ends no login.
 */
export const ephemeralMarginSeconds = 300;

/**
 * So long a personal access token that was revoked is still known to have been one: a form that comes again must not make
 * it anew. Forms are good for less than an hour.
 */
export const deadGrantSeconds = 24 * 3600;
