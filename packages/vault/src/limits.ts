// Every number of this room, with its reason.

/** Three tokens of the largest kind that is seen: a person of hundreds of groups, each named in them. */
export const maxAnswerBytes = 256 * 1024;
/** Longer than any that a provider gives; it has to fit into the headers of a request, which servers end at 16 KB. */
export const maxTokenCharacters = 16_000;
/** A century: whoever says more means "for ever", and times have to stay whole numbers. */
export const maxExpiresInSeconds = 100 * 365 * 24 * 3600;
/** A day: a provider that asks for more patience is asked again all the same. */
export const maxRetryAfterSeconds = 24 * 3600;
/** A client with all the metadata that an authorization server may say back. */
export const maxRegistrationBytes = 64 * 1024;
/** Of a client id or a secret: longer ones are JWTs, and have to fit into a URL or a header. */
export const maxClientWordCharacters = 2048;
/** A registration that was refused or did not work is not asked for again before: people press buttons. */
export const registrationAgainSeconds = 10;
/** The same after which a client may have been left behind there: each further one would be a stranger's to cause. */
export const registrationInVainSeconds = 600;
/** Of a registration: a secret for less is over before somebody is back, and makes each sign-in register anew. */
export const leastSecretSeconds = 600;
/** One instance registers at a time: what a request takes at most, and the write after it; if it dies, others wait this long. */
export const registrationLeaseSeconds = 30;
/** How long the secret of a registration has to last when somebody leaves with it: as long as a browser may be away. */
export const secretLeftSeconds = 30 * 60;
/** Error codes of the standards have under 40 characters. */
export const maxErrorCharacters = 64;
/** What an operator needs to see of a provider's own words. */
export const maxDescriptionCharacters = 200;

/** Before an access token expires, unless configured: long enough for a provider to be away for a few minutes. */
export const defaultRefreshBeforeSeconds = 300;
/** A token is refreshed in the second half of its life, however short that is: earlier would only be more work. */
export const earliestShareOfLife = 0.5;
/** Nobody is handed a token that is over before it arrives: this much of its life … */
export const lastShareOfLife = 0.1;
/** … but of a long one no more than a slow call takes. */
export const mostLastSeconds = 10;

/**
 * How long the answer to a refresh is waited for: the provider may have replaced the token already when it is slow, and who
 * hangs up then has lost it. Nobody waits for it who needs a token now. Together with the write below `leaseLeftSeconds`.
 */
export const refreshMilliseconds = 20_000;

/** How often a refresh is tried before it is put off: most failures of a provider last a moment. */
export const tries = 3;
/** The pause after the first try that failed; four times as long after the second. Half of it is random. */
export const firstPauseMilliseconds = 500;
/** A provider that asks to wait for longer than this is not waited for: the refresh is put off until then. */
export const mostWaitedForSeconds = 5;
/** Put off for a third of what it is overdue by, but no less than a provider needs to notice that it is broken … */
export const leastPostponedSeconds = 30;
/** … and no more than a person would wait for once it works again. */
export const mostPostponedSeconds = 300;
/** However long a provider asks to be left alone. */
export const mostRetryAfterSeconds = 3600;
/** What only the operator can mend is looked at this often. */
export const operatorPostponedSeconds = 300;
/** A provider that is not configured any more may be again. */
export const unconfiguredPostponedSeconds = 3600;

/** One refresher per entry: far longer than all tries take, and shorter than what a token still lasts when it is due. */
export const leaseSeconds = 120;
/** A try begins only while its lease lasts this much longer: what a request takes at most, and the write after it. */
export const leaseLeftSeconds = 30;
/** Whoever needs a token waits this long for a refresh: a person waits at the other end. */
export const waitMilliseconds = 8_000;
/** How often somebody who waits for another instance looks, at first; each further pause is twice as long … */
export const firstLookMilliseconds = 50;
/** … up to this. */
export const longestLookMilliseconds = 500;
/** What `unavailable` asks for when nothing better is known. */
export const retryUnavailableSeconds = 5;

/** The pause after a write that failed, at first and at most: a database that restarts is back in seconds. */
export const writePauseMilliseconds = { first: 100, longest: 5_000 };
/** How long closing waits for the answers of providers and for the store: below the half minute that services get. */
export const closeMilliseconds = 15_000;

/**
 * After each try to revoke what was forgotten, until the next: seven tries within a day. Then the provider has been away for
 * longer than anybody waits, or will never take it. The first is far longer than one request takes.
 */
export const revocationPausesSeconds = [60, 300, 1800, 7200, 28_800, 43_200, 3600];
/** Revocations that one look brings, and at a time: they must not keep the refreshes of the next look waiting. */
export const revocationsAtOnce = 20;
export const revocationsUnderWay = 4;

/** Entries that one look at the store brings: each may be 16 KB. */
export const dueAtOnce = 100;
/** Refreshes at a time, below the number of fetches that there may be at once: people sign in meanwhile. */
export const refreshesAtOnce = 8;
/** After so many refreshes of one provider in a row that were put off, a look puts off the rest of it without asking. */
export const failuresInARow = 8;
/**
 * So many people's access ends because their provider refuses them, without one in between whom it honours. More at once is
 * rarer in a company than a provider, or a database, that was set up anew.
 */
export const endsInARow = 5;
/** How often the store is asked what is due: a look by an index. */
export const lookEverySeconds = 10;
/** Where the generations of a new entry begin, at random: one that was removed and kept anew is not taken for the same. */
export const firstGenerations = 2 ** 40;
