// Okta. https://developer.okta.com/docs/concepts/auth-servers/
import { standard, type OpenIdRow } from './openid/row.ts';

export const okta: OpenIdRow = {
  ...standard,
  kind: 'okta',

  // The organization's own server is the domain itself. A custom one, such as `/oauth2/default`, is written as the issuer.
  issuerOf({ domain, issuer = domain === undefined ? undefined : `https://${domain}` }) {
    return issuer === undefined ? undefined : { discovery: issuer, issuer };
  },

  // The scope is enough (https://developer.okta.com/docs/guides/refresh-tokens/main/).
  offline: { scope: 'offline_access' },
};
