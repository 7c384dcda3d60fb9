// A toolset's tools as `tools/list` shows them. Everybody sees all of them: whoever lacks a scope can then ask for it.

import type { JsonObject, Toolset } from '@sallyport/protocol';

export function listedTools({ tools }: Toolset): readonly JsonObject[] {
  return tools.map(({ name, title, description, input, output, annotations }) => ({
    name,
    title,
    description,
    inputSchema: input.jsonSchema,
    annotations,
    outputSchema: output,
  }));
}
