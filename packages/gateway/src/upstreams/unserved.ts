// What a toolset may not be, found when the gate is built and not when somebody calls.

import type { Toolset } from '@sallyport/protocol';
import { normalUri } from './resource-reads.ts';

/** @throws TypeError that says which of its parts cannot be served */
export function refuseUnserved({ tools, resources = [], prompts = [] }: Toolset): void {
  refuseTwins(
    'tool',
    tools.map(({ name }) => name),
  );
  refuseTwins(
    'resource',
    resources.map(({ uri }) => uri),
  );
  refuseTwins(
    'prompt',
    prompts.map(({ name }) => name),
  );
  for (const { uri } of resources) {
    if (normalUri(uri) !== uri) throw new TypeError(`resource ${uri} is not written as ${normalUri(uri)}`);
  }
  for (const { name, input } of tools) {
    // A schema may ask that an argument is mirrored in an `Mcp-Param-…` header, which a server must then compare
    // (2026-07-28). No toolset does; one that did would be served without its check, so it is not served at all.
    if (JSON.stringify(input.jsonSchema).includes('"x-mcp-header"')) {
      throw new TypeError(`tool ${name} mirrors an argument in a header, which a toolset cannot do`);
    }
  }
}

function refuseTwins(kind: string, names: readonly string[]): void {
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw new TypeError(`two of one name: ${kind} ${twin}`);
}
