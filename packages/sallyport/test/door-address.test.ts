// Whose address a request has: proxies are believed only as far as the operator's own reach.
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressReader } from '../src/door/index.ts';

const rows: readonly (readonly [
  name: string,
  trusted: string[],
  peer: string | undefined,
  header: string | null,
  address: string,
])[] = [
  ['no proxy is trusted: the header is a stranger talking', [], '203.0.113.9', '10.0.0.1', '203.0.113.9'],
  ['a stranger is not believed', ['10.0.0.0/8'], '203.0.113.9', '192.0.2.1', '203.0.113.9'],
  ['a trusted proxy is', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['without the header it is the proxy itself', ['10.0.0.0/8'], '10.1.2.3', null, '10.1.2.3'],
  [
    'what a stranger wrote on the left is not reached',
    ['10.0.0.0/8'],
    '10.1.2.3',
    '198.51.100.1, 203.0.113.9',
    '203.0.113.9',
  ],
  [
    'several trusted hops are walked through',
    ['10.0.0.0/8', '192.0.2.7'],
    '10.1.2.3',
    '203.0.113.9, 192.0.2.7, 10.9.9.9',
    '203.0.113.9',
  ],
  ['all trusted: the outermost', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.9, 10.0.0.8', '10.0.0.9'],
  ['a name in the header ends the walk', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9, unknown', '10.1.2.3'],
  ['an empty entry ends the walk', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9,', '10.1.2.3'],
  ['ports are dropped', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
  ['brackets too', ['10.0.0.0/8'], '10.1.2.3', '[2001:DB8::1]:4711', '2001:db8::1'],
  ['IPv4 in IPv6 is IPv4', ['10.0.0.0/8'], '::ffff:10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
  ['IPv6 networks', ['2001:db8::/32'], '2001:db8::5', '203.0.113.9', '203.0.113.9'],
  [
    'no more than twenty hops',
    ['10.0.0.0/8'],
    '10.1.2.3',
    Array.from({ length: 30 }, (_, i) => `10.0.0.${i}`).join(','),
    '10.0.0.10',
  ],
  ['a socket that is gone', [], undefined, null, 'unknown'],
  ['a zone is no address of a client', ['10.0.0.0/8'], '10.1.2.3', 'fe80::1%eth0', '10.1.2.3'],
];

for (const [name, trusted, peer, header, address] of rows) {
  test(name, () =>
    assert.equal(
      addressReader(trusted)(peer, new Headers(header === null ? {} : { 'x-forwarded-for': header })),
      address,
    ),
  );
}

test('whatever a stranger sends, the address is the socket’s', () => {
  const addressOf = addressReader(['10.0.0.0/8']);
  const headers = (text: string) => ({ get: () => text });
  fc.assert(fc.property(fc.string(), (text) => addressOf('203.0.113.9', headers(text)) === '203.0.113.9'));
  fc.assert(fc.property(fc.string(), (text) => isIP(addressOf('10.1.2.3', headers(text))) !== 0));
});
