// What an operator says about a toolset behind the gate, and what it offers by that.

import type { JsonObject, Toolset } from '@sallyport/protocol';

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
  /**
   * What clients ask for when a tool needs these scopes; its list then says so of each tool, for clients that read
   * challenges in results.
   */
  readonly scopesToAskFor?: (needed: readonly string[]) => readonly string[];
}

/** Only what there is. The lists of a running server never change, and nobody is told that they did. */
export function capabilitiesOf({ tools, resources = [], prompts = [] }: Toolset): JsonObject {
  const fixed = { listChanged: false };
  return {
    ...(tools.length > 0 && { tools: fixed }),
    ...(resources.length > 0 && { resources: fixed }),
    ...(prompts.length > 0 && { prompts: fixed }),
  };
}
