// Property: for random addresses in every textual form, the guard agrees with the table of special-use blocks, and opens
// no socket for any that is in it. The table is written down again here, as prefixes of bits, and read another way.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast; 168.63.129.16 is a cloud's own.
const special4 = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 ' +
  '203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 168.63.129.16/32'
).split(' ');
// https://www.iana.org/assignments/iana-ipv6-special-registry, in hexadecimal digits; all but 2000::/3 is not in use.
const special6 = '20010db8 2002 2620004f8000 3ffe 3fff0'.split(' ');

function isSpecial4(bytes: readonly number[]): boolean {
  const value = bytes.reduce((all, byte) => all * 256 + byte, 0);
  return special4.some((block) => {
    const [network = '', bits = ''] = block.split('/');
    const first = network.split('.').reduce((all, byte) => all * 256 + Number(byte), 0);
    return value >= first && value < first + 2 ** (32 - Number(bits));
  });
}

function isSpecial6(groups: readonly number[]): boolean {
  const hex = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
  if (hex.startsWith('0064ff9b0000000000000000'))
    return isSpecial4(groups.slice(6).flatMap((group) => [group >> 8, group & 255]));
  if (!/^[23]/.test(hex)) return true;
  // 2001::/23 is 2001:0000 to 2001:01ff.
  if (/^2001(?:00|01)/.test(hex)) return true;
  return special6.some((prefix) => hex.startsWith(prefix));
}

const byte = fc.nat(255);
const group = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 1, 0xffff));
/** Half of them near an edge of a block. */
const ipv4 = fc.oneof(
  fc.tuple(byte, byte, byte, byte),
  fc
    .tuple(fc.constantFrom(...special4), fc.constantFrom(-1, 0, 1), fc.boolean())
    .map(([block, step, isEnd]) => {
      const [network = '', bits = ''] = block.split('/');
      const first = network.split('.').reduce((all, one) => all * 256 + Number(one), 0);
      const value = (first + (isEnd ? 2 ** (32 - Number(bits)) : 0) + step + 2 ** 32) % 2 ** 32;
      return [value / 2 ** 24, value / 2 ** 16, value / 2 ** 8, value].map((part) => Math.floor(part) % 256);
    }),
);
/** Beginnings at and beside the edges of blocks. */
const edges6 = (
  '2000 2001 2001:0 2001:1 2001:1ff 2001:200 2001:db7 2001:db8 2001:db9 2002 2003 2620:4f:7fff 2620:4f:8000 ' +
  '2620:4f:8001 3ffd 3ffe 3fff:0 3fff:fff 3fff:1000 4000 1fff fc00 fd00:ec2 fe80 fec0 ff02 64:ff9b 64:ff9b:1 100'
).split(' ');
const tail = fc.array(group, { minLength: 8, maxLength: 8 });
const ipv6 = fc.oneof(
  tail,
  fc.tuple(fc.constantFrom(...edges6), tail).map(([prefix, rest]) => {
    const given = prefix.split(':').map((one) => Number.parseInt(one, 16));
    return [...given, ...rest.slice(given.length)];
  }),
  // IPv4 inside of IPv6: mapped, compatible, translated, NAT64, its local prefix, 6to4, Teredo.
  fc.tuple(ipv4, fc.nat(6), tail).map(([four, form, rest]) => {
    const [high, low] = [four[0] * 256 + four[1], four[2] * 256 + four[3]] as const;
    return [
      [0, 0, 0, 0, 0, 0xffff, high, low],
      [0, 0, 0, 0, 0, 0, high, low],
      [0, 0, 0, 0, 0xffff, 0, high, low],
      [0x64, 0xff9b, 0, 0, 0, 0, high, low],
      [0x64, 0xff9b, 1, 0, 0, 0, high, low],
      [0x2002, high, low, ...rest.slice(3)],
      [0x2001, 0, ...rest.slice(2, 6), high ^ 0xffff, low ^ 0xffff],
    ][form]!;
  }),
);

/** Every way in which a browser's URL parser takes an IPv4 address. */
const spellings4 = (bytes: readonly number[], radix: number, parts: number): string => {
  const numbers = [
    ...bytes.slice(0, parts - 1),
    bytes.slice(parts - 1).reduce((all, one) => all * 256 + one, 0),
  ];
  const print = (value: number): string =>
    radix === 16 ? `0x${value.toString(16)}` : radix === 8 ? `0${value.toString(8)}` : String(value);
  return numbers.map(print).join('.');
};

function spellings6(groups: readonly number[]): readonly string[] {
  const full = groups.map((one) => one.toString(16).padStart(4, '0')).join(':');
  const short = groups.map((one) => one.toString(16)).join(':');
  const compressed = new URL(`http://[${short}]/`).hostname.slice(1, -1);
  const dotted = `${groups
    .slice(0, 6)
    .map((one) => one.toString(16))
    .join(':')}:${groups
    .slice(6)
    .flatMap((one) => [one >> 8, one & 255])
    .join('.')}`;
  return [full, short, compressed, dotted, full.toUpperCase()];
}

/** What the guard does with an address: whether it asked for a socket. */
async function opensSocket(url: string, addresses: readonly string[]): Promise<boolean> {
  let isOpened = false;
  const outside = guardedFetch({
    network: {
      resolve: async () => addresses,
      openSocket() {
        isOpened = true;
        throw new Error('enough');
      },
      openPlainSocket: () => assert.fail('a socket without TLS was asked for'),
    },
  });
  await assert.rejects(outside.fetchDocument(url, { maxBytes: 1, accept: '*/*' }), (error) => {
    assert.ok(isRefusal(error));
    assert.equal(error.reason, isOpened ? 'host_unreachable' : 'address_refused');
    return true;
  });
  return isOpened;
}

describe('the guard agrees with the table of special-use blocks, and opens no socket for what is in it', () => {
  it('for IPv4 addresses, from DNS and in every spelling of a URL', async () => {
    const radix = fc.constantFrom(8, 10, 16);
    await fc.assert(
      fc.asyncProperty(ipv4, radix, fc.integer({ min: 1, max: 4 }), async (bytes, base, parts) => {
        const expected = !isSpecial4(bytes);
        assert.equal(await opensSocket('https://app.example.com/', [bytes.join('.')]), expected);
        assert.equal(await opensSocket(`https://${spellings4(bytes, base, parts)}/`, []), expected);
      }),
      { numRuns: 400 },
    );
  });
  it('for IPv6 addresses, from DNS and in every spelling of a URL', async () => {
    await fc.assert(
      fc.asyncProperty(ipv6, async (groups) => {
        const expected = !isSpecial6(groups);
        for (const text of spellings6(groups)) {
          assert.equal(await opensSocket('https://app.example.com/', [text]), expected, text);
          assert.equal(await opensSocket(`https://[${text}]/`, []), expected, text);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('both ways at all', async () => {
    assert.equal(await opensSocket('https://app.example.com/', ['8.8.8.8']), true);
    assert.equal(await opensSocket('https://app.example.com/', ['2606:4700:4700::1111']), true);
    assert.equal(await opensSocket('https://app.example.com/', ['64:ff9b::8.8.8.8']), true);
    assert.equal(await opensSocket('https://app.example.com/', ['8.8.8.8', '10.0.0.1']), false);
  });
});
