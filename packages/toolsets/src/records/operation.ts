// An operation on a person's own records, whoever offers it: a tool and a REST call are two ways to ask for the same.
// Who may see and change what is decided below here and nowhere else.

import type { InputSchema, JsonObject } from '@sallyport/protocol';
import type { RecordRefusal, Storage, TagRefusal } from '@sallyport/storage';
import type { z } from 'zod';
import { input, output } from '../schema.ts';

export type RecordsStorage = Pick<
  Storage,
  | 'findUser'
  | `${'add' | 'find' | 'change' | 'remove'}${'Item' | 'RecordsClient' | 'Tag'}`
  | `list${'Item' | 'RecordsClient' | 'Tag'}s`
>;

/** Who asks, and when. */
export interface Asker {
  readonly storage: RecordsStorage;
  readonly userId: string;
  /** Epoch seconds. */
  readonly now: number;
}

/** Why there is no answer, in words for a person, a model or a program. */
export interface Denied {
  readonly denied: 'invalid' | 'not_owner' | 'not_found';
  readonly sentence: string;
}

export interface Operation<Asked = unknown> {
  /** Its name as a tool. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: 'read' | 'create' | 'update' | 'delete';
  readonly scope: 'read' | 'write';
  readonly input: InputSchema<Asked>;
  /** JSON Schema of what it answers. */
  readonly output: JsonObject;
  /** What both were made from. */
  readonly schemas: { readonly input: z.ZodObject; readonly output: z.ZodObject };
  run(asked: Asked, asker: Asker): Promise<JsonObject | Denied>;
}

export function operation<Input extends z.ZodObject>(described: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Operation['effect'];
  readonly input: Input;
  readonly output: z.ZodObject;
  readonly run: (asked: z.output<Input>, asker: Asker) => Promise<JsonObject | Denied>;
}): Operation<z.output<Input>> {
  const schemas = { input: described.input, output: described.output };
  return {
    ...described,
    scope: described.effect === 'read' ? 'read' : 'write',
    input: input(schemas.input),
    output: output(schemas.output),
    schemas,
  };
}

/** Judges what is asked, then does it. */
export async function perform(
  operation: Operation,
  given: unknown,
  asker: Asker,
): Promise<JsonObject | Denied> {
  const read = operation.input.read(given);
  return read.ok
    ? operation.run(read.value, asker)
    : { denied: 'invalid', sentence: sentenceOf(read.issues) };
}

export function isDenied(answer: JsonObject | Denied): answer is Denied {
  return 'denied' in answer;
}

/** A sentence about a missing name says by itself what it is about. */
function sentenceOf(issues: readonly string[]): string {
  return issues.map((issue) => issue.replace(/^name: (?=[A-Z][a-z]+ name is required$)/, '')).join(', ');
}

/** @param noun what was asked about */
export function denied(reason: RecordRefusal | TagRefusal | 'user_gone', noun: string): Denied {
  switch (reason) {
    case 'user_gone':
      return { denied: 'not_found', sentence: 'User not found' };
    case 'not_found':
      return { denied: 'not_found', sentence: `${capital(noun)} not found` };
    case 'not_owner':
      return { denied: 'not_owner', sentence: `Access denied: This ${noun} does not belong to you` };
    // What was asked about is there: the request is wrong, not its address.
    case 'tag_not_found':
      return { denied: 'invalid', sentence: 'Tag not found' };
    case 'tag_not_owner':
      return denied('not_owner', 'tag');
  }
}

function capital(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}

/** RFC 3339, as JSON Schema's `date-time` wants it. */
export function timeOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString();
}
