// What is fetched from a stranger's URL, and above all what is not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { guardedFetch, type GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import { certificateFor } from './certificate.ts';
import { json, openWorld, PUBLIC_ADDRESS, type Answer, type World } from './world.ts';

const wanted = { maxBytes: 4096, accept: 'application/json' };
const url = 'https://app.example.com/client.json';
let world: World;
let outside: GuardedFetch;
before(async () => {
  world = await openWorld(['app.example.com']);
});
beforeEach(() => {
  world.pages.clear();
  world.opened.length = world.requests.length = world.resolved.length = 0;
  world.names.set('app.example.com', [PUBLIC_ADDRESS]);
  outside = guardedFetch({ network: world.network, milliseconds: 2_000 });
});
after(() => world.close());

const serve = (answer: Answer) => void world.pages.set('app.example.com/client.json', answer);

async function refusedWith(reason: string, from: string = url, fetching = outside): Promise<void> {
  await assert.rejects(fetching.fetchDocument(from, wanted), (error) => {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.reason, reason);
    return true;
  });
}

describe('a document', () => {
  it('comes back with its bytes and its type, from one look-up, one address and one request', async () => {
    let asked: unknown;
    serve((request, response) => {
      asked = request.headers;
      response.writeHead(200, { 'content-type': 'Application/JSON; charset=utf-8' }).end('{"a":1}');
    });
    const { bytes, ...rest } = await outside.fetchDocument(url, wanted);
    assert.equal(Buffer.from(bytes).toString(), '{"a":1}');
    assert.deepEqual(rest, { contentType: 'application/json', freshForSeconds: undefined });
    assert.deepEqual(world.resolved, ['app.example.com']);
    assert.deepEqual(world.opened, [{ host: 'app.example.com', addresses: [PUBLIC_ADDRESS], port: 443 }]);
    assert.deepEqual(asked, {
      host: 'app.example.com',
      connection: 'keep-alive',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'sallyport',
    });
  });
  it('may be exactly as large as was agreed to', async () => {
    serve((_request, response) => void response.writeHead(200).end('x'.repeat(4096)));
    assert.equal((await outside.fetchDocument(url, wanted)).bytes.length, 4096);
  });
  it('says how long it is good for', async () => {
    const date = 'Sat, 21 Nov 2026 12:00:00 GMT';
    const cases: readonly [Record<string, string>, number | undefined][] = [
      [{}, undefined],
      [{ 'cache-control': 'public, max-age=300' }, 300],
      [{ 'cache-control': 'MAX-AGE="300"', age: '100' }, 200],
      [{ 'cache-control': 'max-age=300', age: '400' }, 0],
      [{ 'cache-control': 'max-age=99999999999999999999' }, 2 ** 31],
      [{ 'cache-control': 'max-age=-1' }, 0],
      [{ 'cache-control': 'no-store, max-age=300' }, 0],
      [{ 'cache-control': 'no-cache' }, 0],
      [{ 'cache-control': 'max-age=60', expires: 'Sat, 21 Nov 2026 13:00:00 GMT', date }, 60],
      [{ expires: 'Sat, 21 Nov 2026 12:10:00 GMT', date }, 600],
      [{ expires: 'Sat, 21 Nov 2026 11:00:00 GMT', date }, 0],
      [{ expires: '0', date }, 0],
    ];
    for (const [headers, expected] of cases) {
      serve(json({}, headers));
      const { freshForSeconds } = await outside.fetchDocument(url, wanted);
      assert.equal(freshForSeconds, expected, JSON.stringify(headers));
    }
  });
});

describe('nothing is even looked up for', () => {
  const cases: readonly [string, string][] = [
    ['http://app.example.com/client.json', 'url_refused'],
    ['ftp://app.example.com/client.json', 'url_refused'],
    ['file:///etc/passwd', 'url_refused'],
    ['https://user@app.example.com/', 'url_refused'],
    ['https://user:secret@app.example.com/', 'url_refused'],
    ['https://app.example.com/#part', 'url_refused'],
    ['https://app.example.com/#', 'url_refused'],
    ['no URL', 'url_refused'],
    ['', 'url_refused'],
    ['https://app.example.com:8443/client.json', 'port_refused'],
    ['https://app.example.com:22/client.json', 'port_refused'],
    ['https://localhost/client.json', 'address_refused'],
    ['https://LOCALHOST./client.json', 'address_refused'],
    ['https://any.localhost/client.json', 'address_refused'],
    ['https://169.254.169.254/latest/meta-data/', 'address_refused'],
    ['https://0x7f.1/', 'address_refused'],
    ['https://2130706433/', 'address_refused'],
    ['https://[::1]/', 'address_refused'],
    ['https://[::ffff:10.0.0.1]/', 'address_refused'],
  ];
  for (const [from, reason] of cases)
    it(`${from} (${reason})`, async () => {
      await refusedWith(reason, from);
      assert.deepEqual([world.resolved, world.opened], [[], []]);
    });
});

describe('no socket is opened', () => {
  it('for a name that leads into a private network', async () => {
    for (const address of [
      '10.0.0.1',
      '169.254.169.254',
      '::1',
      'fe80::1%eth0',
      '64:ff9b::7f00:1',
      'nonsense',
    ]) {
      world.names.set('app.example.com', [address]);
      await refusedWith('address_refused');
    }
    assert.deepEqual(world.opened, []);
  });
  it('for a name of which one address of several is private', async () => {
    world.names.set('app.example.com', [PUBLIC_ADDRESS, '192.168.1.1']);
    await refusedWith('address_refused');
    assert.deepEqual(world.opened, []);
  });
  it('for a name that does not exist', async () => {
    await refusedWith('name_unresolved', 'https://nobody.example.com/');
    assert.deepEqual(world.opened, []);
  });
  it('for a name whose server does not answer in time', async () => {
    const network = { ...world.network, resolve: () => new Promise<never>(() => {}) };
    await refusedWith('fetch_timed_out', url, guardedFetch({ network, milliseconds: 50 }));
    assert.deepEqual(world.opened, []);
  });
  it('to another address than the one that was judged, when the name has moved meanwhile', async () => {
    serve(json({}));
    const rebinding = [[PUBLIC_ADDRESS], ['127.0.0.1']];
    const network = { ...world.network, resolve: async () => rebinding.shift() ?? ['127.0.0.1'] };
    await guardedFetch({ network }).fetchDocument(url, wanted);
    assert.deepEqual(
      world.opened.map(({ addresses }) => addresses),
      [[PUBLIC_ADDRESS]],
    );
    assert.equal(rebinding.length, 1);
  });
});

describe('a server that means no good', () => {
  it('is not followed to where it points', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      serve(
        (_request, response) => void response.writeHead(status, { location: 'https://127.0.0.1/' }).end(),
      );
      await refusedWith('fetch_redirected');
    }
    assert.equal(world.requests.length, 5);
    assert.equal(world.resolved.length, 5);
  });
  it('cannot say more than was agreed to, announced', async () => {
    serve((_request, response) => void response.writeHead(200, { 'content-length': '6000000' }).write('x'));
    await refusedWith('document_too_large');
  });
  it('cannot say more than was agreed to, without end', async () => {
    let sent = 0;
    serve((_request, response) => {
      const part = 'x'.repeat(1024);
      const more = () => {
        while (!response.destroyed && response.write(part)) sent += part.length;
      };
      response.on('drain', more);
      more();
    });
    await refusedWith('document_too_large');
    assert.ok(sent < 50_000_000, `${sent} characters`);
  });
  it('cannot send headers without end', async () => {
    serve((_request, response) => {
      response.setHeader('x-long', 'x'.repeat(100_000));
      response.end('{}');
    });
    await refusedWith('document_too_large');
  });
  it('cannot keep us waiting: for its headers, or drop by drop', async () => {
    const hurried = guardedFetch({ network: world.network, milliseconds: 300 });
    serve(() => {});
    await refusedWith('fetch_timed_out', url, hurried);
    serve((_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    });
    await refusedWith('fetch_timed_out', url, hurried);
  });
  it('cannot make it larger by compression', async () => {
    serve((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    await refusedWith('document_encoded');
  });
  it('cannot pass an error, or nothing, for the document', async () => {
    for (const [status, reason] of [
      [204, 'fetch_status'],
      [206, 'fetch_status'],
      [403, 'fetch_status'],
      [404, 'document_gone'],
      [410, 'document_gone'],
      [500, 'fetch_status'],
    ] as const) {
      serve((_request, response) => void response.writeHead(status).end());
      await refusedWith(reason);
    }
  });
  it('is hung up on', async () => {
    serve((request) => void request.socket.destroy());
    await refusedWith('host_unreachable');
    serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x');
      setTimeout(() => response.destroy(), 20);
    });
    await refusedWith('host_unreachable');
  });
  it('has to prove its name', async () => {
    world.names.set('other.example.com', [PUBLIC_ADDRESS]);
    await refusedWith('certificate_refused', 'https://other.example.com/client.json');
    assert.deepEqual(world.requests, []);
  });
  it('does not keep others from theirs: only so many are waited for at once', async () => {
    const waiting: (() => void)[] = [];
    serve((_request, response) => void waiting.push(() => response.end('{}')));
    const asked = Array.from({ length: 40 }, () => outside.fetchDocument(url, wanted));
    const settled = Promise.allSettled(asked);
    while (waiting.length < 32) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const answer of waiting) answer();
    const outcomes = (await settled).map((one) =>
      one.status === 'rejected' ? String(one.reason) : 'fetched',
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'fetched').length, 32);
    assert.equal(outcomes.filter((outcome) => outcome.includes('Too many documents')).length, 8);
    serve(json({}));
    await outside.fetchDocument(url, wanted);
  });
});

describe('on this machine, for development only', () => {
  const trusted = getCACertificates();
  before(() => setDefaultCACertificates([...trusted, world.cert]));
  after(() => setDefaultCACertificates(trusted));
  const development = guardedFetch({ allowLoopbackForDevelopment: true });

  it('a document is fetched over a real socket, by name and by address, on any port', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      world.pages.set(`${host}:${world.port}/client.json`, json({ host }));
      const { bytes } = await development.fetchDocument(`https://${host}:${world.port}/client.json`, wanted);
      assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), { host });
    }
  });
  it('nothing listens where nothing listens', async () => {
    await refusedWith('host_unreachable', 'https://localhost:1/client.json', development);
  });
  it('a certificate is still asked for', async () => {
    setDefaultCACertificates([...trusted, certificateFor(['localhost']).cert]);
    await refusedWith('certificate_refused', `https://localhost:${world.port}/client.json`, development);
    setDefaultCACertificates([...trusted, world.cert]);
  });
  it('nothing else is let through: neither other private networks, nor ports of others', async () => {
    const network = { ...world.network, openSocket: () => assert.fail('a socket was opened') };
    const fetching = guardedFetch({ allowLoopbackForDevelopment: true, network });
    for (const host of ['10.0.0.1', '169.254.169.254', '0.0.0.0', '[fe80::1]', '[::ffff:127.0.0.1]'])
      await refusedWith('address_refused', `https://${host}/`, fetching);
    await refusedWith('port_refused', 'https://app.example.com:8443/', fetching);
    world.names.set('app.example.com', ['127.0.0.1', '10.0.0.1']);
    await refusedWith('address_refused', url, fetching);
  });
});

describe('what the operator named', () => {
  const trusting = () => guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, network: world.network });

  it('may be at any address and port, and is connected to there and nowhere else', async () => {
    world.names.set('app.example.com', ['10.0.0.1', '127.0.0.1']);
    world.pages.set('app.example.com:8443/keys', json({ keys: [] }));
    world.opened.length = 0;
    await trusting().fetchDocument('https://app.example.com:8443/keys', wanted);
    assert.deepEqual(world.opened, [
      { host: 'app.example.com', addresses: ['10.0.0.1', '127.0.0.1'], port: 8443 },
    ]);
  });
  it('is held to everything else: https, no redirect, no more than is wanted', async () => {
    for (const text of [
      'http://app.example.com/keys',
      'https://u:p@app.example.com/keys',
      'file:///etc/passwd',
    ])
      await refusedWith('url_refused', text, trusting());
    world.pages.set('app.example.com/keys', (_request, response) =>
      response.writeHead(302, { location: 'https://other.example.com/' }).end(),
    );
    await refusedWith('fetch_redirected', 'https://app.example.com/keys', trusting());
    world.pages.set('app.example.com/keys', json({ padding: 'x'.repeat(wanted.maxBytes) }));
    await refusedWith('document_too_large', 'https://app.example.com/keys', trusting());
  });
  it('is spoken to without TLS on this machine only', async (t) => {
    const server = createServer((request, response) => response.end(request.headers.host));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const named = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true });
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      const { bytes } = await named.fetchDocument(`http://${host}/`, wanted);
      assert.equal(Buffer.from(bytes).toString(), host);
    }
    for (const host of ['10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com'])
      await refusedWith('url_refused', `http://${host}:${port}/`, named);
    const development = guardedFetch({ allowLoopbackForDevelopment: true });
    await refusedWith('url_refused', `http://localhost:${port}/`, development);
  });
});

describe('an exchange', () => {
  const asked = {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'a=1',
    maxBytes: 4096,
  } as const;

  it('sends what was written and nothing else, and gives back an answer of any status', async () => {
    for (const status of [200, 201, 400, 401, 404, 429, 500]) {
      let sent: unknown;
      serve((request, response) => {
        void request.toArray().then((parts: Buffer[]) => {
          sent = { method: request.method, body: Buffer.concat(parts).toString(), headers: request.headers };
          const headers = { 'content-type': 'text/html; charset=utf-8', 'retry-after': '7' };
          response.writeHead(status, headers).end('no');
        });
      });
      const { bytes, header, ...answer } = await outside.exchange(url, asked);
      assert.deepEqual(answer, { status, contentType: 'text/html', freshForSeconds: undefined });
      assert.equal(Buffer.from(bytes).toString(), 'no');
      assert.equal(header('retry-after'), '7');
      assert.equal(header('location'), undefined);
      assert.deepEqual(sent, {
        method: 'POST',
        body: 'a=1',
        headers: {
          host: 'app.example.com',
          connection: 'keep-alive',
          'content-type': 'text/plain',
          'content-length': '3',
          'accept-encoding': 'identity',
          'user-agent': 'sallyport',
        },
      });
    }
  });
  it('may be given more time than others have', async () => {
    const hurried = guardedFetch({ network: world.network, milliseconds: 200 });
    serve((_request, response) => void setTimeout(() => response.end('late'), 500));
    await assert.rejects(hurried.exchange(url, asked), { message: /took too long/ });
    const { bytes } = await hurried.exchange(url, { ...asked, milliseconds: 5_000 });
    assert.equal(Buffer.from(bytes).toString(), 'late');
  });
  it('is sent once, also when the answer is cut off', async () => {
    serve((request) => void request.socket.destroy());
    await assert.rejects(outside.exchange(url, asked), { message: /could not be reached/ });
    assert.equal(world.requests.length, 1);
  });
  it('goes where it was sent and nowhere else', async () => {
    serve(
      (_request, response) => void response.writeHead(307, { location: 'https://other.example.com/' }).end(),
    );
    await assert.rejects(outside.exchange(url, asked), { message: /redirect/ });
    await assert.rejects(outside.exchange('https://127.0.0.1/', asked), { message: /private or reserved/ });
    assert.equal(world.requests.length, 1);
  });
  it('reads no more than was agreed to', async () => {
    serve((_request, response) => void response.writeHead(400).end('x'.repeat(4097)));
    await assert.rejects(outside.exchange(url, asked), { message: /larger/ });
  });
});
