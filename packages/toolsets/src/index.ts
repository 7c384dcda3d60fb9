// Ready-made MCP servers. Each is a function of what it works on, answering a `Toolset` that a gate can serve.

export { isDenied, perform } from './records/operation.ts';
export type { Denied, Operation, RecordsStorage } from './records/operation.ts';
export { recordsOperations } from './records/operations.ts';
export { recordsScopes, recordsToolset } from './records/toolset.ts';
