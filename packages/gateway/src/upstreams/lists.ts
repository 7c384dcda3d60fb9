// The lists of a toolset. Everybody sees all of them: whoever lacks a scope can then ask for it. A list never changes, so
// it is printed once.

import { printResult, readPageRequest } from '@sallyport/protocol';
import type { JsonObject, Prompt, Resource, Tool } from '@sallyport/protocol';
import { securitySchemes } from './challenge-result.ts';
import type { ToolsetDefinition } from './definition.ts';
import type { Era } from './era.ts';
import { malformedParams } from './reply.ts';
import type { Method } from './reply.ts';

/** All on one page; there is never a cursor to come back with. */
export function listing(list: JsonObject, { cacheHints, stamp }: Era): Method {
  const printed = JSON.stringify({ ...list, ...cacheHints, ...stamp });
  return (request) => {
    const asked = readPageRequest(request);
    return asked.ok ? { body: printResult(request.id, printed) } : malformedParams(request, asked.issues);
  };
}

export function listedTools(
  tools: readonly Tool[],
  scopesToAskFor: ToolsetDefinition['scopesToAskFor'],
): JsonObject {
  return {
    tools: tools.map(({ name, title, description, input, output, annotations, scope }) => ({
      name,
      title,
      description,
      inputSchema: input.jsonSchema,
      annotations,
      outputSchema: output,
      ...(scopesToAskFor !== undefined && { _meta: securitySchemes(scopesToAskFor(scope)) }),
    })),
  };
}

export function listedResources(resources: readonly Resource[]): JsonObject {
  return {
    resources: resources.map(({ uri, name, title, description, mimeType }) => ({
      uri,
      name,
      title,
      description,
      mimeType,
    })),
  };
}

export function listedPrompts(prompts: readonly Prompt[]): JsonObject {
  return {
    prompts: prompts.map(({ name, title, description, arguments: declared }) => ({
      name,
      title,
      description,
      ...(declared.length > 0 && {
        arguments: declared.map(({ name: argument, description: meaning, required }) => ({
          name: argument,
          description: meaning,
          required,
        })),
      }),
    })),
  };
}
