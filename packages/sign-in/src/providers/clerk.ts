// Clerk as the provider of identities: an OAuth application of its, over OpenID Connect.
// https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth
import { standard, type OpenIdRow } from './openid/row.ts';

export const clerk: OpenIdRow = {
  ...standard,
  kind: 'clerk',
  issuerOf({ publishableKey, issuer }) {
    const host = publishableKey === undefined ? undefined : frontendApiOf(publishableKey);
    const exact = issuer ?? (host === undefined ? undefined : `https://${host}`);
    return exact === undefined ? undefined : { discovery: exact, issuer: exact };
  },

  // The scope is enough (the same page, "Scopes"): Clerk's consent screen is the operator's to switch on.
  offline: { scope: 'offline_access' },

  // The same page, "Dynamic client registration": off until its operator switches it on. Who names no scopes gets `profile`
  // and `email`.
  registration: { namesScopes: true },
};

/**
 * The host of the instance's Frontend API, which is its issuer: `pk_test_` or `pk_live_`, and in base64 the host and a `$`
 * (https://clerk.com/docs/guides/development/clerk-environment-variables, Frontend API URL).
 * @returns undefined for what is no such key
 */
export function frontendApiOf(publishableKey: string): string | undefined {
  const [, encoded = ''] = /^pk_(?:test|live)_([A-Za-z0-9+/_-]+={0,2})$/.exec(publishableKey) ?? [];
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  if (!decoded.endsWith('$')) return undefined;
  const host = decoded.slice(0, -1);
  return /^[a-z0-9.-]+$/.test(host) && host.includes('.') && URL.parse(`https://${host}/`)?.hostname === host
    ? host
    : undefined;
}
