// What `sallyport check` can find out about the providers without anybody signing in: whether each is there, says who it is
// and can be talked to; and the callback URL, which its operator has to paste there. Secrets are not tried: a provider judges
// them only together with a code.

import type { Finding as ProviderFinding } from '@sallyport/sign-in';
import type { Config, UpstreamConfig } from '../../config/index.ts';
import { describePeople, isUpstream, providerKindOf } from '../../config/index.ts';
import { providerOf } from '../../providers.ts';
import type { Io } from '../io.ts';
import { ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export async function judgeProviders({ signIn, publicUrl }: Config, io: Io): Promise<Finding[]> {
  const found = await Promise.all(
    signIn.filter(isUpstream).map(async (way): Promise<Finding[]> => {
      const findings = await providerOf(way, { log: () => {} }).check(io.now());
      return [
        ...findings.map((finding) => findingOf(way, finding)),
        peopleOf(way, publicUrl),
        callbackOf(way, publicUrl),
      ];
    }),
  );
  return found.flat();
}

function findingOf({ id, provider }: UpstreamConfig, { reason, ...finding }: ProviderFinding): Finding {
  const { console, registration } = providerKindOf(provider);
  if (reason !== 'provider_registration_refused' || registration === undefined)
    return { about: id, ...finding };
  const next = `Make an app at ${console}, and write its clientId; or ${registration}`;
  return { about: id, ...finding, next };
}

function callbackOf({ id, provider, callbackPath, clientId }: UpstreamConfig, publicUrl: string): Finding {
  const { console } = providerKindOf(provider);
  const where = clientId === undefined ? 'which it registers there' : `for ${console}`;
  return ok(id, `its callback URL, ${where}: ${publicUrl}${callbackPath}`);
}

function peopleOf(way: UpstreamConfig, publicUrl: string): Finding {
  const { id, provider, people } = way;
  const says = `gives an account to ${describePeople(people)}`;
  const { knowsOwnPeopleOnly } = providerKindOf(provider);
  const isAnybody =
    !knowsOwnPeopleOnly(way) && people.accounts === 'just-in-time' && people.allow === undefined;
  if (!isAnybody || publicUrl.startsWith('http:')) return ok(id, says);
  const next = 'Write allow, or accounts: invited, unless that is what you want.';
  return warn(id, `${says}, so to anybody`, next);
}
