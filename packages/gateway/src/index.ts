// The gate: MCP servers behind tokens. A request is admitted, read, permitted, answered and recorded.

export type { WhoCalls } from './record.ts';
export { gateway } from './gateway.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
export type { Exchange, GatewayServer, Guard, StreamDoor, Upstream } from './server.ts';
export type { ServerInfo, ToolsetDefinition } from './upstreams/definition.ts';
export { toolsetUpstream } from './upstreams/toolset.ts';
