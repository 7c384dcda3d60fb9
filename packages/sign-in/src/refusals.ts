// Why signing in or up is refused, by the story that says it: what the person reads, and the status it comes with.
import { refusalsOf } from '@sallyport/protocol';
import { ofAccounts } from './refusals/accounts.ts';
import { ofForms } from './refusals/forms.ts';
import { ofIdToken } from './refusals/id-token.ts';
import { ofUpstream } from './refusals/upstream.ts';

export const refusals = {
  ...ofForms,
  ...ofUpstream,
  ...ofIdToken,
  ...ofAccounts,
} as const;

export const refuse = refusalsOf(refusals);
