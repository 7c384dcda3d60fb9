// The methods of 2026-07-28. Every result says its type and who answered; lists say how long they may be kept.

import { metaKeys, modernVersions, printResult, readListen, readPageRequest } from '@sallyport/protocol';
import type { RequestId } from '@sallyport/protocol';
import { capabilities } from './definition.ts';
import type { ToolsetDefinition } from './definition.ts';
import type { ToolCaller } from './tool-calls.ts';
import { listedTools } from './tool-list.ts';
import { invalidParams, malformedParams, methodsOf } from './reply.ts';
import type { Methods } from './reply.ts';

/** Not to be kept at all: what an operator changes is then seen at once, and a list costs little. */
const cacheHints = { ttlMs: 0, cacheScope: 'private' } as const;

export function modernMethods(definition: ToolsetDefinition, call: ToolCaller): Methods {
  const { toolset, serverInfo, instructions } = definition;
  const resultType = 'complete';
  const stamp = { resultType, _meta: { [metaKeys.serverInfo]: serverInfo } };
  const list = JSON.stringify({ tools: listedTools(toolset), ...cacheHints, ...stamp });
  const discovered = JSON.stringify({
    supportedVersions: modernVersions,
    capabilities,
    ...(instructions && { instructions }),
    ...cacheHints,
    ...stamp,
  });

  return methodsOf(404, {
    'server/discover': ({ id }) => ({ body: printResult(id, discovered) }),
    'tools/list'(request) {
      const asked = readPageRequest(request);
      return asked.ok ? { body: printResult(request.id, list) } : malformedParams(request, asked.issues);
    },
    'tools/call': (request, exchange) => call('modern', request, exchange, stamp),
    'subscriptions/listen'(request) {
      if (!readListen(request).ok) {
        const message = "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter";
        return invalidParams(request, message);
      }
      return { body: endedSubscription(request.id, stamp), isStream: true };
    },
  });
}

/** None of the things one can listen for ever happens here, so the stream says so and ends. */
function endedSubscription(
  id: RequestId,
  { resultType, _meta }: { readonly resultType: string; readonly _meta: object },
): string {
  const subscription = { [metaKeys.subscriptionId]: id };
  const acknowledged = JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: {}, _meta: subscription },
  });
  const ended = printResult(id, JSON.stringify({ resultType, _meta: { ...subscription, ..._meta } }));
  return `event: message\ndata: ${acknowledged}\n\nevent: message\ndata: ${ended}\n\n`;
}
