// MCP's own words: messages, eras, headers, refusals. Pure; both the gate and a client of it build on this.

export * from './envelope.ts';
export * from './headers.ts';
export * from './json-rpc.ts';
export * from './media-type.ts';
export * from './params.ts';
export * from './read.ts';
export * from './refusals.ts';
export * from './versions.ts';
export type { JsonObject, ShapeIssue } from './shape.ts';
