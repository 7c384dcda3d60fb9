// Whatever happens while a provider is asked becomes an answer, or a refusal whose sentence people can use.
import { isRefusal } from '@sallyport/protocol';
import { refusals as vaultRefusals } from '@sallyport/vault';
import { refusals, refuse } from '../refusals.ts';

/** @throws {Refusal} of this room or the vault; others are about addresses and sizes, which say nothing to a person */
export async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (failure) {
    if (!isRefusal(failure) || isForPeople(failure.reason)) throw failure;
    throw refuse('upstream_unavailable', { ...failure.facts, why: failure.reason });
  }
}

const isForPeople = (reason: string): boolean =>
  Object.hasOwn(refusals, reason) || Object.hasOwn(vaultRefusals, reason);

/** @returns the URL as it is; https, or http on this machine, whatever the provider's metadata says */
export function judgeAuthorizationUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url.href;
  throw refuse('upstream_misconfigured', { why: 'authorization_url', protocol: url?.protocol ?? 'none' });
}
