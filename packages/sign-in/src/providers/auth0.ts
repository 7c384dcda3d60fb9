// Auth0. https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
import { standard, type OpenIdRow } from './openid/row.ts';

export const auth0: OpenIdRow = {
  ...standard,
  kind: 'auth0',

  // With its slash: `iss` is compared byte for byte.
  issuerOf({ domain, issuer = domain === undefined ? undefined : `https://${domain}/` }) {
    return issuer === undefined ? undefined : { discovery: issuer, issuer };
  },

  // The scope is enough (https://auth0.com/docs/secure/tokens/refresh-tokens/get-refresh-tokens).
  offline: { scope: 'offline_access' },

  // Which API the access token is for; without it, UserInfo alone
  // (https://auth0.com/docs/secure/tokens/access-tokens/get-access-tokens#control-access-token-audience).
  parametersOf: ({ audience }) => (audience === undefined ? {} : { audience }),

  // https://auth0.com/docs/manage-users/organizations/using-tokens
  organizationClaims: ['org_id'],
};
