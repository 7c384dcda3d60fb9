// A server of one's own behind the gate, for what records do not have: resources and prompts. Their names and texts are
// those that the conformance suite asks for.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { gateway, toolsetUpstream } from '@sallyport/gateway';
import type { ProtectedResource, Toolset } from '@sallyport/protocol';
import { resourceServer } from '@sallyport/resource-server';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { House } from '../house/open-house.ts';

const scope = ['read'];

const library: Toolset = {
  id: 'library',
  title: 'Library',
  scopes: [{ name: 'read', description: 'read what there is' }],
  defaultScopes: scope,
  tools: [
    {
      name: 'count_texts',
      title: 'Count texts',
      description: 'How many texts there are to read',
      scope,
      input: {
        jsonSchema: { type: 'object', properties: {} },
        read: (value) => ({ ok: true, value }),
      },
      output: { type: 'object', properties: { texts: { type: 'integer' } }, required: ['texts'] },
      annotations: { readOnlyHint: true },
      run: async () => ({ structuredContent: { texts: 1 } }),
    },
  ],
  resources: [
    {
      uri: 'test://static-text',
      name: 'static-text',
      title: 'Static text',
      description: 'A text that never changes',
      mimeType: 'text/plain',
      scope,
      read: async () => ({ text: 'This is the content of the static text resource.' }),
    },
  ],
  prompts: [
    {
      name: 'test_simple_prompt',
      title: 'Simple prompt',
      description: 'A prompt without arguments',
      arguments: [],
      scope,
      get: async () => [{ role: 'user', text: 'This is a simple prompt for testing.' }],
    },
    {
      name: 'test_prompt_with_arguments',
      title: 'Prompt with arguments',
      description: 'A prompt with two arguments',
      arguments: ['arg1', 'arg2'].map((name) => ({
        name,
        description: `The text of ${name}`,
        required: true,
      })),
      scope,
      get: async ({ arg1, arg2 }) => [
        { role: 'user', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` },
      ],
    },
  ],
};

export interface OpenLibrary {
  readonly port: number;
  close(): Promise<void>;
}

/** Lets in whoever has a token of the house for this server. @param path of the server, which the house knows */
export async function openLibrary(house: House, path: string): Promise<OpenLibrary> {
  const resource: ProtectedResource = {
    resource: `${house.origin}${path}`,
    title: library.title,
    scopes: library.scopes,
    defaultScopes: library.defaultScopes,
    isDefault: false,
  };
  const jwks = (await (await house.ask('/oauth/jwks')).json()) as JSONWebKeySet;
  const guard = resourceServer({
    issuer: house.origin,
    resource,
    keys: createLocalJWKSet(jwks),
    algorithms: ['ES256'],
    isLive: () => true,
  });
  const serverInfo = { name: library.id, title: library.title, version: '1.0.0' };
  const upstream = toolsetUpstream({ toolset: library, serverInfo });
  const gate = gateway({
    servers: [{ name: library.id, path, resourceServer: guard, upstream }],
    log: () => undefined,
  });
  const arrival = { address: '192.0.2.7', traceId: 'library' };
  const server = createAdaptorServer({
    fetch: (request) => gate.handle(request, { ...arrival, now: house.clock.now }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
