// Behind a proxy that is not trusted, everybody has the proxy's address. The operator is told, with what to write.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { telling } from '../src/commands/events.ts';
import type { Io } from '../src/commands/io.ts';
import { receiver } from '../src/door/index.ts';

interface Asked {
  readonly publicUrl?: string;
  readonly trustedProxies?: readonly string[];
  readonly peer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** A door whose rooms answer with this status. */
function doorWith({ publicUrl = 'https://mcp.example.com', trustedProxies = [], status = 200 }: Asked) {
  const clock = { now: 1_800_000_000 };
  const told: Readonly<Record<string, unknown>>[] = [];
  const answer = { status };
  const receive = receiver({
    publicUrl,
    trustedProxies,
    handle: () => new Response(null, answer),
    log: (level, event, facts) => {
      if (event === 'everybody_has_one_address') told.push({ level, ...facts });
    },
    now: () => clock.now,
  });
  const ask = (headers: Asked['headers'] = {}, peer = '127.0.0.1') =>
    receive(new Request(`${publicUrl}/`, { headers: { ...headers } }), peer);
  return { ask, clock, told, answer };
}

async function toldAfter(requests: number, asked: Asked) {
  const { ask, told } = doorWith(asked);
  for (let index = 0; index < requests; index += 1) await ask(asked.headers, asked.peer);
  return told;
}

const passedOn = { 'x-forwarded-for': '203.0.113.9' };

describe('everybody has one address', () => {
  it('is said once a near peer has passed on twenty requests, with what to write', async () => {
    for (const peer of [
      '127.0.0.1',
      '::1',
      '10.1.2.3',
      '172.17.0.1',
      '192.168.1.1',
      'fd00::1',
      '::ffff:10.1.2.3',
    ]) {
      assert.deepEqual(await toldAfter(19, { headers: passedOn, peer }), [], peer);
      const [warning, ...more] = await toldAfter(200, { headers: passedOn, peer });
      assert.deepEqual(more, []);
      const address = peer.replace('::ffff:', '');
      assert.deepEqual(warning, {
        level: 'warn',
        address,
        next: `If that is your own proxy, write: trustedProxies: ['${address}']`,
      });
    }
  });

  it('is said again after an hour, not before', async () => {
    const { ask, told, clock } = doorWith({});
    for (let index = 0; index < 30; index += 1) await ask(passedOn);
    clock.now += 3599;
    await ask(passedOn);
    assert.equal(told.length, 1);
    clock.now += 1;
    await ask(passedOn);
    assert.equal(told.length, 2);
  });

  it('is said of a trusted proxy that sends a header which is not read', async () => {
    const forwarded = { forwarded: 'for=203.0.113.9' };
    const [warning] = await toldAfter(20, { headers: forwarded, trustedProxies: ['127.0.0.1'] });
    assert.equal(warning?.['next'], 'Let that proxy send X-Forwarded-For; other headers are not read.');
    const [untrusted] = await toldAfter(20, { headers: forwarded });
    assert.match(
      String(untrusted?.['next']),
      /let it send X-Forwarded-For, and write: trustedProxies: \['127\.0\.0\.1'\]/,
    );
  });

  it('is said at once when a limit is reached by an address that must be a proxy', async () => {
    assert.equal((await toldAfter(1, { headers: passedOn, status: 429 })).length, 1);
    const [silent] = await toldAfter(1, { status: 429, peer: '172.17.0.1' });
    assert.match(
      String(silent?.['next']),
      /let it send X-Forwarded-For, and write: trustedProxies: \['172\.17\.0\.1'\]/,
    );
  });

  const silent: readonly (readonly [string, Asked])[] = [
    ['of a proxy that is trusted', { headers: passedOn, trustedProxies: ['127.0.0.1'] }],
    [
      'of a trusted proxy whose limit is reached',
      { headers: passedOn, trustedProxies: ['127.0.0.1'], status: 429 },
    ],
    ['without such a header', {}],
    ['of a stranger, who must not be told to be trusted', { headers: passedOn, peer: '203.0.113.9' }],
    ['of a stranger who reaches a limit', { headers: passedOn, peer: '203.0.113.9', status: 429 }],
    ['of a limit on this computer', { publicUrl: 'http://localhost:8000', status: 429 }],
    ['of what is no address', { headers: passedOn, peer: 'unknown' }],
  ];
  for (const [whose, asked] of silent)
    it(`is not said ${whose}`, async () => assert.deepEqual(await toldAfter(100, asked), []));

  it('is told at the terminal too, in a line', () => {
    const stdout = new PassThrough();
    const io = { stdout, environment: {}, program: 'sallyport' } as unknown as Io;
    const log = telling(
      io,
      () => undefined,
      () => 0,
    );
    log('warn', 'everybody_has_one_address', { address: '10.1.2.3', next: 'Write this.' });
    log('warn', 'rate_limit_reached', { limit: 'token', address: '10.1.2.3\u001b[31m' });
    const text = String(stdout.read());
    assert.match(
      text,
      /Everybody seems to have the address 10\.1\.2\.3, so they all share its limits\. Write this\.\n/,
    );
    assert.match(
      text,
      /Too many requests came from 10\.1\.2\.3\?\[31m \(limit: token\), so some were told to wait\.\n/,
    );
  });
});
