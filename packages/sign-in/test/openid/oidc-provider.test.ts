// Signing in with a provider that somebody else wrote (oidc-provider), over its own pages: each way of proving who this
// server is, changed keys, tokens that are refreshed, and what a person may answer there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import { openIdProvider } from '../../src/providers/oidc.ts';
import { openIdRows } from '../../src/providers/openid-rows.ts';
import type { OpenIdSettings } from '../../src/providers/openid/row.ts';
import type { Leaving, UpstreamProvider } from '../../src/providers/provider.ts';
import { leftTo, openBrowserAt, pageOf, type Browser } from '../../../sallyport/test/house/browser.ts';
import { openOidcProvider, type RunningProvider } from './oidc-provider.ts';

const redirect_uri = 'http://localhost:8000/oidc/callback';
const client_secret = 'a secret: of/the client';
const methods = ['client_secret_basic', 'client_secret_post', 'none'] as const;

let running: RunningProvider;
before(async () => {
  running = await openOidcProvider(
    methods.map((method) => ({
      client_id: method,
      token_endpoint_auth_method: method,
      ...(method !== 'none' && { client_secret }),
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code', 'refresh_token'],
    })),
  );
});
after(() => running.close());

function providerOf(settings: Partial<OpenIdSettings> = {}): UpstreamProvider {
  const row = openIdRows.find(({ kind }) => kind === 'oidc') ?? assert.fail();
  const operator = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true });
  const named = { id: 'oidc', title: 'Example', callbackPath: '/oidc/callback' };
  const client = { clientId: 'client_secret_basic', clientSecret: client_secret };
  const all = { ...named, ...client, issuer: running.issuer, groupsClaim: 'groups', ...settings };
  return openIdProvider(row, all, { fetch: { operator, stranger: guardedFetch() }, log: () => {} });
}

const secrets = { nonce: 'nonce-1', code_verifier: 'v'.repeat(43) };

interface Went {
  readonly as?: string;
  readonly browser?: Browser;
  readonly more?: Partial<Leaving>;
  /** Epoch seconds. */
  readonly now?: number;
}

/** There, through its pages, and back. */
async function signIn(provider: UpstreamProvider, went: Went = {}) {
  const { as = 'ada', more = {}, now = Math.floor(Date.now() / 1000) } = went;
  const browser = went.browser ?? openBrowserAt({ origin: running.issuer, ask: running.ask });
  const leaving = { redirect_uri, ...secrets, state: 'state-1', again: false, now };
  let arrived = await browser.open(await provider.begin({ ...leaving, ...more }));
  for (let pages = 0; 'html' in arrived && pages < 3; pages++)
    arrived = await browser.submit(pageOf(arrived), { login: as, password: 'any' });
  const parameters = leftTo(arrived).searchParams;
  return provider.finish({ redirect_uri, ...secrets, parameters, now });
}

describe('oidc-provider', () => {
  for (const method of methods)
    it(`signs somebody in whose server proves itself by ${method}`, async () => {
      const clientSecret = method === 'none' ? undefined : client_secret;
      const authMethod = method === 'none' ? undefined : method;
      const { identity } = await signIn(providerOf({ clientId: method, clientSecret, authMethod }));
      assert.deepEqual(identity, {
        provider: 'oidc',
        issuer: running.issuer,
        subject: 'ada',
        email: 'ada@example.com',
        emailVerified: true,
        name: 'ada',
        username: undefined,
        picture: undefined,
        organizations: undefined,
        groups: ['staff', 'ada'],
      });
    });

  it('tells when somebody proved once more who they are, and asks them to', async () => {
    const browser = openBrowserAt({ origin: running.issuer, ask: running.ask });
    const provider = providerOf();
    await signIn(provider, { browser });
    const now = Math.floor(Date.now() / 1000);
    const { authenticatedAt = 0 } = await signIn(provider, { browser, more: { again: true } });
    assert.ok(authenticatedAt >= now - 1, `${authenticatedAt} is before ${now}`);
  });

  it('gives tokens that can be refreshed, when these are wanted, and refuses one that was used', async () => {
    const provider = providerOf({ offlineAccess: true });
    const { tokens } = await signIn(provider);
    const now = Math.floor(Date.now() / 1000);
    const first = tokens.refresh_token ?? assert.fail('no refresh token');
    const refreshed = await provider.refresh?.(first, now, 'ada');
    assert.notEqual(refreshed?.access_token, tokens.access_token);
    await assert.rejects(
      provider.refresh?.('not a token of it', now, 'ada') ?? Promise.resolve(),
      (failure) => isRefusal(failure) && failure.reason === 'provider_grant_refused',
    );
  });

  it('is believed by a new key at once, and by a withdrawn one no longer', async () => {
    const provider = providerOf();
    const now = Math.floor(Date.now() / 1000);
    await signIn(provider, { now });
    for (const [turn, alg] of (['ES256', 'PS256', 'EdDSA'] as const).entries()) {
      running.changeKey(alg, turn === 0 ? 'kept' : 'withdrawn');
      const { identity } = await signIn(provider, { now: now + 11 * (turn + 1) });
      assert.equal(identity.subject, 'ada', alg);
    }
  });

  it('refuses another redirect URI and a code that is used twice', async () => {
    const provider = providerOf();
    const browser = openBrowserAt({ origin: running.issuer, ask: running.ask });
    const now = Math.floor(Date.now() / 1000);
    const leaving = { redirect_uri, ...secrets, state: 'state-1', again: false, now };
    const strange = await browser.open(
      await provider.begin({ ...leaving, redirect_uri: `${redirect_uri}/x` }),
    );
    assert.equal(pageOf(strange).status, 400);
    let arrived = await browser.open(await provider.begin(leaving));
    while ('html' in arrived) arrived = await browser.submit(arrived, { login: 'ada', password: 'any' });
    const returned = { redirect_uri, ...secrets, parameters: leftTo(arrived).searchParams, now };
    // It names itself in the answer (RFC 9207).
    assert.equal(returned.parameters.get('iss'), running.issuer);
    await provider.finish(returned);
    await assert.rejects(
      provider.finish(returned),
      (failure) => isRefusal(failure) && failure.reason === 'upstream_code_refused',
    );
  });
});
