// One `tools/call`: find the tool, judge the arguments, run it, print what it says.

import { printIssues, printResult, readToolCall } from '@sallyport/protocol';
import type { JsonObject, JsonRpcRequest, Tool, ToolAnswer } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import type { Exchange } from '../server.ts';
import { invalidParams } from './reply.ts';
import type { Reply } from './reply.ts';

/** @param stamp members that every result of the era carries */
export type ToolCaller = (
  era: 'legacy' | 'modern',
  request: JsonRpcRequest,
  exchange: Exchange,
  stamp: JsonObject,
) => Promise<Reply>;

export function toolCalls(tools: ReadonlyMap<string, Tool>): ToolCaller {
  return async (era, request, exchange, stamp) => {
    const asked = readToolCall(request, era);
    if (!asked.ok) {
      return invalidParams(request, `Invalid tools/call request: ${printIssues(asked.issues)}`);
    }
    // Carried over several round trips by tools that ask back; ours do not, but text is all it can be.
    const state = request.params?.['requestState'];
    if (state !== undefined && typeof state !== 'string') {
      const data = { reason: 'invalid_request_state' };
      return invalidParams(request, 'Invalid or expired requestState', data);
    }
    const { name, arguments: given } = asked.params;
    const tool = tools.get(name);
    if (tool === undefined) return invalidParams(request, `Tool ${name} not found`);
    const read = tool.input.read(given);
    const result = read.ok
      ? printAnswer(await run(tool, read.value, exchange))
      : errorResult(`Input validation error: Invalid arguments for tool ${name}: ${read.issues.join(', ')}`);
    return { body: printResult(request.id, JSON.stringify({ ...result, ...stamp })) };
  };
}

async function run(tool: Tool, input: unknown, exchange: Exchange): Promise<ToolAnswer> {
  const { caller, arrival, log } = exchange;
  try {
    return await tool.run(input, { caller, now: arrival.now });
  } catch (error) {
    // The store being away is no fault of this call: the gate's door answers 503.
    if (error instanceof StorageUnavailable) throw error;
    log('error', 'tool_failed', { traceId: arrival.traceId, tool: tool.name, error: String(error) });
    return { isError: true, error: `The tool failed; trace id ${arrival.traceId}` };
  }
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
