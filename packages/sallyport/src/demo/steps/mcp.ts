// Calls of MCP in both eras: up to 2025-11-25, and 2026-07-28, where every request stands alone.

import { encodeHeaderText, headerNames, legacyVersions, metaKeys, modernVersions } from '@sallyport/protocol';
import type { JsonObject } from '@sallyport/protocol';
import { version } from '../../version.ts';
import type { Scene, Step } from '../play.ts';
import type { Answer, Ask } from '../wire.ts';
import { client_name } from './register.ts';

/** Without a token, to see what happens. */
export interface Caller {
  readonly mcpUrl: string;
  readonly access_token?: string;
}

const [legacyVersion] = legacyVersions;
const [modernVersion] = modernVersions;
const clientInfo = { name: client_name, version };

export const speakLegacy: Step<Caller, void> = {
  headline: `The client calls tools, in the words of MCP ${legacyVersion}`,
  means: 'That era begins with initialize; then the client lists the tools and calls one.',
  async play(scene, caller) {
    const params = { protocolVersion: legacyVersion, capabilities: {}, clientInfo };
    const hello = await scene.send(legacyCall(caller, 'initialize', params));
    scene.equal('the server speaks this revision', resultOf(scene, hello)['protocolVersion'], legacyVersion);
    const ready = await scene.send(legacyNotification(caller, 'notifications/initialized'));
    scene.equal('a notification is accepted: 202', ready.status, 202);
    checkToolList(scene, await scene.send(legacyCall(caller, 'tools/list')));
    const call = legacyCall(caller, 'tools/call', { name: 'get_user_profile', arguments: {} });
    checkProfile(scene, await scene.send(call));
  },
};

export const speakModern: Step<Caller, void> = {
  headline: `The same in the words of MCP ${modernVersion}, at the same URL`,
  means: 'No initialize and no session: every request says for itself which revision it speaks.',
  async play(scene, caller) {
    const { resultType } = checkToolList(scene, await scene.send(modernCall(caller, 'tools/list')));
    scene.equal('the answer is of the new era', resultType, 'complete');
    checkProfile(
      scene,
      await scene.send(modernCall(caller, 'tools/call', { name: 'get_user_profile', arguments: {} })),
    );
  },
};

/** Writes, and reads what was written. */
export const useBothScopes: Step<Caller, void> = {
  headline: 'With the new token the same call goes through',
  means: 'The item is created in the name of the person who consented, and only they see it.',
  async play(scene, caller) {
    const made = structuredOf(scene, await scene.send(createItem(caller)));
    const id = scene.present('the item has an id', made['id']);
    const list = structuredOf(
      scene,
      await scene.send(modernCall(caller, 'tools/call', { name: 'get_user_items', arguments: {} })),
    );
    const items: unknown = list['items'];
    const isListed = Array.isArray(items) && items.some((item: unknown) => (item as JsonObject)['id'] === id);
    scene.holds('get_user_items lists it', isListed, 'an item of that id', JSON.stringify(items));
  },
};

export function createItem(caller: Caller): Ask {
  return modernCall(caller, 'tools/call', {
    name: 'create_user_item',
    arguments: { name: 'Milk', content: 'two litres' },
  });
}

export function legacyCall(caller: Caller, method: string, params?: JsonObject): Ask {
  return legacyMessage(caller, { jsonrpc: '2.0', id: 1, method, ...(params && { params }) });
}

function legacyNotification(caller: Caller, method: string): Ask {
  return legacyMessage(caller, { jsonrpc: '2.0', method });
}

function legacyMessage(caller: Caller, message: JsonObject): Ask {
  // The first message still negotiates which revision the following ones name.
  const named = message['method'] === 'initialize' ? {} : { [headerNames.protocolVersion]: legacyVersion };
  return ask(caller, named, message, ['method', 'params']);
}

function modernCall(caller: Caller, method: string, params: JsonObject = {}): Ask {
  const { name } = params;
  const headers = {
    [headerNames.protocolVersion]: modernVersion,
    [headerNames.method]: method,
    ...(typeof name === 'string' && { [headerNames.name]: encodeHeaderText(name) }),
  };
  const _meta = {
    [metaKeys.protocolVersion]: modernVersion,
    [metaKeys.clientInfo]: clientInfo,
    [metaKeys.clientCapabilities]: {},
  };
  // The headers show method and revision already.
  return ask(caller, headers, { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }, [
    'params.arguments',
  ]);
}

function ask(
  { mcpUrl, access_token }: Caller,
  headers: Record<string, string>,
  json: object,
  shown: string[],
): Ask {
  return {
    url: mcpUrl,
    headers: {
      accept: 'application/json, text/event-stream',
      ...(access_token !== undefined && { authorization: `Bearer ${access_token}` }),
      ...headers,
    },
    json,
    show: {
      asked: shown,
      answered: [
        'error',
        'error_description',
        'result.protocolVersion',
        'result.serverInfo',
        'result.tools',
        'result.structuredContent',
        'result.isError',
        'result.resultType',
      ],
    },
  };
}

function checkToolList(scene: Scene, answer: Answer): JsonObject {
  const result = resultOf(scene, answer);
  const { tools } = result;
  const names = Array.isArray(tools) ? tools.map((tool: unknown) => (tool as JsonObject)['name']) : [];
  const wanted = ['get_user_profile', 'get_user_items', 'create_user_item'];
  const areThere = wanted.every((name) => names.includes(name));
  scene.holds(
    'tools/list shows them all, whatever the token may call',
    areThere,
    wanted.join(', '),
    names.join(', '),
  );
  return result;
}

function checkProfile(scene: Scene, answer: Answer): void {
  scene.present('get_user_profile says whose token it is', structuredOf(scene, answer)['email']);
}

function structuredOf(scene: Scene, answer: Answer): JsonObject {
  const result = resultOf(scene, answer);
  const { structuredContent, isError } = result;
  if (isError === true)
    throw scene.failure('the tool does its work', 'no isError', JSON.stringify(result['content']));
  const isStructured = typeof structuredContent === 'object' && structuredContent !== null;
  scene.holds('the tool answers with structured content', isStructured, 'an object', structuredContent);
  return structuredContent as JsonObject;
}

function resultOf(scene: Scene, { status, document, text }: Answer): JsonObject {
  const { result } = document;
  const isResult = status === 200 && typeof result === 'object' && result !== null;
  scene.holds(
    'answered with a result, not an error',
    isResult,
    'status 200 and a result',
    `${status} ${text}`,
  );
  return result as JsonObject;
}
