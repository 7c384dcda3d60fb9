// What the operator can do where people are told to ask them: the other side of the sentence on the page.

import type { LoginEvent } from '@sallyport/storage';

export const advice: Readonly<Record<string, string>> = {
  upstream_misconfigured:
    'The log has the word of the provider (error or providerError). Set its secret anew, and compare the callback URL there with the one of: sallyport check',
  upstream_unavailable: 'See whether this machine reaches the provider: sallyport check',
  upstream_metadata_unusable: 'See what it says now: sallyport check',
  upstream_metadata_issuer_differs:
    'Write `issuer` exactly as it stands in its own document, also with or without a slash at the end: sallyport check',
  upstream_endpoint_refused:
    'Write the endpoint that the log names into the configuration, if it is right (authorizationUrl, tokenUrl, userinfoUrl, jwksUrl).',
  upstream_userinfo_unusable:
    'The app at the provider lacks a scope or a permission; the log says what was missing.',
  upstream_keys_unusable: 'See whether this machine reaches its keys (jwks_uri): sallyport check',
  upstream_not_fresh: 'Offer a password or an OpenID provider too, or let the app ask for less.',
  id_token_expired: 'Compare the clock of this machine with the right time: date -u',
  id_token_not_yet_valid: 'Compare the clock of this machine with the right time: date -u',
  identity_issuer_changed: 'Put the old issuer back, or remove the account: sallyport users remove <email>',
  person_not_invited:
    'Invite the address that the provider has verified: sallyport users invite <email>. Or write accounts: just-in-time.',
  person_denied: 'A rule of allow or deny says so; the log has which one.',
  verified_email_missing: 'The rule is about addresses, and the provider has verified none of this person.',
  membership_unknown:
    'The rule is about organizations or groups, and the provider tells of none: look at its scopes, and at groupsClaim.',
  email_has_account:
    'If they are the same person, they sign in as before and link this way at /account. See: sallyport users identities',
};

/** Whoever is stopped at the provider is not sent back, and nothing more is heard of them here. */
const notBack =
  'Nobody has come back from there. If the provider shows an error, its callback URL most often differs from: sallyport check';

/** @param isLast whether nothing came after this step */
export function adviceFor(
  { event, reason = '' }: Pick<LoginEvent, 'event' | 'reason'>,
  { isLast }: { readonly isLast: boolean },
): string | undefined {
  if (event === 'upstream_left') return isLast ? notBack : undefined;
  return Object.hasOwn(advice, reason) ? advice[reason] : undefined;
}
