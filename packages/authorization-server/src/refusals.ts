// Every way in which this room says no, by the story that says it.
import { Refusal, refusalsOf, type Facts } from '@sallyport/protocol';
import { afterTrust } from './refusals/after-trust.ts';
import { beforeTrust } from './refusals/before-trust.ts';
import { ofClientAuth } from './refusals/client-auth.ts';
import { ofClients } from './refusals/clients.ts';
import { ofDoor } from './refusals/door.ts';
import { ofRateLimits } from './refusals/rate-limits.ts';
import { ofRegistration } from './refusals/registration.ts';
import { ofToken } from './refusals/token.ts';

export const refusals = {
  ...beforeTrust,
  ...ofClients,
  ...afterTrust,
  ...ofClientAuth,
  ...ofToken,
  ...ofRegistration,
  ...ofRateLimits,
  ...ofDoor,
} as const;

export const refuse = refusalsOf(refusals);

/** @param words for the places in braces of the row's sentence: of ours, never of a stranger's */
export function refuseSaying(
  reason: Parameters<typeof refuse>[0],
  words: Readonly<Record<string, string | number>>,
  facts?: Facts,
): Refusal {
  const { row } = refuse(reason);
  const sentence = row.sentence.replaceAll(/\{(\w+)\}/g, (_place, name: string) => String(words[name]));
  return new Refusal(reason, { ...row, sentence }, { ...words, ...facts });
}
