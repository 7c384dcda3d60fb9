// A toolset with the corners that a real one may have.

import type { InputSchema, Tool } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { z } from 'zod';
import type { ToolsetDefinition } from '../src/index.ts';
import type { ToolSchemas } from './oracle.ts';

export const schemas = {
  whoami: { input: z.object({}), output: z.object({ sub: z.string() }) },
  add: {
    input: z.object({
      one: z.int().max(100),
      other: z.number().min(0),
      deep: z.array(z.object({ level: z.number() })).optional(),
    }),
    output: z.object({ sum: z.number() }),
  },
  refuse: { input: z.object({}), output: z.object({}) },
  fail: { input: z.object({}), output: z.object({}) },
  lose_store: { input: z.object({}), output: z.object({}) },
} satisfies ToolSchemas;

function inputOf(schema: z.ZodObject): InputSchema<unknown> {
  return {
    jsonSchema: z.toJSONSchema(schema, { io: 'input' }),
    read(value) {
      const parsed = schema.safeParse(value);
      if (parsed.success) return { ok: true, value: parsed.data };
      return {
        ok: false,
        issues: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
      };
    },
  };
}

function tool(name: keyof typeof schemas, scope: readonly string[], run: Tool['run']): Tool {
  return {
    name,
    title: `Title of ${name}`,
    description: `Description of ${name}`,
    scope,
    input: inputOf(schemas[name].input),
    output: z.toJSONSchema(schemas[name].output, { io: 'output' }),
    annotations: { readOnlyHint: true },
    run,
  };
}

export const secret = 'the password is hunter2';

export const definition: ToolsetDefinition = {
  serverInfo: { name: 'sample', title: 'Sample', version: '1.2.3' },
  instructions: 'Add things.',
  toolset: {
    id: 'sample',
    title: 'Sample',
    scopes: [
      { name: 'read', description: 'read' },
      { name: 'write', description: 'write' },
      { name: 'admin', description: 'administer' },
    ],
    defaultScopes: ['read'],
    tools: [
      tool('whoami', [], async (_input, { caller }) => ({ structuredContent: { sub: caller.sub } })),
      tool('add', ['read'], async (input) => {
        const { one, other } = input as { one: number; other: number };
        return { structuredContent: { sum: one + other } };
      }),
      tool('refuse', ['read'], async () => ({ isError: true, error: 'Not today' })),
      tool('fail', ['write', 'admin'], async () => {
        throw new Error(secret);
      }),
      tool('lose_store', ['read'], async () => {
        throw new StorageUnavailable('disk full');
      }),
    ],
    resources: [
      {
        uri: 'sample://notes/1',
        name: 'first-note',
        title: 'The first note',
        description: 'A note that is always the same.',
        mimeType: 'text/plain',
        scope: ['read'],
        read: async ({ caller }) => ({ text: `For ${caller.sub}` }),
      },
      {
        uri: 'https://example.com/',
        name: 'broken',
        title: 'Broken',
        description: 'Cannot be read.',
        mimeType: 'text/html',
        scope: ['write'],
        read: async () => {
          throw new Error(secret);
        },
      },
    ],
    prompts: [
      {
        name: 'greet',
        title: 'Greet',
        description: 'Greets somebody.',
        scope: ['read'],
        arguments: [
          { name: 'whom', description: 'Whom to greet', required: true },
          { name: 'how', description: 'In which tone', required: false },
        ],
        get: async ({ whom, how = 'kindly' }) => [
          { role: 'user', text: `Greet ${whom} ${how}` },
          { role: 'assistant', text: 'Gladly' },
        ],
      },
      {
        name: 'begin',
        title: 'Begin',
        description: 'Takes nothing.',
        scope: [],
        arguments: [],
        get: async () => [{ role: 'user', text: 'Begin' }],
      },
      {
        name: 'broken_prompt',
        title: 'Broken',
        description: 'Cannot be got.',
        scope: ['write'],
        arguments: [],
        get: async () => {
          throw new Error(secret);
        },
      },
    ],
  },
};
