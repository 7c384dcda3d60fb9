// Clients that others wrote, over the deprecated HTTP+SSE transport: both SDKs and mcp-remote, through the whole sign-in.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as second from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { openDesktop, type Desktop } from './desktop.ts';
import { MemoryProvider } from './memory-provider.ts';
import type { OpenedUrls } from './opened-urls.ts';
import { EMAIL, personAt, type Person } from './person.ts';
import { revoke } from './revocation.ts';
import { call, listsTheTools, readsTheProfile, type ToolsClient } from './tools.ts';

const implementation = { name: 'interop', version: '1.0.0' };

/** What the two SDKs have in common. */
interface Connection {
  readonly client: ToolsClient & { close(): Promise<void> };
  connect(): Promise<void>;
  finish(answer: URL): Promise<void>;
  refusal: new (...args: never[]) => Error;
}

interface Opening {
  readonly url: URL;
  readonly authProvider: MemoryProvider;
  readonly fetch: typeof fetch;
}

const sdks: Readonly<Record<string, (opening: Opening) => Connection>> = {
  '@modelcontextprotocol/sdk 1.x': ({ url, ...options }) => {
    const client = new Client(implementation);
    const transport = new SSEClientTransport(url, options);
    return {
      client,
      connect: () => client.connect(transport),
      finish: (answer) => transport.finishAuth(answer.searchParams.get('code')!),
      refusal: UnauthorizedError,
    };
  },
  '@modelcontextprotocol/client 2.x': ({ url, ...options }) => {
    const client = new second.Client(implementation, { versionNegotiation: { mode: 'auto' } });
    const transport = new second.SSEClientTransport(url, options);
    return {
      client,
      connect: () => client.connect(transport),
      finish: (answer) => transport.finishAuth(answer.searchParams),
      refusal: second.UnauthorizedError,
    };
  },
};

/** Once the stream has ended, a call is 404 until the client has opened another. */
async function readsItAgain(house: ListeningHouse, client: ToolsClient): Promise<void> {
  while (!house.events.some(({ event }) => event === 'mcp_stream_ended')) await wait(20);
  while (
    !(await readsTheProfile(client, EMAIL).then(
      () => true,
      () => false,
    ))
  )
    await wait(50);
}

const program = join(
  dirname(fileURLToPath(import.meta.resolve('mcp-remote/package.json'))),
  'dist',
  'proxy.js',
);

// Each has a house of its own, and most of its time waits for its client to open another stream.
describe('over HTTP+SSE', { concurrency: true }, () => {
  for (const [sdk, open] of Object.entries(sdks)) {
    for (const path of ['/sse', '/mcp/sse', '/mcp']) {
      describe(`SSEClientTransport of ${sdk} at ${path}`, { concurrency: 1 }, () => {
        let house: ListeningHouse;
        let person: Person;
        let connection: Connection;
        const provider = new MemoryProvider();
        /** Streams that were opened. */
        let streams = 0;
        before(async () => {
          house = await openListeningHouse();
          person = await personAt(house);
        });
        after(async () => {
          await connection?.client.close();
          await house.close();
        });

        const begin = () =>
          open({
            url: new URL(path, house.origin),
            authProvider: provider,
            fetch: async (input, init) => {
              const response = await fetch(input, init);
              if (response.headers.get('content-type') === 'text/event-stream') streams += 1;
              return response;
            },
          });

        it('is sent to sign in by the 401, and is let in once the person has allowed', async () => {
          const first = begin();
          await assert.rejects(first.connect(), first.refusal);
          const asked = provider.lastSentTo().searchParams.get('resource');
          assert.equal(asked, path === '/sse' ? `${house.origin}/sse` : house.mcpUrl.href);
          const answer = await person.allow(provider.lastSentTo(), /read your profile/);
          provider.judgeState(answer);
          await first.finish(answer);
          await first.client.close();

          connection = begin();
          await connection.connect();
          assert.equal(streams, 1);
          await listsTheTools(connection.client);
          await readsTheProfile(connection.client, EMAIL);
          assert.equal(provider.sentTo.length, 1);
        });

        it('asks many things at once', async () => {
          await Promise.all(Array.from({ length: 20 }, () => readsTheProfile(connection.client, EMAIL)));
        });

        // At the MCP URL it would then say which revision it speaks, as a client of Streamable HTTP does; see
        // docs/decisions/http-sse-transport.md.
        if (path !== '/mcp') {
          it('opens another stream when its token has expired, with a new token', async () => {
            const old = provider.tokensNow;
            house.clock.now += house.config.tokens.access.lifetimeSeconds;
            await readsItAgain(house, connection.client);
            assert.equal(streams, 2);
            assert.notEqual(provider.tokensNow.access_token, old.access_token);
            assert.equal(provider.sentTo.length, 1);
          });
        }

        it('is refused a tool whose scope is missing', async () => {
          await assert.rejects(
            call(connection.client, 'create_user_item', { name: 'Milk' }),
            /403|insufficient/i,
          );
        });

        it('is refused after the revocation, and asks for authorization again', async () => {
          const { refresh_token } = provider.tokensNow;
          await revoke(house, { client_id: provider.client!.client_id, token: refresh_token! });
          await assert.rejects(call(connection.client, 'get_user_profile'), connection.refusal);
          assert.ok(provider.sentTo.length >= 2);
        });
      });
    }
  }

  for (const [path, strategy] of [
    ['/sse', 'sse-only'],
    ['/mcp', 'sse-only'],
    ['/sse', 'http-first'],
  ] as const) {
    describe(`mcp-remote with --transport ${strategy} at ${path}`, { concurrency: 1 }, () => {
      const client = new second.Client(implementation);
      let desktop: Desktop;
      let house: ListeningHouse;
      let person: Person;
      let folder: string;
      let opened: OpenedUrls;
      before(async () => {
        desktop = await openDesktop();
        ({ house, person, folder, opened } = desktop);
      });
      after(async () => {
        await client.close();
        await desktop.close();
      });

      it('is connected once the person has allowed, and its tools work', async () => {
        const transport = new StdioClientTransport({
          command: process.execPath,
          args: [program, `${house.origin}${path}`, '--transport', strategy],
          env: { HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, ...opened.environment },
          cwd: folder,
          stderr: 'ignore',
        });
        const connected = client.connect(transport);
        await person.allowAndReturn(await opened.next(), /read your profile/);
        await connected;
        await listsTheTools(client);
        await readsTheProfile(client, EMAIL);
        const messages = house.events.filter(
          ({ event, facts }) => event === 'mcp_request' && facts['outcome'] === 'answered',
        );
        assert.ok(
          messages.some(({ facts }) => facts['status'] === 202),
          'nothing came over the old transport',
        );
      });

      if (path === '/mcp') return;
      it('opens another stream when its own has ended', async () => {
        house.clock.now += house.config.tokens.access.lifetimeSeconds;
        await readsItAgain(house, client);
        assert.equal(opened.count, 1);
      });
    });
  }
});
