// Whom the operator's limits concern.
import type { RateLimits } from '@sallyport/authorization-server';
import { isLoopbackHost } from './config/index.ts';
import type { Config } from './config/index.ts';

export function rateLimitsOf({ publicUrl, rateLimits }: Config): RateLimits | 'off' {
  const { enabled, ...numbers } = rateLimits;
  if (!enabled) return 'off';
  // On http the public URL is this machine, so whoever comes from this machine is the person that runs it, or a test:
  // nobody is passed on by a proxy here.
  const isLocal = publicUrl.startsWith('http:');
  return { ...numbers, isExempt: (address) => isLocal && isLoopbackAddress(address) };
}

/** @param address as the door gives it */
function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (address !== 'localhost' && isLoopbackHost(address));
}
