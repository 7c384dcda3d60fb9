// What a URL alone can tell: whether anything would be fetched from it at all.
import { isIP } from 'node:net';
import { isLoopback, isSpecialUse } from './address.ts';
import { httpsPort } from './limits.ts';
import { refuse } from './refusals.ts';

export interface UrlPolicy {
  /** For development only: loopback addresses, and any port on them, count as public. Everything else stays refused. */
  readonly allowLoopbackForDevelopment?: boolean | undefined;
  /**
   * For a URL that no stranger supplied: any address and any port, and no TLS for a loopback host. What it must hold to
   * otherwise stays.
   */
  readonly anyAddressBecauseTheOperatorNamedIt?: boolean | undefined;
}

/**
 * Judges without asking anybody; what a name leads to is judged when it is looked up.
 * @throws a refusal `url_refused`, `port_refused` or `address_refused`
 */
export function judgeUrl(text: string, policy: UrlPolicy = {}): URL {
  const url = URL.parse(text);
  if (
    url === null ||
    !isSpoken(url, policy) ||
    url.username !== '' ||
    url.password !== '' ||
    text.includes('#')
  )
    throw refuse('url_refused');
  const { allowLoopbackForDevelopment = false, anyAddressBecauseTheOperatorNamedIt = false } = policy;
  if (anyAddressBecauseTheOperatorNamedIt) return url;
  const addresses = addressesInName(url.hostname);
  for (const address of addresses ?? []) judgeAddress(address, url.hostname, policy);
  const isDevelopment = allowLoopbackForDevelopment && addresses?.every(isLoopback) === true;
  if (!isDevelopment && (url.port || httpsPort) !== httpsPort)
    throw refuse('port_refused', { host: url.hostname, port: url.port });
  return url;
}

/** @throws a refusal `address_refused` */
export function judgeAddress(
  address: string,
  host: string,
  { allowLoopbackForDevelopment = false, anyAddressBecauseTheOperatorNamedIt = false }: UrlPolicy,
): void {
  if (
    anyAddressBecauseTheOperatorNamedIt ||
    !isSpecialUse(address) ||
    (allowLoopbackForDevelopment && isLoopback(address))
  )
    return;
  throw refuse('address_refused', { host, address: address.slice(0, 64) });
}

function isSpoken(
  { protocol, hostname }: URL,
  { anyAddressBecauseTheOperatorNamedIt = false }: UrlPolicy,
): boolean {
  if (protocol === 'https:') return true;
  if (protocol !== 'http:' || !anyAddressBecauseTheOperatorNamedIt) return false;
  return addressesInName(hostname)?.every(isLoopback) === true;
}

/**
 * The addresses of a host that names them itself: a literal, which the URL parser has brought from any spelling
 * (`0x7f.1`, `2130706433`) into one, or `localhost`, which no resolver is asked about (RFC 6761 §6.3).
 */
export function addressesInName(hostname: string): readonly string[] | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return [bare];
  return /(?:^|\.)localhost\.?$/.test(hostname) ? ['127.0.0.1', '::1'] : undefined;
}
