// A toolset: a ready-made MCP server as plain data and functions, without HTTP, JSON-RPC or tokens. The gate answers
// for it; rooms of the same height hand it to each other through this shape.

import type { Caller, ScopeDefinition } from './caller.ts';
import type { JsonObject } from './mcp/shape.ts';

export interface Toolset {
  /** Lower case, stable; names it in configuration and logs. */
  readonly id: string;
  /** Shown to people. */
  readonly title: string;
  readonly scopes: readonly ScopeDefinition[];
  /** Granted when a request names none; a subset of `scopes`. */
  readonly defaultScopes: readonly string[];
  readonly tools: readonly Tool[];
  /** None when absent. */
  readonly resources?: readonly Resource[];
  /** None when absent. */
  readonly prompts?: readonly Prompt[];
}

/** One tool. `run` is called only with what `input.read` let through, and only when the caller has every scope. */
export interface Tool<Input = unknown> {
  /** Letters, digits, `_`, `-` and `.`; at most 128. */
  readonly name: string;
  readonly title: string;
  /** Written for a model: what it does, what it answers. */
  readonly description: string;
  /** All of them are needed. */
  readonly scope: readonly string[];
  readonly input: InputSchema<Input>;
  /** JSON Schema 2020-12 of `structuredContent`. */
  readonly output: JsonObject;
  readonly annotations: ToolAnnotations;
  run(input: Input, call: ToolContext): Promise<ToolAnswer>;
}

export interface InputSchema<Input> {
  /** JSON Schema 2020-12 of an object; what `tools/list` shows. */
  readonly jsonSchema: JsonObject;
  /** Judges a call's arguments; agrees with `jsonSchema`. */
  read(value: unknown): InputReading<Input>;
}

export type InputReading<Input> =
  | { readonly ok: true; readonly value: Input }
  /** Each issue is `path: what is wrong`, for the model that has to try again. */
  | { readonly ok: false; readonly issues: readonly string[] };

/** Hints for clients, not promises for security (MCP `ToolAnnotations`). */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface ToolContext {
  readonly caller: Caller;
  /** Epoch seconds. */
  readonly now: number;
}

/** What a tool says: an object that fits its `output`, or why not, in words for the person and the model. */
export type ToolAnswer =
  | { readonly structuredContent: JsonObject }
  | { readonly isError: true; readonly structuredContent?: never; readonly error: string };

/** Something to read that has an address; the same for every caller who may read it, or made for the one who asks. */
export interface Resource {
  /** Absolute, in the form in which `URL` prints it. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** All of them are needed. */
  readonly scope: readonly string[];
  readonly read: (context: ToolContext) => Promise<{ readonly text: string }>;
}

/** A way to begin a conversation that a person can choose. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** All of them are needed. */
  readonly scope: readonly string[];
  /** @param given every required argument, and those of the others that were given */
  readonly get: (
    given: Readonly<Record<string, string>>,
    context: ToolContext,
  ) => Promise<readonly PromptMessage[]>;
}

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}
