// Keycloak. https://www.keycloak.org/securing-apps/oidc-layers
import { standard, type OpenIdRow } from './openid/row.ts';

const at = (url: string, realm: string): string =>
  `${url.replace(/\/$/, '')}/realms/${encodeURIComponent(realm)}`;

export const keycloak: OpenIdRow = {
  ...standard,
  kind: 'keycloak',

  // Before version 17 the address of the server ends in /auth.
  issuerOf({ url, realm, issuer = url === undefined || realm === undefined ? undefined : at(url, realm) }) {
    return issuer === undefined ? undefined : { discovery: issuer, issuer };
  },

  // The scope is enough; the role `offline_access` of the person decides
  // (https://www.keycloak.org/docs/latest/server_admin/#_offline-access).
  offline: { scope: 'offline_access' },

  // https://www.keycloak.org/securing-apps/client-registration. Who names scopes gets no others of the realm, and is refused
  // for `openid`, which is none of them (https://github.com/keycloak/keycloak/issues/42339 and 50807).
  registration: { namesScopes: false },
};
