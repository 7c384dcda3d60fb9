// What the test and its processes agree on.

export const userId = 'user-1';
export const provider = 'chaotic';
/** A lease outlives a try of a second and a half, and the write after it on a busy machine; the clocks tell seconds. */
export const timing = {
  leaseSeconds: 10,
  leaseLeftSeconds: 7,
  firstPauseMilliseconds: 100,
  waitMilliseconds: 4_000,
};
