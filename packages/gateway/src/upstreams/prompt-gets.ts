// One `prompts/get`.

import { hasOddRequestState, promptArgumentIssues, readPromptGet } from '@sallyport/protocol';
import type { Prompt } from '@sallyport/protocol';
import { attempt } from './attempt.ts';
import { printStamped } from './era.ts';
import type { Era } from './era.ts';
import { internalError, invalidParams, invalidRequestState, malformedParams } from './reply.ts';
import type { Method } from './reply.ts';

export function promptGets(list: readonly Prompt[], era: Era): Method {
  const prompts = new Map(list.map((prompt) => [prompt.name, prompt]));
  return async (request, exchange) => {
    if (hasOddRequestState(request)) return invalidRequestState(request);
    const asked = readPromptGet(request);
    if (!asked.ok) return malformedParams(request, asked.issues);
    const { name, arguments: given = {} } = asked.params;
    const prompt = prompts.get(name);
    if (prompt === undefined) return invalidParams(request, `Prompt ${name} not found`);
    const issues = promptArgumentIssues(prompt.arguments, given);
    if (issues.length > 0) {
      return invalidParams(request, `Invalid arguments for prompt ${name}: ${issues.join(', ')}`);
    }
    const known = prompt.arguments.filter((argument) => Object.hasOwn(given, argument.name));
    const chosen = Object.fromEntries(known.map((argument) => [argument.name, given[argument.name] ?? '']));
    const got = await attempt({ kind: 'prompt', name }, exchange, (context) => prompt.get(chosen, context));
    if (!got.ok) return internalError(request, got.sentence);
    const messages = got.value.map(({ role, text }) => ({ role, content: { type: 'text', text } }));
    return { body: printStamped(request.id, { description: prompt.description, messages }, era) };
  };
}
