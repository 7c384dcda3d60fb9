// Who was asked to prove once more that they are there must have done so at the provider, and be who they were.
import type { Storage } from '@sallyport/storage';
import { limits } from '../limits.ts';
import type { Arrived } from '../providers/provider.ts';
import { refuse } from '../refusals.ts';
import type { KeptIntent } from './intent.ts';

export interface Asked {
  /** They must prove it there and then. */
  readonly isFresh: true | undefined;
  /** An app's login waits for it. */
  readonly waits: boolean;
}

/**
 * A provider that keeps people signed in lets them through without a look. Only its `auth_time` says that it did look
 * (OpenID Connect Core §3.1.2.1, `max_age`); one that has none can vouch for nobody's presence to an app. For what
 * somebody does with their own account here, that they come back from there as themselves has to do.
 * @throws {Refusal} `upstream_not_fresh`
 */
export function checkFresh(
  { authenticatedAt }: Arrived,
  { isFresh, waits }: Asked,
  { createdAt }: { readonly createdAt: number },
): void {
  if (isFresh !== true) return;
  if (authenticatedAt === undefined && !waits) return;
  if (authenticatedAt === undefined || authenticatedAt < createdAt - limits.clocksApartSeconds)
    throw refuse('upstream_not_fresh', { authenticatedAt });
}

/** @throws {Refusal} `upstream_other_person`, before anything of that person is made or changed */
export async function checkSamePerson(
  { identity: { provider, subject } }: Arrived,
  { againAs }: KeptIntent,
  storage: Pick<Storage, 'findIdentity'>,
): Promise<void> {
  if (againAs === undefined) return;
  const found = await storage.findIdentity({ provider, subject });
  if (found?.user.id !== againAs) throw refuse('upstream_other_person');
}

/**
 * When they proved who they are, as far as that can be known. Some providers say so only when they are asked for it, and
 * who was not asked may have come through without a look.
 * @returns epoch seconds; 0 when the provider was asked, and says nothing
 */
export function provenAt({ authenticatedAt }: Arrived, { isFresh }: KeptIntent, now: number): number {
  if (authenticatedAt !== undefined) return Math.min(authenticatedAt, now);
  return isFresh === true ? 0 : limits.notAskedAt;
}
