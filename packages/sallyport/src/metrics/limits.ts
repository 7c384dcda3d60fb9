// The buckets of the histograms, in seconds.

/** A warm tool call takes well under a millisecond, a password some ten, a slow disk a hundred. */
export const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A good disk commits in a tenth of a millisecond; at the upper end another process holds the lock. */
export const commitBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
