// Sallyport as `serve` runs it: a database file (synchronous=FULL), the default configuration, warnings to stderr.
// Beside it, on the same store, one more door whose gate believes every caller, so that the token check can be told apart.

import { createSecretKey, randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateway, toolsetUpstream } from '@sallyport/gateway';
import { browserRules } from '@sallyport/pages';
import { addUserWithPassword } from '@sallyport/sign-in';
import type { Storage } from '@sallyport/storage';
import { recordsToolset } from '@sallyport/toolsets';
import { callerWith, fixedGuard } from '../../packages/gateway/test/oracle.ts';
import { loadConfig } from '../../packages/sallyport/src/config/index.ts';
import { createLog, openDoor } from '../../packages/sallyport/src/door/index.ts';
import type { Door } from '../../packages/sallyport/src/door/index.ts';
import { heardBy } from '../../packages/sallyport/src/hearing.ts';
import { liveGrants } from '../../packages/sallyport/src/live-grants.ts';
import { loginRecorder } from '../../packages/sallyport/src/logins/recorder.ts';
import { routes } from '../../packages/sallyport/src/routes/index.ts';
import type { Rooms } from '../../packages/sallyport/src/routes/index.ts';
import { startServer } from '../../packages/sallyport/src/server.ts';
import { whoCalls } from '../../packages/sallyport/src/who-calls.ts';
import { account } from '../oauth.ts';
import { listenAnywhere, serveBench } from './child.ts';

/** Stands in for the rooms that only other paths would reach; as a list, it is empty. */
const nobody: unknown = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.iterator ? () => [].values() : nobody),
});

const now = (): number => Math.floor(Date.now() / 1000);
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const port = await freePort();
const config = loadConfig({
  environment: {
    SALLYPORT_LISTEN_HOST: '127.0.0.1',
    SALLYPORT_LISTEN_PORT: String(port),
    SALLYPORT_PUBLIC_URL: `http://127.0.0.1:${port}`,
    SALLYPORT_DATA: folder,
  },
  cwd: folder,
});
// Calls are logged unless somebody says otherwise; the lines go where they cost no disk.
const log = createLog(config.log.level, createWriteStream('/dev/null'), { calls: config.log.calls });
const server = await startServer(config, { log, now });
const user = await addUserWithPassword(server.storage, { ...account, role: 'member' }, now());
const open = await openUnguarded(server.storage, user.id);
const { publicUrl } = config;

serveBench(
  {
    authorizationServer: {
      metadata: `${publicUrl}/.well-known/oauth-authorization-server`,
      register: `${publicUrl}/oauth/register`,
      authorize: `${publicUrl}/oauth/authorize`,
      token: `${publicUrl}/oauth/token`,
      parameters: { resource: `${publicUrl}/mcp`, scope: 'read' },
    },
    mcp: { guarded: `${publicUrl}/mcp`, unguarded: open.url },
  },
  async () => {
    await open.door.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  },
);

/** Door, routes and gate as they are in the product; only who calls is fixed. */
async function openUnguarded(storage: Storage, userId: string): Promise<{ url: string; door: Door }> {
  const openPort = await freePort();
  const origin = `http://127.0.0.1:${openPort}`;
  const toolset = recordsToolset(storage);
  const upstream = toolsetUpstream({ toolset, serverInfo: { name: 'sallyport-records', version: '1.0.0' } });
  const resourceServer = fixedGuard(callerWith(['read', 'write'], userId));
  const grants = liveGrants(storage);
  const gate = gateway({
    servers: [{ name: 'records', path: '/mcp', resourceServer, upstream }],
    // What follows a call is the same behind both doors.
    log: heardBy(log, [loginRecorder({ storage, log, now }).hear]),
    whoCalls: whoCalls({ storage, grants, shown: config.log.people, log }),
    streams: {
      now,
      isLive: (grantId, at) => grants.isLive(grantId, at),
      onChange: (listener) => grants.onChange(listener),
    },
  });
  const key = createSecretKey(randomBytes(32));
  const rules = browserRules(origin, { current: { key }, known: [{ key }] });
  const { look } = config;
  const known = { publicUrl: origin, look, rules, storage, gate, servers: [], metrics: undefined };
  const rooms = new Proxy(known, { get: (of, name) => (name in of ? Reflect.get(of, name) : nobody) });
  const handle = routes(rooms as unknown as Rooms);
  const listen = { host: '127.0.0.1', port: openPort };
  const door = await openDoor({ publicUrl: origin, trustedProxies: [], listen, handle, log, now });
  return { url: `${origin}/mcp`, door };
}

async function freePort(): Promise<number> {
  const taken = createServer();
  const { port: found } = new URL(await listenAnywhere(taken));
  await new Promise((resolve) => taken.close(resolve));
  return Number(found);
}
