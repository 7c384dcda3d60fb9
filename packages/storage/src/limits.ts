// Every number of this room, with its reason.

/** A dynamically registered client that never completed an authorization is forgotten after this: 30 days. */
export const unusedClientSeconds = 30 * 24 * 60 * 60;

/** The steps of a login are told for a week: whoever could not connect complains within days. */
export const loginEventSeconds = 7 * 24 * 60 * 60;

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
