// Everything that is kept, copied out of one store and into another, on whichever backend each of them is.

export { copyIn } from './in.ts';
export type { CopyInOptions } from './in.ts';
export { copyOut } from './out.ts';
export type { Copied, CopyOutOptions, OnProgress } from './out.ts';
export { CopyRefused } from './refused.ts';
