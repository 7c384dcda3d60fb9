// The numbers of the login recorder.

/** Steps are written together this often: nobody looks for a login within a second of it. */
export const writeEveryMilliseconds = 1_000;

/** Steps that wait to be written; more come only from a flood, or while the store is away. */
export const maxWaitingEvents = 1_000;

/** Grants whose first call has been noted; each is under 100 bytes. */
export const maxGrantsSeen = 50_000;
