// The providers that are OpenID Providers: one row each, and one for any other.
import { auth0 } from './auth0.ts';
import { clerk } from './clerk.ts';
import { entra } from './entra.ts';
import { google } from './google.ts';
import { keycloak } from './keycloak.ts';
import { okta } from './okta.ts';
import { standard, type OpenIdRow } from './openid/row.ts';

const anyOther: OpenIdRow = {
  ...standard,
  kind: 'oidc',
  issuerOf: ({ issuer }) => (issuer === undefined ? undefined : { discovery: issuer, issuer }),
  registration: { namesScopes: true },
};

export const openIdRows: readonly OpenIdRow[] = [google, entra, okta, auth0, keycloak, clerk, anyOther];
