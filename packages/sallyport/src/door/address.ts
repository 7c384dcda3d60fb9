// Whose request is it? The socket's peer, unless that is one of the operator's own proxies.

import { BlockList, isIP, isIPv4 } from 'node:net';
import { forwardedHops } from './limits.ts';

export type AddressOf = (peer: string | undefined, headers: Pick<Headers, 'get'>) => string;

/** @returns whether an address is in these addresses and CIDR networks */
export function networks(listed: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of listed) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) =>
    listed.length > 0 && isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * X-Forwarded-For is walked from the right, as far as the hops are trusted: what stands left of the first stranger was
 * written by that stranger.
 * @param trustedProxies IP addresses and CIDR networks
 * @returns a function of the socket's peer and the request's headers, to the client's address as text
 */
export function addressReader(trustedProxies: readonly string[]): AddressOf {
  const isTrusted = networks(trustedProxies);
  return (peer, headers) => {
    let address = readAddress(peer ?? '') ?? 'unknown';
    if (!isTrusted(address)) return address;
    const forwardedFor = headers.get('x-forwarded-for') ?? '';
    const hops = forwardedFor.split(',').slice(-forwardedHops).toReversed();
    for (const hop of hops) {
      if (!isTrusted(address)) break;
      const before = readAddress(hop.trim());
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

/** Some proxies add a port; a dual-stack socket writes IPv4 as ::ffff:192.0.2.1. */
export function readAddress(text: string): string | undefined {
  // The usual case costs no matching.
  if (isIPv4(text)) return text;
  const withoutPort =
    /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const address = withoutPort.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
  return isIP(address) === 0 || address.includes('%') ? undefined : address;
}
