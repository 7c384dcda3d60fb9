// The records toolset: a person's own profile and items as MCP tools.

import type { Tool, ToolAnswer, Toolset } from '@sallyport/protocol';
import { input, output } from '../schema.ts';
import { createItem, findOwnItem, findProfile, listOwnItems } from './records.ts';
import type { RecordsStorage } from './records.ts';
import { createUserItem, getUserItem, getUserItems, getUserProfile } from './schemas.ts';

/** An MCP server over what `storage` keeps for the caller; nobody reaches another person's records. */
export function recordsToolset(storage: RecordsStorage): Toolset {
  return {
    id: 'records',
    title: 'Records',
    scopes: [
      { name: 'read', description: 'read your profile and items' },
      { name: 'write', description: 'create items in your name' },
    ],
    defaultScopes: ['read'],
    tools: [profileTool(storage), listTool(storage), itemTool(storage), createTool(storage)],
  };
}

const reading = { readOnlyHint: true, openWorldHint: false } as const;

function profileTool(storage: RecordsStorage): Tool {
  return {
    name: 'get_user_profile',
    title: 'Your profile',
    description: 'Answers the id, e-mail address and name of the signed-in person.',
    scope: ['read'],
    input: input(getUserProfile.input),
    output: output(getUserProfile.output),
    annotations: reading,
    async run(_input, { caller }) {
      const profile = await findProfile(storage, caller.sub);
      return profile === undefined ? failed('User not found') : { structuredContent: profile };
    },
  };
}

function listTool(storage: RecordsStorage): Tool<{ page: number; limit: number }> {
  return {
    name: 'get_user_items',
    title: 'Your items',
    description:
      'Lists the items of the signed-in person, newest first, one page at a time. A page with fewer items than `perPage` is the last.',
    scope: ['read'],
    input: input(getUserItems.input),
    output: output(getUserItems.output),
    annotations: reading,
    async run(asked, { caller }) {
      return { structuredContent: await listOwnItems(storage, { userId: caller.sub, ...asked }) };
    },
  };
}

function itemTool(storage: RecordsStorage): Tool<{ id: string }> {
  return {
    name: 'get_user_item',
    title: 'One of your items',
    description: 'Answers one item of the signed-in person by its id.',
    scope: ['read'],
    input: input(getUserItem.input),
    output: output(getUserItem.output),
    annotations: reading,
    async run({ id }, { caller }) {
      const item = await findOwnItem(storage, { userId: caller.sub, id });
      if (item === 'not_found') return failed('Item not found');
      if (item === 'not_owner') return failed('Access denied: This item does not belong to you');
      return { structuredContent: item };
    },
  };
}

function createTool(storage: RecordsStorage): Tool<{ name: string; content: string }> {
  return {
    name: 'create_user_item',
    title: 'Create an item',
    description: 'Creates an item that belongs to the signed-in person and answers it with its new id.',
    scope: ['write'],
    input: input(createUserItem.input),
    output: output(createUserItem.output),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    async run(asked, { caller, now }) {
      const item = await createItem(storage, { userId: caller.sub, ...asked }, now);
      return item === 'user_gone' ? failed('User not found') : { structuredContent: item };
    },
  };
}

function failed(error: string): ToolAnswer {
  return { isError: true, error };
}
