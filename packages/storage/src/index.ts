// What must be remembered: one contract, and the stores that keep it.

export * from './contract.ts';
export { copyIn, copyOut, CopyRefused } from './copy/index.ts';
export type { Copied, CopyInOptions, CopyOutOptions, OnProgress } from './copy/index.ts';
export type { Counter, CounterRule, Excess, OpenCounter } from './counting/counter.ts';
export { countInMemory } from './counting/memory.ts';
export { makeFolder, syncFolder } from './folder.ts';
export { supersededSigningKeySeconds } from './limits.ts';
export { openStorage } from './open.ts';
export { PERSONAL_ACCESS_TOKENS } from './operations/personal-access-tokens.ts';
export { sealedKinds } from './operations/sealed-values.ts';
export type { StorageOptions } from './open.ts';
export { readRedisUrl } from './redis/address.ts';
export { inspectRedis, mayEvict } from './redis/inspect.ts';
export type { InspectedRedis } from './redis/inspect.ts';
export { startSweeper } from './sweeper.ts';
