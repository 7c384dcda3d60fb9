// What the person has still to do before the client gets its code, asked anew at each step, since a session can end and
// another person sign in meanwhile.
import type { SignedInPerson } from '@sallyport/protocol';
import { CLOCKS_APART_SECONDS } from '../limits.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { findConsent, isAskedEveryTime } from './consent.ts';
import type { CheckedAuthorization, Resumed } from './steps.ts';

/** Each is, with `prompt=none`, a reason to refuse (OpenID Connect Core §3.1.2.6). */
export type Missing =
  | 'sign_in_required'
  | 'fresh_sign_in_required'
  | 'account_choice_required'
  | 'consent_required'
  | 'asked_every_time';

/** What was done since the pause began. */
export interface Since extends Pick<Resumed, 'paused' | 'signIn'> {
  /** The person has said here that it is this account. */
  readonly isChosen: boolean;
}

/** @returns the first thing, or undefined when nothing is missing */
export async function whatIsMissing(
  checked: CheckedAuthorization,
  person: SignedInPerson | undefined,
  since: Since | undefined,
  options: AuthorizationServerOptions,
  now: number,
): Promise<Missing | undefined> {
  if (person === undefined) return 'sign_in_required';
  const isNew = since !== undefined && signedInSince(person, since);
  const isProven = isNew && isSince(provenAt(person), since);
  if (!isProven && mustSignInAgain(checked, person, now)) return 'fresh_sign_in_required';
  if (!isNew && since?.isChosen !== true && mustChoose(checked, person)) return 'account_choice_required';
  if (isAskedEveryTime(checked, options)) return 'asked_every_time';
  if (checked.prompt.includes('consent')) return 'consent_required';
  return (await findConsent(checked, person, options.storage)) ? undefined : 'consent_required';
}

/** In this pause: it is another sign-in than the one that the pause found, and no older than the pause. */
function signedInSince({ signIn, signedInAt }: SignedInPerson, { paused, signIn: before }: Since): boolean {
  return signIn !== before && isSince(signedInAt, { paused });
}

const isSince = (at: number, { paused }: Pick<Since, 'paused'>): boolean =>
  at >= paused.createdAt - CLOCKS_APART_SECONDS;

/** A provider that keeps people signed in has seen them earlier than we have. */
const provenAt = ({ provenAt: at, signedInAt }: SignedInPerson): number => at ?? signedInAt;

/** Whether the app would not be content with whom a provider still knows from yesterday. */
export const wantsFreshSignIn = ({ prompt, maxAgeSeconds }: CheckedAuthorization): boolean =>
  prompt.includes('login') || maxAgeSeconds === 0;

/** With `max_age=0` as with `prompt=login` (OpenID Connect Core, errata 2, §3.1.2.1). */
function mustSignInAgain(checked: CheckedAuthorization, person: SignedInPerson, now: number): boolean {
  if (wantsFreshSignIn(checked)) return true;
  const { maxAgeSeconds } = checked;
  return maxAgeSeconds !== undefined && now - provenAt(person) > maxAgeSeconds;
}

/** Also where the client expects somebody else: going on silently would give it the wrong person's data. */
function mustChoose({ prompt, loginHint }: CheckedAuthorization, { email }: SignedInPerson): boolean {
  return prompt.includes('select_account') || (loginHint !== undefined && loginHint !== email);
}
