// The deprecated HTTP+SSE transport over a real socket: the sign-in that leads to it, what ends a stream, and that nothing
// of it is left.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readChallenge } from '@sallyport/protocol';
import { addUserWithPassword } from '@sallyport/sign-in';
import { openStorage } from '@sallyport/storage';
import { decodeJwt } from 'jose';
import { loadConfig } from '../src/config/index.ts';
import { startServer } from '../src/server.ts';
import { askMcp, connect, EMAIL, PASSWORD, refresh, type Tokens } from './house/client.ts';
import { openEventStream, type Asks } from './house/event-stream.ts';
import { openListeningHouse, type ListeningHouse } from './house/listening-house.ts';
import { revoke } from './interop/revocation.ts';
import { freePort } from './program/free-port.ts';

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

function post(house: Asks, path: string, access_token: string, body: unknown = ping) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${access_token}` };
  return house.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const endings = ({ events }: ListeningHouse) =>
  events.filter(({ event }) => event === 'mcp_stream_ended').map(({ facts }) => facts['why']);

async function houseWithAPerson(storageUrl?: string): Promise<ListeningHouse> {
  const house = await openListeningHouse(storageUrl === undefined ? {} : { storageUrl });
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

describe('a client of the HTTP+SSE transport', () => {
  let house: ListeningHouse;
  before(async () => {
    house = await houseWithAPerson();
  });
  after(() => house.close());

  it('finds the way in from its own URL: challenge, metadata, and a token for the server behind it', async () => {
    const challenged = await house.ask('/sse', { headers: { accept: 'text/event-stream' } });
    assert.equal(challenged.status, 401);
    const { resource_metadata, scope } = readChallenge(challenged.headers.get('www-authenticate'))!;
    assert.equal(resource_metadata, `${house.origin}/.well-known/oauth-protected-resource/sse`);
    assert.equal(scope, 'read');
    const metadata = (await (await house.ask(resource_metadata)).json()) as Record<string, unknown>;
    assert.equal(metadata['resource'], `${house.origin}/sse`);
    assert.deepEqual(metadata['authorization_servers'], [house.origin]);

    const { client, tokens } = await connect(house, { resource: `${house.origin}/sse` });
    assert.equal(decodeJwt(tokens.access_token).aud, house.mcpUrl.href);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const again = await refresh(house, client, tokens.refresh_token, { resource: `${house.origin}/sse` });
    assert.equal(again.status, 200);
    const { endpoint, reads, leave } = await openEventStream(house, tokens.access_token);
    const accepted = await post(house, endpoint, ((await again.json()) as Tokens).access_token);
    assert.equal(accepted.status, 202);
    await reads(/event: message\ndata: \{"jsonrpc":"2.0","id":1,"result":\{\}\}\n\n/);
    leave();
  });

  it('is served at the MCP URL and below it as well, and told where to post', async () => {
    const { tokens } = await connect(house);
    for (const path of ['/mcp', '/mcp/sse']) {
      const { endpoint, reads, leave } = await openEventStream(house, tokens.access_token, path);
      assert.match(endpoint, /^\/mcp\/messages\?sessionId=/);
      assert.equal((await post(house, endpoint, tokens.access_token)).status, 202);
      await reads(/"id":1,"result"/);
      leave();
    }
  });

  it('may run in a web page: streams, answers and refusals can be read there', async () => {
    const { tokens } = await connect(house);
    const { response, endpoint, leave } = await openEventStream(house, tokens.access_token);
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    assert.equal(response.headers.get('content-length'), null);
    const answers = [
      response,
      await post(house, endpoint, tokens.access_token),
      await post(house, '/messages', tokens.access_token),
      await post(house, endpoint, 'nonsense'),
    ];
    for (const answer of answers) assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    const preflight = await house.ask('/messages?sessionId=x', {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:6274',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-headers')!, /authorization/);
    leave();
  });

  it('cannot use the session of another authorization of the same person', async () => {
    const [one, other] = [await connect(house), await connect(house)];
    const { endpoint, leave } = await openEventStream(house, one.tokens.access_token);
    assert.equal((await post(house, endpoint, other.tokens.access_token)).status, 404);
    assert.equal((await post(house, endpoint, one.tokens.access_token)).status, 202);
    leave();
  });

  it('loses its stream as soon as its authorization is revoked, and cannot post to it any more', async () => {
    const { client, tokens } = await connect(house);
    const { endpoint, ends } = await openEventStream(house, tokens.access_token);
    await revoke(house, { client_id: client.client_id, token: tokens.refresh_token });
    await ends();
    assert.equal(endings(house).at(-1), 'grant_ended');
    assert.equal((await post(house, endpoint, tokens.access_token)).status, 401);
  });

  it('leaves nothing behind when it goes', async () => {
    const { tokens } = await connect(house);
    const before = endings(house).length;
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => openEventStream(house, tokens.access_token)),
    );
    for (const { leave } of streams) leave();
    while (endings(house).length < before + 5) await wait(5);
    assert.deepEqual(endings(house).slice(before), Array(5).fill('client_left'));
    assert.equal((await post(house, streams[0]!.endpoint, tokens.access_token)).status, 404);
  });

  it('loses its stream when its token expires', async () => {
    const { tokens } = await connect(house);
    const { ends } = await openEventStream(house, tokens.access_token);
    house.clock.now += house.config.tokens.access.lifetimeSeconds;
    await ends();
    assert.equal(endings(house).at(-1), 'token_expired');
  });

  it('leaves no id of a session in the log', () => {
    assert.doesNotMatch(JSON.stringify(house.events), /sessionId/);
  });
});

it('a stream ends when another process revokes its grant', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-streams-'));
  const storageUrl = `sqlite:${join(folder, 'sallyport.db')}`;
  const house = await houseWithAPerson(storageUrl);
  const other = await openStorage(storageUrl);
  const { tokens } = await connect(house);
  const { ends } = await openEventStream(house, tokens.access_token);
  await other.revokeGrant(decodeJwt(tokens.access_token)['grant_id'] as string, house.clock.now);
  await ends();
  assert.deepEqual(endings(house), ['grant_ended']);
  await other.close();
  await house.close();
  await rm(folder, { recursive: true });
});

it('a server that stops ends its streams in good order, and opens no more', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-streams-'));
  const environment = { SALLYPORT_DATA: folder, SALLYPORT_LISTEN_PORT: String(await freePort()) };
  const config = loadConfig({ environment, cwd: folder });
  const logged: unknown[] = [];
  const now = () => Math.floor(Date.now() / 1000);
  const server = await startServer(config, {
    log: (level, event, facts) => void logged.push({ level, event, ...facts }),
    now,
  });
  await addUserWithPassword(server.storage, { email: EMAIL, password: PASSWORD, role: 'member' }, now());
  const origin = config.publicUrl;
  const site = {
    origin,
    ask: (path: string, init?: RequestInit) => fetch(new URL(path, origin), { redirect: 'manual', ...init }),
  };
  const { tokens } = await connect(site);
  const streams = [
    await openEventStream(site, tokens.access_token),
    await openEventStream(site, tokens.access_token, '/mcp'),
  ];
  await Promise.all([server.close(), ...streams.map(({ ends }) => ends())]);
  const stopped = logged.filter((line) => JSON.stringify(line).includes('server_stopped'));
  assert.equal(stopped.length, 2);
  assert.ok(!JSON.stringify(logged).includes('"error"'), JSON.stringify(logged));
  await rm(folder, { recursive: true });
});
