// The state of a browser that is away: 256 random bits that come back once, in the same browser, from the same provider.
import { digest, type Keychain, randomToken } from '@sallyport/crypto';
import type { Storage, UpstreamSignIn } from '@sallyport/storage';
import { limits } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { KeptIntent } from './intent.ts';
import { secretsOf, type DerivedSecrets } from './secrets.ts';

interface StateParts {
  readonly storage: Pick<Storage, 'keepUpstreamSignIn' | 'takeUpstreamSignIn'>;
  readonly derivation: Keychain;
}

export interface NewState extends DerivedSecrets {
  readonly state: string;
  readonly keyId: string;
}

export function newState({ derivation }: Pick<StateParts, 'derivation'>): NewState {
  const state = randomToken();
  const key = derivation.current;
  return { state, keyId: key.id, ...secretsOf(state, key) };
}

export interface Away {
  /** Of the provider that the browser is sent to. */
  readonly provider: string;
  /** The browser's own id. */
  readonly browser: string;
  readonly intent: KeptIntent;
  readonly traceId: string;
  readonly now: number;
}

export async function keepState(
  { state, keyId }: NewState,
  away: Away,
  { storage }: StateParts,
): Promise<void> {
  await storage.keepUpstreamSignIn({
    state: digest(state),
    provider: away.provider,
    browser: digest(away.browser),
    value: JSON.stringify(away.intent),
    keyId,
    traceId: away.traceId,
    createdAt: away.now,
    expiresAt: away.now + limits.upstreamSignInSeconds,
  });
}

/** What is known of a browser that came back, whether or not it may go on. */
export interface CameBack {
  readonly outcome: 'taken' | 'spent' | 'expired' | 'of_another_browser' | 'of_another_provider';
  readonly signIn: UpstreamSignIn;
  readonly intent: KeptIntent;
}

/** @returns undefined for a state that nobody knows, or none */
export async function takeState(
  state: string | null,
  coming: { readonly provider: string; readonly browser: string; readonly now: number },
  { storage }: StateParts,
): Promise<CameBack | undefined> {
  // All of ours are of this form; nothing else is worth a question to the store.
  if (state === null || !/^[\w-]{43}$/.test(state)) return undefined;
  const { provider, browser, now } = coming;
  const taken = await storage.takeUpstreamSignIn({
    state: digest(state),
    provider,
    browser: digest(browser),
    now,
  });
  if (taken.outcome === 'unknown') return undefined;
  return { ...taken, intent: JSON.parse(taken.signIn.value) as KeptIntent };
}

/** @throws {Refusal} that says why it may not go on */
export function checkTaken(back: CameBack | undefined): asserts back is CameBack {
  if (back === undefined) throw refuse('upstream_state_unknown');
  const { outcome, signIn } = back;
  if (outcome === 'taken') return;
  const facts = { begunAt: signIn.createdAt, begunFor: signIn.provider };
  if (outcome === 'of_another_browser') throw refuse('upstream_other_browser', facts);
  if (outcome === 'of_another_provider') throw refuse('upstream_mixed_up', facts);
  throw outcome === 'spent' ? refuse('upstream_state_spent', facts) : refuse('upstream_state_expired', facts);
}
