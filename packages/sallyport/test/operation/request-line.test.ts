// One line for each request, with what an operator asks about it, and an exception with its cause.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askMcp, connect } from '../house/client.ts';
import { openLoggedHouse } from './logged-house.ts';

describe('the line of a request', () => {
  it('says what was asked, what became of it, and whose it was; the route, never the path', async () => {
    const house = await openLoggedHouse('info');
    const { tokens, client } = await connect(house);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const before = house.lines().length;
    await house.ask('/api/v1/user/items/a-path-of-somebody?query=something', { headers });
    const [line, ...others] = house.lines().slice(before);
    assert.deepEqual(others, []);
    const { time, durationMilliseconds, traceId, userId, grantId, ...facts } = line!;
    assert.deepEqual(facts, {
      level: 'info',
      event: 'request',
      address: '192.0.2.7',
      method: 'GET',
      route: '/api/v1/user/items/:id',
      status: 404,
      client_id: client.client_id,
    });
    assert.equal(typeof durationMilliseconds, 'number');
    assert.equal(typeof grantId, 'string');
    assert.equal(userId, (await house.storage.listUsers())[0]!.id);
    assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
    assert.match(String(traceId), /^[\w-]{16}$/);
    assert.doesNotMatch(house.logged(), /a-path-of-somebody|something/);
    await house.close();
  });

  it('of a tool call names server and tool, and is the only one', async () => {
    const house = await openLoggedHouse('info');
    const { tokens } = await connect(house);
    const before = house.lines().length;
    const params = { name: 'get_user_profile', arguments: {} };
    await askMcp(house, tokens.access_token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const lines = house.lines().slice(before);
    assert.equal(lines.length, 1);
    const { event, server, messages, method, route, outcome } = lines[0]!;
    assert.deepEqual(
      { event, server, messages, method, route, outcome },
      {
        event: 'mcp_request',
        server: 'records',
        messages: ['tools/call get_user_profile'],
        method: 'POST',
        route: '/mcp',
        outcome: 'answered',
      },
    );
    await house.close();
  });

  it('has no route where nothing answers, and one for a preflight', async () => {
    const house = await openLoggedHouse('info');
    await house.ask('/.env');
    await house.ask('/oauth/token', { method: 'OPTIONS' });
    assert.deepEqual(
      house.lines().map(({ method, route, status }) => [method, route, status]),
      [
        ['GET', undefined, 404],
        ['OPTIONS', '/oauth/token', 204],
      ],
    );
    await house.close();
  });

  it('is not made at the level warn, and nothing is measured for it', async () => {
    const house = await openLoggedHouse('warn');
    assert.equal(house.assembled.answered, undefined);
    await house.ask('/health');
    assert.equal(house.logged(), '');
    await house.close();
  });
});

it('an exception is a line with its stack, under the trace id that the stranger is shown', async () => {
  const house = await openLoggedHouse('warn', {
    rig: (storage) => ({
      ...storage,
      findClient: () => Promise.reject(new Error('what only the operator may know')),
    }),
  });
  const response = await house.ask('/oauth/authorize?client_id=x');
  assert.equal(response.status, 500);
  const { trace_id, ...told } = (await response.json()) as Record<string, string>;
  assert.doesNotMatch(JSON.stringify(told), /operator may know/);
  const [line, ...others] = house.lines();
  assert.deepEqual(others, []);
  assert.equal(line!.level, 'error');
  assert.equal(line!['traceId'], trace_id);
  assert.equal(line!['message'], 'what only the operator may know');
  assert.match(String(line!['stack']), /\n\s+at /);
  await house.close();
});
