// What an operator says about a toolset behind the gate.

import type { Toolset } from '@sallyport/protocol';

/** Who answers, as `initialize` and every modern result say (MCP `Implementation`). */
export interface ServerInfo {
  readonly name: string;
  readonly title?: string;
  readonly version: string;
}

export interface ToolsetDefinition {
  readonly toolset: Toolset;
  readonly serverInfo: ServerInfo;
  /** For the model: how the tools belong together. */
  readonly instructions?: string;
}

/** The tools of a running server never change, and nobody is told that they did. */
export const capabilities = { tools: { listChanged: false } } as const;
