// Google. https://developers.google.com/identity/openid-connect/reference
import { saysEmailVerified, standard, type OpenIdRow } from './openid/row.ts';

const issuer = 'https://accounts.google.com';

export const google: OpenIdRow = {
  ...standard,
  kind: 'google',

  issuerOf: ({ issuer: other = issuer }) => ({
    discovery: other,
    issuer: other,
    // "accounts.google.com is also returned for legacy implementations" (reference, discovery document and ID token).
    ...(other === issuer && { spellings: ['accounts.google.com'] }),
  }),

  // There is no scope offline_access; access_type is in its place, and a refresh token comes with the first consent only
  // (https://developers.google.com/identity/protocols/oauth2/web-server#offline).
  offline: { parameters: { access_type: 'offline', prompt: 'consent' } },

  // `login` is none of the values of prompt that the reference lists; nobody can be made to type a password there, and when
  // they last did is told to apps with session age claims alone (https://developers.google.com/identity/siwg/security-bundle).
  again: { prompt: 'select_account' },
  switchAccount: { prompt: 'select_account' },

  // A hint for the choice of account alone: "Don't rely on this UI optimization to control who can access your app", so the
  // claim is demanded below (https://developers.google.com/identity/openid-connect/openid-connect#hd-param).
  parametersOf: ({ hostedDomain }) => (hostedDomain === undefined ? {} : { hd: hostedDomain }),
  demandsOf: ({ hostedDomain }) => (hostedDomain === undefined ? {} : { hd: hostedDomain }),

  // Google is authoritative for gmail.com and for the domains of Workspace (`hd`). Another address was looked at once, when
  // the account was made, and may have another owner since
  // (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token).
  vouchesForEmail: (claims, email) =>
    saysEmailVerified(claims) && (email.endsWith('@gmail.com') || typeof claims['hd'] === 'string'),

  organizationClaims: ['hd'],
};
