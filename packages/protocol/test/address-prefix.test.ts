import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { addressPrefix, networkOf, sitePrefix, widePrefix } from '../src/address-prefix.ts';

const sixth = /^([0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}::\/64|[\d.]+)$/;

describe('an address', () => {
  it('is one place by IPv4 address and by IPv6 /64', () => {
    assert.equal(addressPrefix('192.0.2.1'), '192.0.2.1');
    assert.equal(addressPrefix('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
    assert.equal(addressPrefix('2001:DB8:1:2::'), '2001:db8:1:2::/64');
    assert.equal(addressPrefix('::1'), '0:0:0:0::/64');
    assert.equal(addressPrefix('fe80::1%eth0'), 'fe80:0:0:0::/64');
    for (const mapped of ['::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:ffff:192.0.2.1'])
      assert.equal(addressPrefix(mapped), '192.0.2.1');
  });

  it('that is none is a place of its own', () => {
    for (const none of [
      '',
      'localhost',
      '192.0.2.1:80',
      '192.0.2.256',
      '192.0.2',
      '01.2.3.4',
      '::g',
      '%',
      ':',
    ])
      assert.equal(addressPrefix(none), 'unknown');
    for (const smuggled of ['::1]/x[', '::1]@[::2', '[::1]', '::1]:80/?[', '1:2\t::3'])
      assert.equal(addressPrefix(smuggled), 'unknown');
  });

  it('is always read, and never throws', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV4(), (six, four) => {
        assert.match(addressPrefix(six), sixth);
        assert.equal(addressPrefix(four), four);
      }),
    );
    const almost = fc.string({ unit: fc.constantFrom('0', 'f', '9', ':', '.', '%', ']', '/', '2') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), (text) => {
        if (isIPv6(text)) assert.match(addressPrefix(text), sixth);
        assert.ok(addressPrefix(text).length <= 24);
      }),
    );
  });

  it('is alike within a /64, and unlike its neighbours', () => {
    const group = fc.nat(0xffff).map((value) => value.toString(16));
    const half = fc.tuple(group, group, group, group).map((groups) => groups.join(':'));
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        fc.pre(!network.startsWith('0:0:0:0'));
        assert.equal(addressPrefix(`${network}:${one}`), addressPrefix(`${network}:${other}`));
        if (other !== network)
          assert.notEqual(addressPrefix(`${network}:${one}`), addressPrefix(`${other}:${one}`));
      }),
    );
  });
});

describe('around a prefix', () => {
  it('is the /48 of an IPv6 customer, and nothing of an IPv4 address', () => {
    assert.equal(sitePrefix('2001:db8:1:2::/64'), '2001:db8:1::/48');
    assert.equal(sitePrefix('192.0.2.1'), undefined);
    assert.equal(sitePrefix('unknown'), undefined);
  });

  it('is the part of the internet that it is in', () => {
    assert.equal(widePrefix('2001:db8:1:2::/64'), '2001:db8::/32');
    assert.equal(widePrefix('2001:db8:1::/48'), '2001:db8::/32');
    assert.equal(widePrefix('192.0.2.1'), '192.0.0.0/16');
    assert.equal(widePrefix('unknown'), 'unknown');
  });
});

describe('the network that a session keeps', () => {
  it('tells another town, and names no household', () => {
    assert.equal(networkOf('192.0.2.77'), '192.0.2.*');
    assert.equal(networkOf('::ffff:192.0.2.77'), '192.0.2.*');
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:*');
    assert.equal(networkOf('2001:db8::1'), '2001:db8:0:*');
    for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.equal(networkOf(own), 'localhost');
    assert.equal(networkOf('unknown'), undefined);
  });
});
