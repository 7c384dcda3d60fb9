// Behind a proxy that is not trusted, everybody has the proxy's address: they share its limits, and one who guesses
// passwords shuts out all others. Nothing fails at first, so it is said as soon as it can be known.

import type { Arrival, Log } from '@sallyport/protocol';
import { networks, readAddress } from './address.ts';
import { forwardedBeforeWarning, oneAddressWarningSeconds, watchedPeers } from './limits.ts';

export interface OneAddressWatch {
  /** Looks at every request. */
  readonly arrived: (peer: string | undefined, headers: Pick<Headers, 'has'>, arrival: Arrival) => void;
  /** Looks at one that came too often. */
  readonly limited: OneAddressWatch['arrived'];
}

// Proxies stand beside us. A stranger could send the same headers, and must not be told to be trusted.
const isNear = networks([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
]);

export function oneAddressWatch(
  { publicUrl, trustedProxies }: { readonly publicUrl: string; readonly trustedProxies: readonly string[] },
  log: Log,
): OneAddressWatch {
  const isTrusted = networks(trustedProxies);
  // Nobody here speaks TLS, so whoever comes to an https address comes through a proxy.
  const isBehindProxy = publicUrl.startsWith('https:');
  const forwarded = new Map<string, number>();
  let lastWarnedAt: number | undefined;
  return { arrived, limited };

  function arrived(peer: string | undefined, headers: Pick<Headers, 'has'>, arrival: Arrival): void {
    if (!isForwarded(headers)) return;
    const address = addressOfAll(peer, arrival);
    if (address === undefined) return;
    const count = (forwarded.get(address) ?? 0) + 1;
    if (forwarded.size < watchedPeers || forwarded.has(address)) forwarded.set(address, count);
    if (count >= forwardedBeforeWarning) warn(address, headers, arrival.now);
  }

  function limited(peer: string | undefined, headers: Pick<Headers, 'has'>, arrival: Arrival): void {
    const address = addressOfAll(peer, arrival);
    if (address !== undefined && (isBehindProxy || isForwarded(headers))) warn(address, headers, arrival.now);
  }

  function warn(address: string, headers: Pick<Headers, 'has'>, now: number): void {
    if (lastWarnedAt !== undefined && now - lastWarnedAt < oneAddressWarningSeconds) return;
    lastWarnedAt = now;
    const trust = `trustedProxies: ['${address}']`;
    const next = headers.has('x-forwarded-for')
      ? `If that is your own proxy, write: ${trust}`
      : isTrusted(address)
        ? 'Let that proxy send X-Forwarded-For; other headers are not read.'
        : `If that is your own proxy, let it send X-Forwarded-For, and write: ${trust}`;
    log('warn', 'everybody_has_one_address', { address, next });
  }
}

/** @returns the peer, when it is near and the request counts as its own */
function addressOfAll(peer: string | undefined, { address }: Arrival): string | undefined {
  return address === readAddress(peer ?? '') && isNear(address) ? address : undefined;
}

function isForwarded(headers: Pick<Headers, 'has'>): boolean {
  return headers.has('x-forwarded-for') || headers.has('forwarded');
}
