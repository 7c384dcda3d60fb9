// The methods of the era up to 2025-11-25, served without sessions.

import { negotiateLegacyVersion, printResult, readInitialize, readPageRequest } from '@sallyport/protocol';
import { capabilities } from './definition.ts';
import type { ToolsetDefinition } from './definition.ts';
import type { ToolCaller } from './tool-calls.ts';
import { listedTools } from './tool-list.ts';
import { malformedParams, methodsOf } from './reply.ts';
import type { Methods } from './reply.ts';

export function legacyMethods(definition: ToolsetDefinition, call: ToolCaller): Methods {
  const { toolset, serverInfo, instructions } = definition;
  const list = JSON.stringify({ tools: listedTools(toolset) });

  return methodsOf(200, {
    initialize(request) {
      const asked = readInitialize(request);
      if (!asked.ok) return malformedParams(request, asked.issues);
      const protocolVersion = negotiateLegacyVersion(asked.params.protocolVersion);
      const result = { protocolVersion, capabilities, serverInfo, ...(instructions && { instructions }) };
      return { body: printResult(request.id, JSON.stringify(result)) };
    },
    ping: ({ id }) => ({ body: printResult(id, '{}') }),
    'tools/list'(request) {
      const asked = readPageRequest(request);
      return asked.ok ? { body: printResult(request.id, list) } : malformedParams(request, asked.issues);
    },
    'tools/call': (request, exchange) => call('legacy', request, exchange, {}),
  });
}
