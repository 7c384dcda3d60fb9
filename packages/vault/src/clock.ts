// The time at each moment of something that takes longer than a second, counted on from when its door was entered.

/** Epoch seconds at this moment. */
export type Clock = () => number;

/** @param now epoch seconds */
export function clockFrom(now: number): Clock {
  const start = performance.now();
  return () => now + Math.floor((performance.now() - start) / 1000);
}
