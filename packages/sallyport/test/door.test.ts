// The door on real sockets: both loopback addresses, what leaves when something breaks, and a stop that ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Writable } from 'node:stream';
import type { Arrival } from '@sallyport/protocol';
import { createLog, openDoor } from '../src/door/index.ts';
import type { Door, Handle } from '../src/door/index.ts';
import { freePort } from './program/free-port.ts';

interface Opened {
  readonly door: Door;
  readonly port: number;
  readonly origin: string;
  readonly arrivals: Arrival[];
  readonly logged: { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[];
}

async function open(t: TestContext, handle: Handle, trustedProxies: readonly string[] = []): Promise<Opened> {
  const port = await freePort();
  const arrivals: Arrival[] = [];
  const logged: Opened['logged'] = [];
  const door = await openDoor({
    publicUrl: `http://localhost:${port}`,
    listen: { host: 'localhost', port },
    trustedProxies,
    handle: (request, arrival) => {
      arrivals.push(arrival);
      return handle(request, arrival);
    },
    log: (_level, event, facts = {}) => void logged.push({ event, facts }),
    now: () => 1_800_000_000,
  });
  t.after(() => door.close());
  return { door, port, origin: `http://localhost:${port}`, arrivals, logged };
}

/** Sends bytes as they are, and reads until the server closes. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.end(bytes);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => void (answer += chunk));
  await once(socket, 'close');
  return answer;
}

const hello: Handle = () => new Response('hello');

describe('the door', () => {
  test('localhost is both 127.0.0.1 and ::1', async (t) => {
    const { door, port } = await open(t, hello);
    assert.deepEqual(
      door.addresses.map(({ address }) => address),
      ['127.0.0.1', '::1'],
    );
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'hello');
    assert.equal(await (await fetch(`http://[::1]:${port}/`)).text(), 'hello');
  });

  test('a taken port is the listen error, and the other address is let go again', async (t) => {
    const { port } = await open(t, hello);
    const again = openDoor({
      publicUrl: `http://localhost:${port}`,
      listen: { host: 'localhost', port },
      trustedProxies: [],
      handle: hello,
      log: () => undefined,
      now: () => 0,
    });
    await assert.rejects(again, { code: 'EADDRINUSE' });
  });

  test('every request has an arrival: the clock, the address, a trace id of its own', async (t) => {
    const { origin, arrivals } = await open(t, hello, ['127.0.0.1', '::1']);
    await (await fetch(origin)).text();
    await (await fetch(origin, { headers: { 'x-forwarded-for': '203.0.113.9' } })).text();
    const [first, second] = arrivals;
    assert.equal(first?.now, 1_800_000_000);
    assert.match(first.address, /^(?:127\.0\.0\.1|::1)$/);
    assert.equal(second?.address, '203.0.113.9');
    assert.match(first.traceId, /^[\w-]{16}$/);
    assert.notEqual(first.traceId, second.traceId);
  });

  test('an error that escapes is a plain answer with the trace id; its cause is in the log only', async (t) => {
    const { origin, arrivals, logged } = await open(t, () => {
      throw new Error('the cause, with /a/path.ts');
    });
    const response = await fetch(origin);
    const text = await response.text();
    assert.equal(response.status, 500);
    const traceId = arrivals[0]?.traceId;
    assert.deepEqual(JSON.parse(text), {
      error: 'server_error',
      error_description:
        'Something went wrong in the server. Try again; the operator finds the cause in the log under the trace id.',
      trace_id: traceId,
    });
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.ok(!text.includes('cause, with') && !text.includes('at '), text);
    assert.equal(logged.length, 1);
    assert.equal(logged[0]?.event, 'unexpected');
    assert.equal(logged[0]?.facts['message'], 'the cause, with /a/path.ts');
    assert.equal(logged[0]?.facts['traceId'], traceId);
  });

  test('a rejected promise is no different', async (t) => {
    const { origin } = await open(t, () => Promise.reject(new Error('later')));
    assert.equal((await fetch(origin)).status, 500);
  });

  test('a body that breaks while it is sent is cut off; its cause is in the log only', async (t) => {
    const { port, logged } = await open(t, (request) => {
      const cause = new Error('the cause, with /a/path.ts');
      const { pathname } = new URL(request.url);
      const begun = new TextEncoder().encode('begun ');
      const body = new ReadableStream({
        pull(stream) {
          if (pathname === '/later') stream.enqueue(begun);
          stream.error(cause);
        },
      });
      const response = new Response(body);
      // Somebody looked at the body, which makes the adapter send it in another way.
      if (pathname === '/looked-at') void response.body;
      return response;
    });
    const printed = t.mock.method(console, 'error', () => undefined);
    for (const [index, path] of ['/at-once', '/later', '/looked-at'].entries()) {
      const answer = await raw(port, `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
      assert.ok(!answer.includes('cause'), answer);
      assert.ok(!answer.endsWith('0\r\n\r\n'), 'it does not look complete');
      assert.equal(logged[index]?.event, 'response_broke');
      assert.equal(logged[index]?.facts['message'], 'the cause, with /a/path.ts');
    }
    assert.equal(logged.length, 3);
    assert.equal(printed.mock.callCount(), 0, 'the adapter has not learnt of it');
  });

  test('nothing in place of a response is an error like any other', async (t) => {
    const { origin, logged } = await open(t, () => undefined as never);
    assert.equal((await fetch(origin)).status, 500);
    assert.equal(logged[0]?.event, 'unexpected');
  });

  test('a stream that its reader leaves is cancelled, and no error', async (t) => {
    const cancelled = Promise.withResolvers<void>();
    const { origin, logged } = await open(
      t,
      () =>
        new Response(
          new ReadableStream({
            start: (stream) => stream.enqueue(new Uint8Array([65])),
            cancel: () => cancelled.resolve(),
          }),
        ),
    );
    const leave = new AbortController();
    await fetch(origin, { signal: leave.signal });
    leave.abort();
    await cancelled.promise;
    assert.deepEqual(logged, []);
  });

  test('another host name never reaches the rooms', async (t) => {
    const { port, arrivals } = await open(t, hello);
    const refused = await raw(port, 'POST /mcp HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    assert.match(refused, /^HTTP\/1\.1 421 /);
    assert.match(refused, /"error":"invalid_request"/);
    assert.ok(!refused.includes('evil.example'));
    const absolute = await raw(
      port,
      `GET http://evil.example/mcp HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(absolute, /^HTTP\/1\.1 421 /);
    const page = await raw(
      port,
      'GET /a?b=c HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
    );
    assert.match(page, /^HTTP\/1\.1 302 /);
    assert.match(page, new RegExp(`\r\nlocation: http://localhost:${port}/a\\?b=c\r\n`));
    assert.deepEqual(arrivals, []);
  });

  test('what is no HTTP request is 400, without the rooms', async (t) => {
    const { port, arrivals } = await open(t, hello);
    const requests = [
      'GET / HTTP/1.1\r\nHost: localhost:8000.evil.example\r\nConnection: close\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
      `GET /\\..\\x HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
      'nonsense\r\n\r\n',
    ];
    for (const request of requests) assert.match(await raw(port, request), /^HTTP\/1\.1 400 /, request);
    const huge = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`;
    assert.match(await raw(port, huge), /^HTTP\/1\.1 431 /);
    assert.deepEqual(arrivals, []);
  });

  test('HEAD has the headers of GET and no body', async (t) => {
    const { port } = await open(t, hello);
    const answer = await raw(port, `HEAD / HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.ok(answer.endsWith('\r\n\r\n'), answer);
  });
});

describe('closing the door', () => {
  test('an answer under way is finished, an idle connection and an endless stream are cut', async (t) => {
    let finish: () => void = () => undefined;
    const arrived = Promise.withResolvers<void>();
    const { door, origin, port } = await open(t, (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/stream')
        return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([65])) }));
      if (pathname === '/idle') return new Response('idle');
      return new Promise<Response>((resolve) => {
        finish = () => resolve(new Response('finished'));
        arrived.resolve();
      });
    });
    await (await fetch(`${origin}/idle`)).text();
    const stream = await fetch(`${origin}/stream`);
    const slow = fetch(`${origin}/slow`);
    await arrived.promise;

    const closed = door.close();
    await assert.rejects(once(connect({ host: '127.0.0.1', port }), 'connect'), { code: 'ECONNREFUSED' });
    finish();
    assert.equal(await (await slow).text(), 'finished');
    await closed;
    await assert.rejects(stream.text());
  });
});

describe('the log', () => {
  function logInto(lines: string[], level: 'debug' | 'warn', options?: { calls: boolean }) {
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    return createLog(level, destination, options);
  }

  test('is a JSON line per event, from its level upwards', () => {
    const lines: string[] = [];
    const log = logInto(lines, 'warn');
    log('info', 'signed_in', { userId: 'u1' });
    log('warn', 'code_replayed', { grantId: 'g1' });
    assert.equal(lines.length, 1);
    const { time, ...line } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(line, { level: 'warn', event: 'code_replayed', grantId: 'g1' });
    assert.match(time, /^\d{4}-\d\d-\d\dT/);
  });

  test('has what is a call at every level, where calls are wanted, and only then', () => {
    const [wanted, unwanted]: [string[], string[]] = [[], []];
    for (const [lines, calls] of [
      [wanted, true],
      [unwanted, false],
    ] as const) {
      const log = logInto(lines, 'warn', { calls });
      log('info', 'mcp_request', { userId: 'u1' }, 'call');
      log('info', 'mcp_request', {});
    }
    assert.deepEqual(
      wanted.map((line) => (JSON.parse(line) as { userId?: string }).userId),
      ['u1'],
    );
    assert.deepEqual(unwanted, []);
  });

  test('strikes out whatever carries a secret’s name', () => {
    const lines: string[] = [];
    const log = logInto(lines, 'debug');
    log('debug', 'slip', {
      password: 'hunter2',
      client_secret: 'hunter2',
      form: { code: 'hunter2', cookie: 'hunter2' },
    });
    log('debug', 'slip', {
      headers: { authorization: 'hunter2', 'set-cookie': 'hunter2' },
      refresh_token: 'hunter2',
    });
    assert.equal(lines.length, 2);
    assert.ok(!lines.join('').includes('hunter2'), lines.join(''));
  });
});
