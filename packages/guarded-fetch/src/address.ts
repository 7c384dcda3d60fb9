// Which addresses are nobody's business from here: everything that IANA's special-purpose registries list (RFC 6890),
// and every IPv6 form that carries an IPv4 address to somewhere else.
import { BlockList, isIP } from 'node:net';
import { ipv6Groups } from '@sallyport/protocol';

const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8], // This network.
  ['10.0.0.0', 8], // Private.
  ['100.64.0.0', 10], // Shared behind a carrier's NAT; one cloud's metadata.
  ['127.0.0.0', 8], // Loopback.
  ['168.63.129.16', 32], // No registry has it: one cloud's platform, reached from inside its machines only.
  ['169.254.0.0', 16], // Link-local, and with it the metadata of most clouds.
  ['172.16.0.0', 12], // Private.
  ['192.0.0.0', 24], // IETF protocol assignments.
  ['192.0.2.0', 24], // Documentation.
  ['192.31.196.0', 24], // AS112.
  ['192.52.193.0', 24], // AMT.
  ['192.88.99.0', 24], // 6to4 relays.
  ['192.168.0.0', 16], // Private.
  ['192.175.48.0', 24], // AS112.
  ['198.18.0.0', 15], // Benchmarking.
  ['198.51.100.0', 24], // Documentation.
  ['203.0.113.0', 24], // Documentation.
  ['224.0.0.0', 4], // Multicast.
  ['240.0.0.0', 4], // Reserved, broadcast.
] as const)
  special.addSubnet(network, bits, 'ipv4');

// Of IPv6 only global unicast is let through at all; what lies outside of it (loopback, unique local, link-local,
// multicast, IPv4-mapped and -compatible, discard, SRv6 …) needs no row.
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23], // IETF protocol assignments: Teredo, benchmarking, ORCHID …
  ['2001:db8::', 32], // Documentation.
  ['2002::', 16], // 6to4.
  ['2620:4f:8000::', 48], // AS112.
  ['3ffe::', 16], // The former 6bone.
  ['3fff::', 20], // Documentation.
] as const)
  special.addSubnet(network, bits, 'ipv6');

// RFC 6052 §2.1: where DNS64 is used, every IPv4-only host has such an address. It is worth what it carries.
const nat64 = new BlockList();
nat64.addSubnet('64:ff9b::', 96, 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');

/** @param address text as a resolver gives it; what is no address counts as special */
export function isSpecialUse(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return special.check(address, 'ipv4');
  // A zone (`%eth0`) is about a link of this machine.
  if (family !== 6 || address.includes('%')) return true;
  if (nat64.check(address, 'ipv6')) return isSpecialUse(carriedIpv4(address));
  return !globalUnicast.check(address, 'ipv6') || special.check(address, 'ipv6');
}

/** 127.0.0.0/8 and ::1; not the forms of IPv6 that carry the former. */
export function isLoopback(address: string): boolean {
  if (isIP(address) === 4) return loopback.check(address, 'ipv4');
  return ipv6Groups(address)?.join(':') === '0:0:0:0:0:0:0:1';
}

function carriedIpv4(address: string): string {
  const groups = ipv6Groups(address)?.slice(6) ?? [];
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}
