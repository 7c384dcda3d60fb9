// Who counts as one place on the network, by the text of an address; nothing here asks a network.

/**
 * An IPv4 address, or the /64 that one IPv6 subscriber has to themselves (RFC 6177 §2).
 * @returns a canonical text; anything that is no address is one place of its own
 */
export function addressPrefix(address: string): string {
  const bare = address.split('%', 1)[0] ?? '';
  if (ipv4.test(bare)) return bare;
  const groups = ipv6Groups(bare);
  if (groups === undefined) return 'unknown';
  // IPv4 seen through an IPv6 socket (RFC 4291 §2.5.5.2): otherwise the whole IPv4 internet would share one /64.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  }
  return `${printed(groups.slice(0, 4))}::/64`;
}

/**
 * The /48 around an IPv6 prefix: what one customer may get (RFC 6177 §1), with 65,536 prefixes in it.
 * @param prefix from `addressPrefix`
 * @returns undefined where there is nothing around it that belongs to one customer
 */
export function sitePrefix(prefix: string): string | undefined {
  return prefix.endsWith('::/64') ? `${prefix.split(':', 3).join(':')}::/48` : undefined;
}

/**
 * The part of the internet that a prefix is in: an IPv4 /16 or an IPv6 /32, the size that networks are given out in.
 * @param prefix from `addressPrefix` or `sitePrefix`
 */
export function widePrefix(prefix: string): string {
  if (prefix.includes('::/')) return `${prefix.split(':', 2).join(':')}::/32`;
  return ipv4.test(prefix) ? `${prefix.split('.', 2).join('.')}.0.0/16` : prefix;
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

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** @returns the eight groups of an IPv6 address in any spelling; undefined when it is none, or has a zone */
export function ipv6Groups(address: string): number[] | undefined {
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address)) return undefined;
  // The URL parser writes every spelling of an IPv6 address in one way, dotted tails included.
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

function printed(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}
