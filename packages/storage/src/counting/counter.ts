// Counting how often something happened lately: what limits are made of. Kept in this process, or where instances share it.

/** One limit. */
export interface CounterRule {
  /** Names its keys in a shared store: no two rules have the same. */
  readonly name: string;
  /** So many … */
  readonly points: number;
  /** … in so many seconds, counted from the first. At most 24 days. */
  readonly seconds: number;
  /**
   * What a key belongs to. Where only so many keys can be kept, further ones are counted together by this, with
   * ten times the points; without it, the oldest key is forgotten for a new one.
   */
  readonly wider?: (key: string) => string;
  /**
   * An instance tells the others only after each twentieth of the points, so that hardly any call asks the store. All
   * instances together may then let through up to a twentieth more for each of them.
   */
  readonly inLots?: boolean;
  /** Counted in the store of what is short-lived, where there is one: for what does not work without that one anyway. */
  readonly isShortLived?: boolean;
}

/** What is beyond a limit. */
export interface Excess {
  /** Until it counts from nothing again; at least 1. */
  readonly waitSeconds: number;
  /** Whether this very call was the first beyond the limit. */
  readonly isFirst: boolean;
}

/** Each call is atomic. Every one throws `StorageUnavailable` when it cannot be counted: then nobody may be let through. */
export interface Counter {
  /**
   * Counts once, or `weight` times at once, also what is beyond the limit.
   * @param key any text, however long
   * @returns undefined while it is within the limit
   */
  count(key: string, weight?: number): Promise<Excess | undefined>;
  /** Counts, whatever the limit says. @returns how many there are now */
  add(key: string, weight?: number): Promise<number>;
  /** Counts one less. */
  takeBack(key: string): Promise<void>;
  /** From now on there are so many, for so many seconds. */
  set(key: string, points: number, seconds: number): Promise<void>;
  /** @returns how many there are; undefined when nothing is counted */
  get(key: string): Promise<number | undefined>;
  forget(key: string): Promise<void>;
}

export type OpenCounter = (rule: CounterRule) => Counter;
