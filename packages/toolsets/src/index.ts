// Ready-made MCP servers. Each is a function of what it works on, answering a `Toolset` that a gate can serve.

export { recordsToolset } from './records/toolset.ts';
export * from './records/records.ts';
export type { ItemPage, ItemRecord, Profile } from './records/schemas.ts';
