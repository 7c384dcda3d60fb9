// Microsoft Entra ID, endpoints of version 2.0. https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
// RFC 8707's `resource` is never sent: with scopes of version 2.0 it is refused (AADSTS9010010).
import { standard, type OpenIdRow } from './openid/row.ts';

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of personal accounts (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference, `iss`). */
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';
/** Of several tenants; their metadata has a pattern in place of the issuer. */
const manyTenants: readonly string[] = ['common', 'organizations'];
const pattern = '{tenantid}';

const at = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`;

export const entra: OpenIdRow = {
  ...standard,
  kind: 'entra',

  // A tenant by its domain name is not taken: the metadata would name the tenant id, another issuer than was asked for.
  issuerOf({ tenant, issuer }) {
    if (issuer !== undefined) return { discovery: issuer, issuer };
    if (tenant === undefined) return undefined;
    if (manyTenants.includes(tenant))
      return {
        discovery: at(tenant),
        issuer: at(pattern),
        // https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer: `tid` is a GUID, `iss` is
        // the pattern with it, and so is the issuer of the key.
        placeholder: { text: pattern, claim: 'tid', pattern: guid },
      };
    const id = tenant === 'consumers' ? consumers : tenant.toLowerCase();
    return guid.test(id) ? { discovery: at(id), issuer: at(id) } : undefined;
  },

  // The scope is enough (https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-offline_access-scope).
  offline: { scope: 'offline_access' },

  // https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-the-sign-in-request, `prompt`.
  switchAccount: { prompt: 'select_account' },

  // `email` "isn't guaranteed to be correct and is mutable over time" (id-token-claims-reference): whoever administers any
  // tenant can write anybody's address into it. The optional claim `xms_edov` says that the owner of the address's domain was
  // verified (https://learn.microsoft.com/entra/identity-platform/optional-claims-reference).
  vouchesForEmail: ({ xms_edov }) =>
    xms_edov === true || xms_edov === 'true' || xms_edov === 1 || xms_edov === '1',

  // Known again by `sub`, which is "immutable and can't be reassigned or reused" and of the person, the tenant and this
  // application together (id-token-claims-reference, "Use claims to reliably identify a user"). `oid` would outlive another
  // application id, and would let two applications compare their people.
  organizationClaims: ['tid'],

  // "The information in an ID token is a superset" (https://learn.microsoft.com/entra/identity-platform/userinfo).
  hasUserInfo: false,
};
