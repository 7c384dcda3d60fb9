// Where each provider leaves the standard: what its row makes of the configuration, of the request and of claims.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isRefusal } from '@sallyport/protocol';
import { json } from '../../../guarded-fetch/test/world.ts';
import { openIdRows } from '../../src/providers/openid-rows.ts';
import type { OpenIdRow, OpenIdSettings } from '../../src/providers/openid/row.ts';
import type { Leaving } from '../../src/providers/provider.ts';
import { comeBack, ISSUER, leave, MANY_TENANTS, NOW, openDouble, type Double } from './double.ts';

const rowOf = (kind: string): OpenIdRow =>
  openIdRows.find((row) => row.kind === kind) ?? assert.fail(`there is no ${kind}`);

describe('the issuer', () => {
  const tenant = '11111111-2222-4333-8444-555555555555';
  const at = (kind: string, keys: Partial<OpenIdSettings>) => {
    const { discovery, issuer } = rowOf(kind).issuerOf(keys) ?? {};
    return [discovery, issuer];
  };
  const twice = (issuer: string) => [issuer, issuer];

  it('of Google is its own', () => assert.deepEqual(at('google', {}), twice('https://accounts.google.com')));

  it('of Entra is that of the tenant, or the pattern of all', () => {
    const ofTenant = `https://login.microsoftonline.com/${tenant}/v2.0`;
    assert.deepEqual(at('entra', { tenant }), twice(ofTenant));
    assert.deepEqual(at('entra', { tenant: tenant.toUpperCase() }), twice(ofTenant));
    for (const many of ['common', 'organizations'])
      assert.deepEqual(at('entra', { tenant: many }), [
        `https://login.microsoftonline.com/${many}/v2.0`,
        'https://login.microsoftonline.com/{tenantid}/v2.0',
      ]);
    const personal = twice('https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0');
    assert.deepEqual(at('entra', { tenant: 'consumers' }), personal);
    assert.deepEqual(at('entra', { tenant: 'example.com' }), [undefined, undefined]);
  });

  it('of Okta and Auth0 is their domain, with a slash for Auth0', () => {
    assert.deepEqual(at('okta', { domain: 'dev.okta.com' }), twice('https://dev.okta.com'));
    assert.deepEqual(at('auth0', { domain: 'x.eu.auth0.com' }), twice('https://x.eu.auth0.com/'));
  });

  it('of Keycloak is that of the realm', () => {
    for (const url of ['https://kc.example.com', 'https://kc.example.com/'])
      assert.deepEqual(at('keycloak', { url, realm: 'main' }), twice('https://kc.example.com/realms/main'));
    assert.deepEqual(at('keycloak', { realm: 'main' }), [undefined, undefined]);
  });

  it('is the one that is written, wherever there is one', () => {
    for (const { kind } of openIdRows)
      assert.deepEqual(at(kind, { issuer: 'https://a.example.com/x' }), twice('https://a.example.com/x'));
  });
});

describe('at the provider', () => {
  let double: Double;
  beforeEach(async () => {
    double = await openDouble();
  });
  afterEach(() => double.close());

  const parametersOf = async (
    kind: string,
    settings: Partial<OpenIdSettings>,
    more: Partial<Leaving> = {},
  ) => {
    const { searchParams } = await leave(double.provider(settings, kind), NOW, more);
    return (name: string) => searchParams.get(name);
  };
  const identityOf = async (
    kind: string,
    claims: Double['claims'],
    settings: Partial<OpenIdSettings> = {},
  ) => {
    double.claims = claims;
    double.userinfo = { sub: 'person-1' };
    return (await comeBack(double.provider(settings, kind))).identity;
  };

  it('Google gives tokens that last for access_type, and knows no prompt=login', async () => {
    const asked = await parametersOf('google', { offlineAccess: true });
    assert.deepEqual([asked('access_type'), asked('prompt')], ['offline', 'consent']);
    assert.equal(asked('scope'), 'openid profile email');
    const again = await parametersOf('google', {}, { again: true });
    assert.deepEqual(
      [again('prompt'), again('max_age'), again('access_type')],
      ['select_account', null, null],
    );
  });

  it('somebody may choose another account, in the words of the provider', async () => {
    const switchAccount = true;
    for (const [kind, prompt] of [
      ['google', 'select_account'],
      ['entra', 'select_account'],
      ['okta', 'login'],
      ['oidc', 'login'],
    ] as const) {
      const asked = await parametersOf(kind, {}, { switchAccount });
      assert.deepEqual([asked('prompt'), asked('max_age')], [prompt, null], kind);
    }
  });

  it('Google lets in people of one domain, by the claim and not by the hint', async () => {
    const settings = { hostedDomain: 'example.com' };
    assert.equal((await parametersOf('google', settings))('hd'), 'example.com');
    assert.deepEqual((await identityOf('google', { hd: 'example.com' }, settings)).organizations, [
      'example.com',
    ]);
    for (const hd of [undefined, 'example.net', ['example.com'], 'Example.com'])
      await assert.rejects(
        identityOf('google', { hd }, settings),
        (failure) => isRefusal(failure) && failure.reason === 'upstream_claim_differs',
      );
  });

  it('Google vouches for addresses of its own, and of its customers', async () => {
    for (const [claims, verified] of [
      [{ email: 'me@gmail.com', email_verified: true }, true],
      [{ email: 'me@example.com', email_verified: true, hd: 'example.com' }, true],
      [{ email: 'me@example.com', email_verified: true }, false],
      [{ email: 'me@gmail.com', email_verified: false }, false],
      [{ email: 'me@notgmail.com', email_verified: true }, false],
    ] as const)
      assert.equal((await identityOf('google', claims)).emailVerified, verified, JSON.stringify(claims));
  });

  it('Entra vouches for no address by itself, and tells the tenant', async () => {
    for (const [claims, verified] of [
      [{ email_verified: true }, false],
      [{ email_verified: undefined }, false],
      [{ xms_edov: true }, true],
      [{ xms_edov: '1' }, true],
      [{ xms_edov: false }, false],
      [{ xms_edov: 'false' }, false],
    ] as const)
      assert.equal((await identityOf('entra', claims)).emailVerified, verified, JSON.stringify(claims));
    assert.deepEqual((await identityOf('entra', { tid: 't-1' })).organizations, ['t-1']);
    assert.equal((await parametersOf('entra', { offlineAccess: true }))('prompt'), null);
    assert.equal((await parametersOf('entra', {}))('resource'), null);
  });

  it('Entra is not asked for UserInfo, which knows no more', async () => {
    await identityOf('entra', { email: undefined, name: undefined });
    assert.ok(!double.world.requests.some((url) => url.endsWith('/userinfo')));
  });

  it('Entra signs for each tenant with keys of that tenant', async () => {
    const tid = '11111111-2222-4333-8444-555555555555';
    const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0';
    const iss = issuer.replace('{tenantid}', tid);
    const endpoints = {
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
    };
    const path = '/common/v2.0/.well-known/openid-configuration';
    double.answer(path, json({ issuer, ...endpoints }), MANY_TENANTS);
    const signIn = (keyIssuer: string | undefined, claims = {}) => {
      double.answer('/jwks', json({ keys: [{ ...double.signsWith.jwk, issuer: keyIssuer }] }));
      return identityOf('entra', { iss, tid, ...claims }, { tenant: 'common', issuer: undefined });
    };
    for (const own of [undefined, issuer, iss]) assert.equal((await signIn(own)).issuer, iss);
    const other = issuer.replace('{tenantid}', '99999999-2222-4333-8444-555555555555');
    for (const [attempt, reason] of [
      [() => signIn(other), 'id_token_key_unknown'],
      [() => signIn(issuer, { iss: other }), 'id_token_issuer_wrong'],
      [() => signIn(issuer, { tid: undefined }), 'id_token_issuer_wrong'],
    ] as const)
      await assert.rejects(attempt(), (failure) => isRefusal(failure) && failure.reason === reason);
  });

  it('Auth0 is told the API that the access token is for', async () => {
    assert.equal((await parametersOf('auth0', { audience: 'https://api' }))('audience'), 'https://api');
    assert.equal((await parametersOf('auth0', {}))('audience'), null);
    assert.deepEqual((await identityOf('auth0', { org_id: 'org_1' })).organizations, ['org_1']);
  });

  it('Keycloak tells roles inside of others', async () => {
    const claims = { realm_access: { roles: ['admin', 'user'] } };
    const { groups } = await identityOf('keycloak', claims, { groupsClaim: 'realm_access.roles' });
    assert.deepEqual(groups, ['admin', 'user']);
  });
});
