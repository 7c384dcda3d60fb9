// Whether the rules about people can ever be judged at their provider.

import { isMap } from '../layers.ts';
import { isUpstreamKind, kindOf } from './kinds.ts';

/** A rule about what the provider never says would let nobody in. */
export function judgePeople(
  entry: Readonly<Record<string, unknown>>,
  say: (key: string, what: string, instead: string) => void,
): void {
  const { provider } = entry;
  if (!isUpstreamKind(provider)) return;
  const { title, tells } = kindOf(provider);
  for (const key of ['allow', 'deny', 'operators']) {
    const given = entry[key];
    if (!isMap(given)) continue;
    if (Object.keys(given).length === 0)
      say(key, 'is there but says nothing', 'Name somebody, or leave the key out.');
    if (given['organizations'] !== undefined && !tells.includes('organizations'))
      say(
        key,
        `names organizations, of which ${title} says nothing`,
        'Write groups or emailDomains in their place.',
      );
    if (given['groups'] !== undefined && !tells.includes('groups'))
      say(
        key,
        `names groups, of which ${title} says nothing`,
        'Write organizations or emailDomains in their place.',
      );
  }
}
