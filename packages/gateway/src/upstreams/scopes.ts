// Which scopes a request to a toolset needs.

import type { JsonRpcRequest, Toolset } from '@sallyport/protocol';
import { normalUri } from './resource-reads.ts';

/**
 * What does not exist needs none: its answer says so to anybody who was admitted, and a challenge for it could never be met.
 */
export function scopesOf(toolset: Toolset): (request: JsonRpcRequest) => readonly string[] {
  const { tools, resources = [], prompts = [] } = toolset;
  const byTool = new Map(tools.map(({ name, scope }) => [name, scope]));
  const byUri = new Map(resources.map(({ uri, scope }) => [uri, scope]));
  const byPrompt = new Map(prompts.map(({ name, scope }) => [name, scope]));

  return ({ method, params }) => {
    switch (method) {
      case 'tools/call':
        return byTool.get(text(params?.['name'])) ?? [];
      case 'resources/read':
        return byUri.get(normalUri(text(params?.['uri'])) ?? '') ?? [];
      case 'prompts/get':
        return byPrompt.get(text(params?.['name'])) ?? [];
      default:
        return [];
    }
  };
}

/** What is no text names nothing. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
