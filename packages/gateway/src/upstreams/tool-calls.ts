// One `tools/call`: find the tool, judge the arguments, run it, print what it says.

import { hasOddRequestState, printIssues, readToolCall } from '@sallyport/protocol';
import type { JsonObject, Tool, ToolAnswer } from '@sallyport/protocol';
import type { Exchange } from '../server.ts';
import { attempt } from './attempt.ts';
import { printStamped } from './era.ts';
import type { Era } from './era.ts';
import { invalidParams, invalidRequestState } from './reply.ts';
import type { Method } from './reply.ts';

export function toolCalls(list: readonly Tool[], era: Era): Method {
  const tools = new Map(list.map((tool) => [tool.name, tool]));
  return async (request, exchange) => {
    const asked = readToolCall(request, era.name);
    if (!asked.ok) {
      return invalidParams(request, `Invalid tools/call request: ${printIssues(asked.issues)}`);
    }
    if (hasOddRequestState(request)) return invalidRequestState(request);
    const { name, arguments: given } = asked.params;
    const tool = tools.get(name);
    if (tool === undefined) return invalidParams(request, `Tool ${name} not found`);
    return { body: printStamped(request.id, await resultOf(tool, given, exchange), era) };
  };
}

async function resultOf(tool: Tool, given: JsonObject, exchange: Exchange): Promise<JsonObject> {
  const { name } = tool;
  const read = tool.input.read(given);
  if (!read.ok) {
    const issues = read.issues.join(', ');
    return errorResult(`Input validation error: Invalid arguments for tool ${name}: ${issues}`);
  }
  const ran = await attempt({ kind: 'tool', name }, exchange, (context) => tool.run(read.value, context));
  return ran.ok ? printAnswer(ran.value) : printAnswer({ isError: true, error: ran.sentence });
}

/** Structured content goes as JSON text beside it, for clients that read only text (MCP, Tools, "Structured Content"). */
function printAnswer(answer: ToolAnswer): JsonObject {
  if (answer.structuredContent === undefined) return errorResult(JSON.stringify({ error: answer.error }));
  const { structuredContent } = answer;
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

/** The model reads it and may try again; an error of JSON-RPC would reach only the program (MCP, Tools). */
function errorResult(text: string): JsonObject {
  return { content: [{ type: 'text', text }], isError: true };
}
