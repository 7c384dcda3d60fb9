import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { addressPrefix } from '../src/address-prefix.ts';

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
    for (const none of ['', 'localhost', '192.0.2.1:80', '::g', '%'])
      assert.equal(addressPrefix(none), 'unknown');
  });

  it('is always read, and alike within a /64', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV4(), (six, four) => {
        assert.match(addressPrefix(six), /^([0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}::\/64|[\d.]+)$/);
        assert.equal(addressPrefix(four), four);
      }),
    );
  });
});
