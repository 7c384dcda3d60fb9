// The deprecated HTTP+SSE transport at the gate: what opens a stream, who may post to it, what ends it, and that nothing
// is left of it then. Clock, ticks and revocations are the test's own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Caller, Log } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { gateway, toolsetUpstream } from '../src/index.ts';
import type { Guard, Upstream } from '../src/index.ts';
import * as limits from '../src/limits.ts';
import { arrival, callerWith } from './oracle.ts';
import { definition } from './sample-toolset.ts';

const origin = 'http://localhost:8000';
const eventStream = { accept: 'text/event-stream' };

/** Who has which token. */
const callers: Readonly<Record<string, Caller>> = {
  ada: callerWith(['read', 'write'], 'ada'),
  refreshed: { ...callerWith(['read'], 'ada'), expiresAt: arrival.now + 600 },
  bob: { ...callerWith(['read'], 'bob'), grantId: 'grant-bob' },
  otherClient: { ...callerWith(['read'], 'ada'), client_id: 'client-2' },
  otherGrant: { ...callerWith(['read'], 'ada'), grantId: 'grant-2' },
  reader: callerWith([], 'ada'),
  lasting: { ...callerWith(['read'], 'ada'), expiresAt: arrival.now + 1_000_000 },
  foreign: withoutGrant({ ...callerWith(['read'], 'eve'), expiresAt: arrival.now + 30 }),
  foreignElsewhere: withoutGrant({ ...callerWith(['read'], 'eve'), client_id: 'client-2' }),
};

/** As of a token that somebody else issued. */
function withoutGrant({ grantId: _, ...caller }: Caller): Caller {
  return caller;
}

function guardNamed(resource: string): Guard {
  return {
    admit: async (request) =>
      callerOf(request.headers.get('authorization')) ??
      new Response(null, { status: 401, headers: { 'www-authenticate': resource } }),
    hasScopes: (needed, { scope }) => needed.every((name) => scope.includes(name)),
    insufficientScope: () => new Response(null, { status: 403, headers: { 'www-authenticate': resource } }),
  };
}

function callerOf(authorization: string | null): Caller | undefined {
  const [name, number] = (authorization ?? '').replace('Bearer ', '').split('#');
  const caller = callers[name ?? ''];
  return number === undefined || caller === undefined
    ? caller
    : { ...caller, grantId: `${caller.grantId}-${number}`, ...(name === 'bob' && { sub: `bob-${number}` }) };
}

function house(change: Partial<Upstream> = {}) {
  const lines: { event: string; facts: Readonly<Record<string, unknown>> }[] = [];
  const log: Log = (_level, event, facts = {}) => lines.push({ event, facts });
  const clock = { now: arrival.now };
  const store: { ended: Set<string>; isAway: boolean } = { ended: new Set(), isAway: false };
  const listeners = new Set<(grantId: string | undefined) => void>();
  const ticks = new Set<() => void>();
  const upstream = { ...toolsetUpstream(definition), ...change };
  const gate = gateway({
    servers: [
      {
        name: 'sample',
        path: '/mcp',
        resourceServer: guardNamed('at /mcp'),
        upstream,
        streamDoors: [
          { path: '/sse', messagePaths: ['/messages', '/message'], guard: guardNamed('at /sse') },
        ],
      },
      { name: 'other', path: '/mcp/other', resourceServer: guardNamed('at /mcp/other'), upstream },
    ],
    log,
    streams: {
      now: () => clock.now,
      async isLive(grantId) {
        if (store.isAway) throw new StorageUnavailable('away');
        return !store.ended.has(grantId);
      },
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      everySecond(work) {
        ticks.add(work);
        return () => void ticks.delete(work);
      },
    },
  });
  const ask = (path: string, init: RequestInit & { as?: string } = {}) => {
    const { as = 'ada', ...rest } = init;
    const headers = { authorization: `Bearer ${as}`, ...(init.headers as Record<string, string>) };
    const request = new Request(`${origin}${path}`, { ...rest, headers });
    return gate.handle(request, { ...arrival, now: clock.now });
  };
  return {
    gate,
    lines,
    clock,
    store,
    listeners,
    ticks,
    ask,
    /** Moves the clock, and the second comes. */
    tick: (seconds: number) => {
      clock.now += seconds;
      for (const work of ticks) work();
    },
    change: (grantId?: string) => {
      for (const listener of listeners) listener(grantId);
    },
    open: async (path = '/sse', as = 'ada') => {
      const response = await ask(path, { headers: eventStream, as });
      assert.equal(response.status, 200, await peek(response));
      const stream = readerOf(response);
      const endpoint = await stream.next();
      assert.equal(endpoint?.event, 'endpoint');
      return { response, endpoint: endpoint.data, ...stream };
    },
    post: (path: string, body: unknown, as = 'ada') =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        as,
      }),
    endings: () => lines.filter(({ event }) => event === 'mcp_stream_ended').map(({ facts }) => facts['why']),
  };
}

async function peek(response: Response): Promise<string> {
  return response.status === 200 ? '' : response.clone().text();
}

interface Event {
  readonly event: string;
  readonly data: string;
}

/** @returns a reader of events; a comment is one without data, undefined is the end */
function readerOf(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    cancel: () => reader.cancel(),
    next: async (): Promise<Event | undefined> => {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read();
        if (done) {
          assert.equal(text, '');
          return undefined;
        }
        text += value;
      }
      const end = text.indexOf('\n\n');
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
      return { event: field('event').join(), data: field('data').join('\n') };
    },
  };
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const pong = { jsonrpc: '2.0', id: 1, result: {} };

async function messageOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { message: string } }).error.message;
}

describe('a stream', () => {
  test('says first where to post, and may not be kept or held back on the way', async () => {
    const { open, gate } = house();
    const { response, endpoint } = await open();
    assert.match(endpoint, /^\/messages\?sessionId=[\w-]{43}$/);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.match(response.headers.get('cache-control')!, /no-cache/);
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    assert.equal(response.headers.get('mcp-session-id'), null);
    assert.equal(gate.streamCount(), 1);
  });

  test('is opened at each door, with the path to post to that belongs to it', async () => {
    const { open } = house();
    const at = async (path: string) => (await open(path)).endpoint.replace(/\?.*/, '');
    assert.equal(await at('/sse'), '/messages');
    assert.equal(await at('/mcp'), '/mcp/messages');
    assert.equal(await at('/mcp/sse'), '/mcp/messages');
    assert.equal(await at('/mcp/other/sse'), '/mcp/other/messages');
    assert.equal(await at('/mcp/other'), '/mcp/other/messages');
  });

  test('carries the answer to what is posted, as the earlier era says it, and the POST is only accepted', async () => {
    const { open, post } = house();
    const { endpoint, next } = await open();
    const clientInfo = { name: 'old', version: '1' };
    const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo };
    const response = await post(endpoint, { jsonrpc: '2.0', id: 'a', method: 'initialize', params });
    assert.equal(response.status, 202);
    assert.equal(await response.text(), '');
    const { event, data } = (await next())!;
    assert.equal(event, 'message');
    const answer = JSON.parse(data) as { id: string; result: Record<string, unknown> };
    assert.equal(answer.id, 'a');
    assert.equal(answer.result['protocolVersion'], '2024-11-05');
    assert.ok(!('resultType' in answer.result));
  });

  test('answers at every path to post to, and a message that is posted twice twice', async () => {
    const { open, post } = house();
    const { endpoint, next } = await open();
    for (const path of [endpoint, endpoint, endpoint.replace('messages', 'message')]) {
      assert.equal((await post(path, ping)).status, 202);
      assert.deepEqual(JSON.parse((await next())!.data), pong);
    }
  });

  test('says nothing to a notification, a response, or what was refused', async () => {
    const { open, post } = house();
    const { endpoint, next } = await open();
    const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
    assert.equal((await post(endpoint, notification)).status, 202);
    assert.equal((await post(endpoint, { jsonrpc: '2.0', id: 1, result: {} })).status, 202);
    assert.equal((await post(endpoint, [ping])).status, 400);
    assert.equal((await post(endpoint, '{')).status, 400);
    await post(endpoint, ping);
    assert.deepEqual(JSON.parse((await next())!.data), pong);
  });

  test('tells a client of the later era, method by method, that this is the earlier', async () => {
    const { open, post } = house();
    const { endpoint, next } = await open();
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    await post(endpoint, { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta } });
    const { error } = JSON.parse((await next())!.data) as { error: { code: number } };
    assert.equal(error.code, -32601);
  });

  test('says something every few seconds, but not on top of what waits', async () => {
    const { open, tick } = house();
    const { next } = await open();
    tick(limits.keepAliveSeconds - 1);
    tick(1);
    tick(limits.keepAliveSeconds);
    assert.deepEqual(await next(), { event: '', data: '' });
    tick(limits.keepAliveSeconds);
    assert.deepEqual(await next(), { event: '', data: '' });
  });
});

describe('a GET at the MCP URL', () => {
  const others: readonly [string, Record<string, string>][] = [
    [
      'of Streamable HTTP, which names its revision',
      { ...eventStream, 'mcp-protocol-version': '2025-06-18' },
    ],
    ['of the latest legacy revision', { ...eventStream, 'MCP-Protocol-Version': '2025-11-25' }],
    ['with a session of Streamable HTTP', { ...eventStream, 'mcp-session-id': 'x' }],
    ['that takes no stream', { accept: 'application/json' }],
    ['that takes anything', { accept: '*/*' }],
  ];
  for (const [what, headers] of others) {
    test(`${what}, is 405 as before and opens nothing`, async () => {
      const { ask, gate } = house();
      const response = await ask('/mcp', { headers });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'POST');
      assert.equal(gate.streamCount(), 0);
    });
  }

  test('is 405 for everybody where the old transport is not served', async () => {
    const guard = guardNamed('at /mcp');
    const upstream = toolsetUpstream(definition);
    const bare = gateway({
      servers: [{ name: 'bare', path: '/mcp', resourceServer: guard, upstream }],
      log: () => {},
    });
    assert.deepEqual(bare.paths, ['/mcp']);
    const headers = { ...eventStream, authorization: 'Bearer ada' };
    const response = await bare.handle(new Request(`${origin}/mcp`, { headers }), arrival);
    assert.equal(response.status, 405);
  });
});

describe('nobody is let in', () => {
  test('without a token: the challenge is that of the door, for the GET and for every POST', async () => {
    const { ask, open, post, gate } = house();
    for (const [path, challenge] of [
      ['/sse', 'at /sse'],
      ['/mcp', 'at /mcp'],
      ['/mcp/sse', 'at /mcp'],
      ['/mcp/other/sse', 'at /mcp/other'],
    ] as const) {
      const response = await ask(path, { headers: eventStream, as: 'nobody' });
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('www-authenticate'), challenge);
    }
    assert.equal(gate.streamCount(), 0);
    const { endpoint } = await open();
    for (const path of [endpoint, '/messages', '/message?sessionId=x']) {
      const response = await post(path, ping, 'nobody');
      assert.equal(response.status, 401, path);
      assert.equal(response.headers.get('www-authenticate'), 'at /sse');
    }
  });

  test("with somebody else's session, another client's or authorization's, or another server's", async () => {
    const { open, post, lines } = house();
    const { endpoint, next } = await open();
    const id = endpoint.replace(/.*=/, '');
    const wrong: readonly [string, string][] = [
      [endpoint, 'bob'],
      [endpoint, 'otherClient'],
      [endpoint, 'otherGrant'],
      [`/mcp/other/messages?sessionId=${id}`, 'ada'],
      [`/messages?sessionId=${id}x`, 'ada'],
      ['/messages?sessionId=__proto__', 'ada'],
    ];
    for (const [path, as] of wrong) {
      const response = await post(path, ping, as);
      assert.equal(response.status, 404, `${as} ${path}`);
      assert.equal(await messageOf(response), 'Session not found');
      assert.equal(lines.at(-1)!.facts['allowed'], false);
    }
    await post(endpoint, { ...ping, id: 2 });
    assert.equal((JSON.parse((await next())!.data) as { id: number }).id, 2);
    assert.ok(!JSON.stringify(lines).includes(id), 'the id of a session is in the log');
  });

  test('without a session, or with two', async () => {
    const { post, open } = house();
    const { endpoint } = await open();
    for (const path of [
      '/messages',
      '/messages?sessionId=',
      '/messages?session=x',
      `${endpoint}&sessionId=y`,
    ]) {
      const response = await post(path, ping);
      assert.equal(response.status, 400, path);
      assert.equal(await messageOf(response), 'Missing sessionId parameter');
    }
  });

  test('with scopes that do not suffice: the POST is challenged and nothing runs', async () => {
    const { open, post } = house();
    const { endpoint, next } = await open('/sse', 'reader');
    const call = { ...ping, id: 7, method: 'tools/call', params: { name: 'fail' } };
    const response = await post(endpoint, call, 'reader');
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('www-authenticate'), 'at /sse');
    await post(endpoint, ping, 'reader');
    assert.deepEqual(JSON.parse((await next())!.data), pong);
  });

  test('with another method', async () => {
    const { ask, open, gate } = house();
    const { endpoint } = await open();
    for (const [path, method, allow] of [
      ['/sse', 'POST', 'GET'],
      ['/sse', 'HEAD', 'GET'],
      ['/mcp/sse', 'DELETE', 'GET'],
      [endpoint, 'GET', 'POST'],
      [endpoint, 'DELETE', 'POST'],
    ] as const) {
      const response = await ask(path, { method });
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get('allow'), allow);
    }
    assert.equal(gate.streamCount(), 1);
  });

  test('with a body that is too large or no JSON by its type', async () => {
    const { open, post, ask } = house();
    const { endpoint } = await open();
    const huge = await post(endpoint, ' '.repeat(limits.maxBodyBytes + 1));
    assert.equal(huge.status, 413);
    const headers = { 'content-type': 'text/plain' };
    const plain = await ask(endpoint, { method: 'POST', headers, body: JSON.stringify(ping) });
    assert.equal(plain.status, 415);
  });
});

describe('a stream ends', () => {
  test('when its token expires, and its session is gone', async () => {
    const { open, post, tick, gate, endings, ticks } = house();
    const { endpoint, next } = await open();
    tick(59);
    assert.equal(gate.streamCount(), 1);
    tick(1);
    assert.equal(gate.streamCount(), 0);
    // The comments before the end are still there, or thrown away; nothing comes after it.
    for (let event = await next(); event !== undefined; event = await next()) assert.equal(event.data, '');
    assert.deepEqual(endings(), ['token_expired']);
    assert.equal((await post(endpoint, ping)).status, 404);
    assert.equal(ticks.size, 0, 'the clock still ticks for nobody');
  });

  test('later, when its client has shown a token that lives longer', async () => {
    const { open, post, tick, gate } = house();
    const { endpoint } = await open();
    assert.equal((await post(endpoint, ping, 'refreshed')).status, 202);
    tick(599);
    assert.equal(gate.streamCount(), 1);
    await post(endpoint, ping);
    tick(1);
    assert.equal(gate.streamCount(), 0);
  });

  test('as soon as its grant is revoked, and no other does', async () => {
    const { open, change, gate, endings } = house();
    const revoked = await open('/sse', 'ada#1');
    const kept = await open('/sse', 'ada#2');
    change('grant-1-1');
    assert.equal(await revoked.next(), undefined);
    assert.equal(gate.streamCount(), 1);
    assert.deepEqual(endings(), ['grant_ended']);
    await kept.cancel();
  });

  test('when another process may have revoked its grant and did', async () => {
    const { open, change, store, gate } = house();
    const revoked = await open('/sse', 'ada#1');
    await open('/sse', 'ada#2');
    store.ended.add('grant-1-1');
    change();
    assert.equal(await revoked.next(), undefined);
    assert.equal(gate.streamCount(), 1);
  });

  test('once the store can tell, when it could not at first', async () => {
    const { open, change, store, tick, gate } = house();
    const revoked = await open();
    store.ended.add('grant-1');
    store.isAway = true;
    change();
    await new Promise(setImmediate);
    assert.equal(gate.streamCount(), 1);
    store.isAway = false;
    tick(1);
    assert.equal(await revoked.next(), undefined);
    assert.equal(gate.streamCount(), 0);
  });

  test('at once, when its grant ended while it was opened', async () => {
    const { ask, store, gate } = house();
    store.ended.add('grant-1');
    const response = await ask('/sse', { headers: eventStream });
    assert.equal(await response.text(), '');
    assert.equal(gate.streamCount(), 0);
  });

  test('before it began, with 503, when nobody can tell whether its grant stands', async () => {
    const { ask, store, gate } = house();
    store.isAway = true;
    const response = await ask('/sse', { headers: eventStream });
    assert.equal(response.status, 503);
    assert.match(response.headers.get('retry-after')!, /^[1-9]/);
    assert.equal(gate.streamCount(), 0);
  });

  test('when nothing was posted to it for long, but not while it is used', async () => {
    const { open, post, tick, gate, endings } = house();
    const { endpoint } = await open('/sse', 'lasting');
    tick(limits.maxIdleSeconds - 1);
    await post(endpoint, ping, 'lasting');
    tick(limits.maxIdleSeconds - 1);
    assert.equal(gate.streamCount(), 1);
    tick(1);
    assert.equal(gate.streamCount(), 0);
    assert.deepEqual(endings(), ['idle']);
  });

  test('when its client goes, and everything of it is freed', async () => {
    const { open, gate, endings, ticks, post } = house();
    const streams = await Promise.all(Array.from({ length: 8 }, () => open()));
    assert.equal(gate.streamCount(), 8);
    assert.equal(ticks.size, 1);
    for (const { cancel } of streams) await cancel();
    assert.equal(gate.streamCount(), 0);
    assert.deepEqual(new Set(endings()), new Set(['client_left']));
    assert.equal((await post(streams[0]!.endpoint, ping)).status, 404);
  });

  test('when the server stops, and no other is opened', async () => {
    const { open, ask, gate, listeners, ticks } = house();
    const streams = [await open(), await open('/mcp')];
    gate.endStreams();
    for (const { next } of streams) assert.equal(await next(), undefined);
    assert.deepEqual([gate.streamCount(), listeners.size, ticks.size], [0, 0, 0]);
    assert.equal((await ask('/sse', { headers: eventStream })).status, 503);
    assert.equal(gate.streamCount(), 0);
  });
});

describe('nobody can take too much', () => {
  test('one authorization has so many streams, one person so many, the server so many', async () => {
    const { ask, gate, open } = house();
    const opened = [];
    for (let stream = 0; stream < limits.maxStreamsPerGrant; stream += 1)
      opened.push(await open('/sse', 'ada'));
    const another = () => ask('/mcp', { headers: eventStream });
    const refused = await another();
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after')!, /^[1-9]/);
    assert.match(await messageOf(refused), new RegExp(`at most ${limits.maxStreamsPerGrant} `));
    await opened[0]!.cancel();
    opened.push(await open('/mcp'));

    for (let grant = 0; gate.streamCount() < limits.maxStreamsPerPerson; grant += 1) {
      await open('/sse', `ada#${grant}`);
    }
    assert.equal((await ask('/sse', { headers: eventStream, as: 'ada#more' })).status, 429);

    for (let person = 0; gate.streamCount() < limits.maxStreams; person += 1)
      await open('/sse', `bob#${person}`);
    const full = await ask('/sse', { headers: eventStream, as: 'bob#more' });
    assert.equal(full.status, 503);
    assert.match(await messageOf(full), /use Streamable HTTP/);
    assert.equal(gate.streamCount(), limits.maxStreams);
  });

  test('of what its client does not read, and it is served again once it has read', async () => {
    const long = 'x'.repeat(limits.maxQueuedBytes / 4);
    let runs = 0;
    const { open, post } = house({
      handle: async () => {
        runs += 1;
        return new Response(`"${long}"`, { headers: { 'content-type': 'application/json' } });
      },
    });
    const { endpoint, next } = await open();
    const statuses: number[] = [];
    for (let message = 0; message < 20; message += 1) statuses.push((await post(endpoint, ping)).status);
    assert.deepEqual(new Set(statuses), new Set([202, 429]));
    assert.ok(runs <= 6, String(runs));
    assert.equal(statuses.filter((status) => status === 202).length, runs);
    for (let answer = 0; answer < runs; answer += 1)
      assert.equal((await next())!.data.length, long.length + 2);
    assert.equal((await post(endpoint, ping)).status, 202);
  });

  test('of what is worked on at one time', async () => {
    const waiting: (() => void)[] = [];
    const { open, post } = house({
      handle: () =>
        new Promise((resolve) => {
          waiting.push(() => resolve(Response.json({})));
        }),
    });
    const { endpoint } = await open();
    const posted = Array.from({ length: limits.maxPendingAnswers }, () => post(endpoint, ping));
    while (waiting.length < limits.maxPendingAnswers) await new Promise(setImmediate);
    const refused = await post(endpoint, ping);
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after')!, /^[1-9]/);
    for (const finish of waiting) finish();
    for (const response of await Promise.all(posted)) assert.equal(response.status, 202);
  });
});

describe('an answer', () => {
  test('of several lines is one event', async () => {
    const { open, post } = house({
      handle: async () => new Response('{\n"a":\r\n1}', { headers: { 'content-type': 'application/json' } }),
    });
    const { endpoint, next } = await open();
    await post(endpoint, ping);
    assert.deepEqual(await next(), { event: 'message', data: '{\n"a":\n1}' });
  });

  test('that finds its stream gone is given to nobody', async () => {
    const begun = Promise.withResolvers<() => void>();
    const { open, post } = house({
      handle: () => new Promise((resolve) => begun.resolve(() => resolve(Response.json({})))),
    });
    const { endpoint, cancel } = await open();
    const posted = post(endpoint, ping);
    const finish = await begun.promise;
    await cancel();
    finish();
    assert.equal((await posted).status, 404);
  });

  test('of a store that is away is 503 to the POST, so that the client tries again', async () => {
    const { open, post } = house({ handle: () => Promise.reject(new StorageUnavailable('away')) });
    const { endpoint } = await open();
    const response = await post(endpoint, ping);
    assert.equal(response.status, 503);
    assert.equal(((await response.json()) as { id: number }).id, 1);
  });

  test('in a form that cannot stand in an event is an error, not half an answer', async () => {
    const { open, post, lines } = house({ handle: async () => new Response('data: {}') });
    const { endpoint } = await open();
    assert.equal((await post(endpoint, ping)).status, 500);
    assert.ok(lines.some(({ event }) => event === 'gateway_failed'));
  });
});

describe('a stream of a token that somebody else issued', () => {
  test('ends with its token, and not because this store can tell nothing of it', async () => {
    const { open, post, store, change, tick, endings } = house();
    store.isAway = true;
    const { endpoint, next } = await open('/sse', 'foreign');
    change();
    change('grant-1');
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    assert.equal((await post(endpoint, ping, 'foreign')).status, 202);
    assert.match((await next())?.data ?? '', /"id":1/);
    assert.equal((await post(endpoint, ping, 'foreignElsewhere')).status, 404);
    tick(30);
    assert.deepEqual(endings(), ['token_expired']);
  });

  test('counts for the app of the person, where no grant is known to count for', async () => {
    const { ask, open } = house();
    for (let stream = 0; stream < limits.maxStreamsPerGrant; stream += 1) await open('/sse', 'foreign');
    assert.equal((await ask('/sse', { headers: eventStream, as: 'foreign' })).status, 429);
    await open('/sse', 'foreignElsewhere');
  });
});
