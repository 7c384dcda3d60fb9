// The authorization request (OpenID Connect Core §3.1.2.1), with PKCE whether or not the provider says that it knows it: who
// does not know it ignores it (RFC 6749 §3.1), and who does may not say so.
import { codeChallengeOf } from '@sallyport/crypto';
import type { Leaving } from '../provider.ts';
import type { ProviderMetadata } from './metadata.ts';
import type { OpenIdRow, OpenIdSettings } from './row.ts';

export function authorizationUrl(
  metadata: Pick<ProviderMetadata, 'authorization_endpoint' | 'scopes_supported'>,
  row: OpenIdRow,
  settings: OpenIdSettings,
  leaving: Leaving & { readonly client_id: string },
): string {
  const { client_id, redirect_uri, state, nonce, code_verifier, login_hint, again, switchAccount } = leaving;
  const offline = offlineOf(metadata, row, settings);
  const extra = [row.parametersOf?.(settings), offline.parameters, settings.authorizationParameters];
  const url = new URL(metadata.authorization_endpoint);
  const set = (parameters: Readonly<Record<string, string>> = {}): void => {
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  };
  for (const parameters of extra) set(parameters);
  if (login_hint !== undefined) set({ login_hint });
  const wanted = { ...(switchAccount === true && row.switchAccount), ...(again && row.again) };
  set(withPrompts(wanted, url.searchParams.get('prompt')));
  // Last, so that nothing that anybody configured is in their place.
  set({
    response_type: 'code',
    client_id,
    redirect_uri,
    scope: scopesAsked(metadata, row, settings).join(' '),
    state,
    nonce,
    code_challenge: codeChallengeOf(code_verifier),
    code_challenge_method: 'S256',
  });
  return url.href;
}

/** A provider that lists its scopes, and not this one, would refuse the whole request for it, as some do. */
function offlineOf(
  { scopes_supported }: Pick<ProviderMetadata, 'scopes_supported'>,
  { offline }: OpenIdRow,
  { offlineAccess }: OpenIdSettings,
): Partial<OpenIdRow['offline']> {
  const { scope } = offline;
  const isKnown = scope === undefined || (scopes_supported?.includes(scope) ?? true);
  return offlineAccess === true && isKnown ? offline : {};
}

/** Without `openid` there would be no ID token, and nobody to know again. */
export function scopesAsked(
  metadata: Pick<ProviderMetadata, 'scopes_supported'>,
  row: OpenIdRow,
  settings: OpenIdSettings,
): readonly string[] {
  const { scopes = row.scopes } = settings;
  const { scope: offline } = offlineOf(metadata, row, settings);
  return [...new Set(['openid', ...scopes, ...(offline === undefined ? [] : [offline])])];
}

/** `prompt` is a list: consent that is asked for anyway is asked for after the login. `none` goes with no other. */
function withPrompts(
  wanted: Readonly<Record<string, string>>,
  already: string | null,
): Readonly<Record<string, string>> {
  const { prompt } = wanted;
  if (prompt === undefined) return wanted;
  const prompts = new Set([prompt, ...(already ?? '').split(' ')]);
  return { ...wanted, prompt: [...prompts].filter((one) => one !== '' && one !== 'none').join(' ') };
}
