// The methods of a toolset in one era: only those for which it has something.

import { negotiateLegacyVersion, printResult, readInitialize } from '@sallyport/protocol';
import { metaKeys, modernVersions, readListen } from '@sallyport/protocol';
import type { JsonObject, RequestId } from '@sallyport/protocol';
import { capabilitiesOf } from './definition.ts';
import type { ToolsetDefinition } from './definition.ts';
import { legacyEra, modernEra, printStamped } from './era.ts';
import type { Era } from './era.ts';
import { listedPrompts, listedResources, listedTools, listing } from './lists.ts';
import { promptGets } from './prompt-gets.ts';
import { invalidParams, malformedParams } from './reply.ts';
import type { Method } from './reply.ts';
import { resourceReads } from './resource-reads.ts';
import { toolCalls } from './tool-calls.ts';

type Methods = Readonly<Record<string, Method>>;

/** What is answered in one era: every other method is not found. */
export interface ServedMethods {
  readonly notFoundStatus: number;
  readonly byName: ReadonlyMap<string, Method>;
}

/** Up to 2025-11-25, served without sessions. */
export function legacyMethods(definition: ToolsetDefinition): ServedMethods {
  return served(legacyEra, definition, {
    initialize: initialize(definition),
    ping: ({ id }) => ({ body: printResult(id, '{}') }),
  });
}

/** 2026-07-28. */
export function modernMethods(definition: ToolsetDefinition): ServedMethods {
  const era = modernEra(definition.serverInfo);
  return served(era, definition, {
    'server/discover': discover(definition, era),
    'subscriptions/listen': listen(era),
  });
}

function served(era: Era, definition: ToolsetDefinition, own: Methods): ServedMethods {
  const methods = { ...own, ...commonMethods(definition, era) };
  return { notFoundStatus: era.notFoundStatus, byName: new Map(Object.entries(methods)) };
}

function commonMethods({ toolset, scopesToAskFor }: ToolsetDefinition, era: Era): Methods {
  const { tools, resources = [], prompts = [] } = toolset;
  return {
    ...(tools.length > 0 && {
      'tools/list': listing(listedTools(tools, scopesToAskFor), era),
      'tools/call': toolCalls(tools, era),
    }),
    ...(resources.length > 0 && {
      'resources/list': listing(listedResources(resources), era),
      'resources/templates/list': listing({ resourceTemplates: [] }, era),
      'resources/read': resourceReads(resources, era),
    }),
    ...(prompts.length > 0 && {
      'prompts/list': listing(listedPrompts(prompts), era),
      'prompts/get': promptGets(prompts, era),
    }),
  };
}

function initialize({ toolset, serverInfo, instructions }: ToolsetDefinition): Method {
  const capabilities = capabilitiesOf(toolset);
  return (request) => {
    const asked = readInitialize(request);
    if (!asked.ok) return malformedParams(request, asked.issues);
    const protocolVersion = negotiateLegacyVersion(asked.params.protocolVersion);
    const result = { protocolVersion, capabilities, serverInfo, ...(instructions && { instructions }) };
    return { body: printResult(request.id, JSON.stringify(result)) };
  };
}

function discover({ toolset, instructions }: ToolsetDefinition, { cacheHints, stamp }: Era): Method {
  const capabilities = capabilitiesOf(toolset);
  const told = { supportedVersions: modernVersions, capabilities, ...(instructions && { instructions }) };
  const printed = JSON.stringify({ ...told, ...cacheHints, ...stamp });
  return ({ id }) => ({ body: printResult(id, printed) });
}

function listen(era: Era): Method {
  return (request) => {
    if (readListen(request).ok) return { body: endedSubscription(request.id, era), isStream: true };
    const message = "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter";
    return invalidParams(request, message);
  };
}

/** None of the things one can listen for ever happens here, so the stream says so and ends. */
function endedSubscription(id: RequestId, { stamp, ...era }: Era): string {
  const subscription = { [metaKeys.subscriptionId]: id };
  const acknowledged = JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: {}, _meta: subscription },
  });
  const _meta = { ...(stamp['_meta'] as JsonObject), ...subscription };
  const ended = printStamped(id, {}, { ...era, stamp: { ...stamp, _meta } });
  return `event: message\ndata: ${acknowledged}\n\nevent: message\ndata: ${ended}\n\n`;
}
