// Whether a sign-in is fresh: what no whole house can show with one clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PausedAuthorization } from '@sallyport/storage';
import { whatIsMissing } from '../src/authorize/missing.ts';
import type { CheckedAuthorization } from '../src/authorize/steps.ts';
import type { AuthorizationServerOptions } from '../src/options.ts';

const now = 1_800_000_000;
const agreed = {
  storage: { findConsent: async () => ({ scope: [] }) },
} as unknown as AuthorizationServerOptions;
const asked = {
  client: { client_id: 'client', metadata: { token_endpoint_auth_method: 'none' } },
  redirect: { kind: 'web', origin: 'https://client.example.com' },
  resource: { resource: 'https://mcp.example.com/mcp', scopes: [] },
  scope: [],
} as unknown as CheckedAuthorization;

function missing(
  given: Partial<CheckedAuthorization>,
  signedIn: { readonly signIn: string; readonly signedInAt: number; readonly provenAt?: number },
  found: { readonly signIn?: string } = { signIn: 'old' },
) {
  const person = { id: 'ada', email: 'ada@example.com', name: 'Ada', ...signedIn };
  const paused = { createdAt: now } as PausedAuthorization;
  return whatIsMissing(
    { ...asked, prompt: [], ...given },
    person,
    { ...found, paused, isChosen: false },
    agreed,
    now,
  );
}

describe('a sign-in', () => {
  const login = { prompt: ['login'] } as const;

  it('is fresh when it is another than the pause found, and no older', async () => {
    assert.equal(await missing(login, { signIn: 'new', signedInAt: now }), undefined);
    assert.equal(await missing(login, { signIn: 'new', signedInAt: now + 600 }), undefined);
    assert.equal(await missing(login, { signIn: 'new', signedInAt: now }, {}), undefined);
  });

  it('is not when it is the same, however young', async () => {
    for (const signedInAt of [now - 1, now, now + 1])
      assert.equal(await missing(login, { signIn: 'old', signedInAt }), 'fresh_sign_in_required');
  });

  it('is not when it is another, but from before: a cookie that was put back', async () => {
    for (const found of [{ signIn: 'old' }, {}])
      assert.equal(
        await missing(login, { signIn: 'older', signedInAt: now - 31 }, found),
        'fresh_sign_in_required',
      );
    assert.equal(
      await missing({ prompt: ['select_account'] }, { signIn: 'older', signedInAt: now - 31 }),
      'account_choice_required',
    );
  });

  it('at a provider counts from when that saw the person, and never where it does not say', async () => {
    const atProvider = (provenAt: number) => ({ signIn: 'new', signedInAt: now, provenAt });
    assert.equal(await missing(login, atProvider(now)), undefined);
    for (const provenAt of [0, now - 3600]) {
      assert.equal(await missing(login, atProvider(provenAt)), 'fresh_sign_in_required');
      assert.equal(await missing({ maxAgeSeconds: 60 }, atProvider(provenAt)), 'fresh_sign_in_required');
    }
    assert.equal(await missing({ maxAgeSeconds: 3601 }, atProvider(now - 3600)), undefined);
    // Whoever went there to be another account has said which one they are.
    assert.equal(await missing({ prompt: ['select_account'] }, atProvider(0)), undefined);
  });

  it('may be noted by an instance whose clock is behind', async () => {
    assert.equal(await missing(login, { signIn: 'new', signedInAt: now - 30 }), undefined);
    assert.equal(
      await missing({ prompt: [], maxAgeSeconds: 5 }, { signIn: 'new', signedInAt: now - 30 }),
      undefined,
    );
  });

  it('is recent by max_age also when its clock is ahead', async () => {
    assert.equal(await missing({ maxAgeSeconds: 5 }, { signIn: 'old', signedInAt: now + 20 }), undefined);
    assert.equal(
      await missing({ maxAgeSeconds: 5 }, { signIn: 'old', signedInAt: now - 6 }),
      'fresh_sign_in_required',
    );
  });
});
