// The records toolset: a person's own profile, items, clients and tags as MCP tools.

import type { ScopeDefinition, Tool, ToolAnnotations, Toolset } from '@sallyport/protocol';
import { isDenied } from './operation.ts';
import type { Operation, RecordsStorage } from './operation.ts';
import { recordsOperations } from './operations.ts';

/** Whoever may change a record is shown all of it, so to keep the two apart would protect nothing. */
export const recordsScopes: readonly ScopeDefinition[] = [
  { name: 'read', description: 'read your profile, items, clients and tags' },
  {
    name: 'write',
    description: 'create, change and delete items, clients and tags in your name',
    includes: ['read'],
  },
];

/** An MCP server over what `storage` keeps for the caller; nobody reaches another person's records. */
export function recordsToolset(storage: RecordsStorage): Toolset {
  return {
    id: 'records',
    title: 'Records',
    scopes: recordsScopes,
    defaultScopes: ['read'],
    tools: recordsOperations.map((operation) => toolOf(operation, storage)),
  };
}

/** To delete or to change something twice leaves what once leaves. */
const annotations: Readonly<Record<Operation['effect'], ToolAnnotations>> = {
  read: { readOnlyHint: true, openWorldHint: false },
  create: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  update: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  delete: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
};

function toolOf(operation: Operation, storage: RecordsStorage): Tool {
  const { name, title, description, scope, input, output, effect } = operation;
  return {
    name,
    title,
    description,
    scope: [scope],
    input,
    output,
    annotations: annotations[effect],
    async run(asked, { caller, now }) {
      const answer = await operation.run(asked, { storage, userId: caller.sub, now });
      return isDenied(answer) ? { isError: true, error: answer.sentence } : { structuredContent: answer };
    },
  };
}
