// Who counts as one place on the network: an IPv4 address, or the /64 that one IPv6 subscriber has to themselves.
import { isIPv4, isIPv6 } from 'node:net';

/** @returns a canonical text; anything that is no address is one place of its own */
export function addressPrefix(address: string): string {
  const bare = address.split('%', 1)[0] ?? '';
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const groups = groupsOf(bare);
  // IPv4 seen through an IPv6 socket (RFC 4291 §2.5.5.2): otherwise the whole IPv4 internet would share one /64.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/**
 * The network that an address belongs to, in the short form that a session keeps: enough to tell another town from
 * here, too little to name a household.
 * @returns `192.0.2.*`, `2001:db8:1:*`, `localhost`, or undefined when it is no address
 */
export function networkOf(address: string): string | undefined {
  const prefix = addressPrefix(address);
  if (prefix === 'unknown') return undefined;
  if (prefix.startsWith('127.') || address === '::1') return 'localhost';
  const isIpv6 = prefix.includes(':');
  const separator = isIpv6 ? ':' : '.';
  return [...prefix.split(separator).slice(0, 3), '*'].join(separator);
}

function groupsOf(address: string): number[] {
  // The URL parser writes every spelling of an IPv6 address in one way, dotted tails included.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
