// What must be remembered: one contract, and the stores that keep it.

export * from './contract.ts';
export { makeFolder } from './folder.ts';
export { openStorage } from './open.ts';
export { startSweeper } from './sweeper.ts';
