// What is measured: each row prepares a server once and then is one operation, over and over on each connection.

import { legacy, modern } from '../packages/gateway/test/requests.ts';
import type { RawRequest } from '../packages/gateway/test/oracle.ts';
import { sendFor } from './http.ts';
import { codeFlow, connect, refresh, register } from './oauth.ts';
import type { Tokens } from './oauth.ts';
import type { Offered } from './servers/child.ts';

/** @param connection which of the kept-alive connections asks, from 0 */
export type Operation = (connection: number) => Promise<unknown>;

export interface Row {
  readonly name: string;
  /** Per pass, at most. */
  readonly operations: number;
  /** Of one round, together one figure; one unless told. Rows that are compared with each other alternate in several. */
  readonly passes?: number;
  /** Undefined when the server has no such thing. */
  prepare(server: Offered): Promise<Operation> | undefined;
}

export const rows: readonly Row[] = [
  authorizationRow('metadata', 4000, async (server) => () => sendFor(200, server.metadata)),
  // Sallyport keeps 10,000 that nobody has used, which 23 rounds stay below.
  authorizationRow('register', 400, async (server) => () => register(server)),
  authorizationRow('code flow', 1000, async (server) => {
    const client = await connect(server);
    return () => codeFlow(server, client);
  }),
  authorizationRow('refresh', 1500, async (server) => {
    const client = await connect(server);
    const chains = new Map<number, Tokens>();
    return async (connection) => {
      const { refresh_token } = chains.get(connection) ?? (await codeFlow(server, client));
      chains.set(connection, await refresh(server, client.client_id, refresh_token));
    };
  }),
  { ...mcpRow('ping, guarded', 500, 'guarded', legacy('ping')), passes: 8 },
  { ...mcpRow('ping, unguarded', 500, 'unguarded', legacy('ping')), passes: 8 },
  mcpRow('tool call, 2026-07-28', 2000, 'guarded', toolCall(modern)),
  mcpRow('tool call, 2025-11-25', 2000, 'guarded', toolCall(legacy)),
];

function authorizationRow(
  name: string,
  operations: number,
  prepare: (server: NonNullable<Offered['authorizationServer']>) => Promise<Operation>,
): Row {
  return {
    name,
    operations,
    prepare: ({ authorizationServer }) => authorizationServer && prepare(authorizationServer),
  };
}

function mcpRow(name: string, operations: number, way: 'guarded' | 'unguarded', raw: RawRequest): Row {
  return {
    name,
    operations,
    prepare: ({ authorizationServer, mcp }) => mcp && prepare(mcp, authorizationServer),
  };

  async function prepare(
    mcp: NonNullable<Offered['mcp']>,
    authorizationServer: Offered['authorizationServer'],
  ): Promise<Operation> {
    // The same request either way: what is not looked at was sent all the same.
    const token = mcp.token ?? (await tokenOf(authorizationServer));
    const headers = { ...raw.headers, authorization: `Bearer ${token}` };
    const sent = { method: 'POST', headers, body: JSON.stringify(raw.body) } as const;
    return async () => {
      const { text } = await sendFor(200, mcp[way], sent);
      if (!text.includes('"result"') || text.includes('"isError":true')) throw new Error(`failed: ${text}`);
    };
  }
}

async function tokenOf(server: Offered['authorizationServer']): Promise<string> {
  if (server === undefined) throw new Error('nobody issues a token for this server');
  return (await codeFlow(server, await connect(server))).access_token;
}

function toolCall(era: typeof modern | typeof legacy): RawRequest {
  return era('tools/call', { name: 'get_user_profile', arguments: {} });
}
