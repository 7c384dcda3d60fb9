// Schemas are written once, in zod; the JSON Schema that clients see is computed from them once, when a toolset is made.

import type { InputReading, InputSchema, JsonObject } from '@sallyport/protocol';
import { z } from 'zod';

/** The dialect that MCP assumes when a schema names none (SEP-1613). */
const target = 'draft-2020-12';

/** What a tool takes: clients see the schema of what they may send, `run` gets what it became (defaults filled in). */
export function input<Shape extends z.ZodObject>(schema: Shape): InputSchema<z.output<Shape>> {
  return {
    jsonSchema: z.toJSONSchema(schema, { target, io: 'input' }),
    read: (value) => read(schema, value),
  };
}

/** What a tool answers. */
export function output(schema: z.ZodObject): JsonObject {
  return z.toJSONSchema(schema, { target, io: 'output' });
}

function read<Shape extends z.ZodObject>(schema: Shape, value: unknown): InputReading<z.output<Shape>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  );
  return { ok: false, issues };
}
