// What a client may ask of the person's presence: `prompt`, `max_age` and `login_hint` (OpenID Connect Core §3.1.2.1).
import { readEmail } from '@sallyport/protocol';
import { refuse } from '../refusals.ts';

/** One place for what is dispatched on and what is advertised. */
export const prompts = ['none', 'login', 'consent', 'select_account'] as const;

export type Prompt = (typeof prompts)[number];

export interface AskedInteraction {
  readonly prompt: readonly Prompt[];
  /** The most seconds since the person signed in. */
  readonly maxAgeSeconds?: number;
  /** Whom the client expects, as an account is named here. */
  readonly loginHint?: string;
}

/**
 * A prompt that is not known is refused, not passed over: it may ask for more care than we would then take
 * (Initiating User Registration via OpenID Connect 1.0 §4.1).
 */
export function readAskedInteraction(values: Readonly<Record<string, string>>): AskedInteraction {
  const { prompt: promptText = '', max_age, login_hint = '' } = values;
  const words = [...new Set(promptText.split(' ').filter((word) => word !== ''))];
  const prompt = words.filter(isPrompt);
  if (prompt.length < words.length) throw refuse('prompt_unsupported');
  if (prompt.includes('none') && prompt.length > 1) throw refuse('prompt_none_with_others');
  // Nine digits are thirty years, and far from where numbers are rounded.
  if (max_age !== undefined && !/^\d{1,9}$/.test(max_age)) throw refuse('max_age_malformed');
  // Of the form of the hint §3.1.2.1 leaves it to us what to do with it: what cannot be an account's name helps nobody.
  const loginHint = readEmail(login_hint);
  return {
    prompt,
    ...(max_age !== undefined && { maxAgeSeconds: Number(max_age) }),
    ...(loginHint !== undefined && { loginHint }),
  };
}

const isPrompt = (word: string): word is Prompt => (prompts as readonly string[]).includes(word);
