// Codes and refresh tokens: once means once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const {
  aCode,
  aGrant,
  anAccessToken,
  aToken,
  digestOf,
  now,
  redeem,
  rotate,
  tally,
  withCode,
  withRefreshToken,
} = samples;

export function tokenContract(open: Open): void {
  codesContract(open);
  refreshTokensContract(open);
  accessTokensContract(open);
  grantsContract(open);
}

function codesContract(open: Open): void {
  test('a code of a request without PKCE comes back as one', async (t) => {
    const { storage } = await open(t);
    await samples.withPersonAndClient(storage);
    const grant = aGrant({ id: 'grant without PKCE' });
    const { code_challenge, ...code } = aCode({ digest: digestOf('without PKCE'), grantId: grant.id });
    assert.ok(code_challenge);
    assert.equal(await storage.grantAuthorization({ grant, code, now }), 'granted');
    assert.deepEqual((await storage.findCode(code.digest))?.code, code);
    assert.equal(await storage.redeemCode(redeem({ digest: code.digest })), 'redeemed');
  });

  test('a redeemed code keeps its refresh token and lets the grant live longer', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    assert.equal(await storage.redeemCode(redeem()), 'redeemed');
    const grant = aGrant({ expiresAt: redeem().grantExpiresAt });
    assert.deepEqual(await storage.findRefreshToken(aToken().digest), { token: aToken(), grant });
    assert.deepEqual(await storage.findCode(aCode().digest), {
      code: { ...aCode(), spentAt: redeem().now },
      grant,
    });
  });

  test('a grant knows how its client authenticated when the code was redeemed, from then on', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    assert.equal((await storage.findGrant('grant-1'))?.authMethod, undefined);
    await storage.redeemCode(redeem({ authMethod: 'private_key_jwt' }));
    await storage.redeemCode(redeem({ authMethod: 'none' }));
    assert.equal((await storage.findGrant('grant-1'))?.authMethod, 'private_key_jwt');
    const found = await storage.findRefreshToken(digestOf('token-1'));
    assert.equal(found?.grant.authMethod, 'private_key_jwt');
  });

  test('a code can be redeemed without a refresh token', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    const { refreshToken: _, ...bare } = redeem();
    assert.equal(await storage.redeemCode(bare), 'redeemed');
    assert.equal(await storage.findRefreshToken(aToken().digest), undefined);
  });

  test('of 20 simultaneous redemptions one wins, and the replays end the grant', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    const answers = await tally(20, (i) =>
      storage.redeemCode(redeem({ refreshToken: aToken({ digest: digestOf(`token-${i}`) }) })),
    );
    assert.equal(answers.redeemed, 1);
    assert.equal((answers.replayed ?? 0) + (answers.dead ?? 0), 19);
    assert.ok((answers.replayed ?? 0) >= 1);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now);
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, i) => storage.findRefreshToken(digestOf(`token-${i}`))),
    );
    assert.equal(tokens.filter((token) => token !== undefined).length, 1);
    const kept = tokens.findIndex((token) => token !== undefined);
    assert.equal(await storage.rotateRefreshToken(rotate(`token-${kept}`, 'next')), 'dead');
  });

  test('a code that comes back after it expired still ends its grant', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    assert.equal(await storage.redeemCode(redeem({ now: now + 900 })), 'replayed');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 900);
    assert.equal(await storage.redeemCode(redeem({ now: now + 901 })), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 900);
  });

  test('an unknown or expired code is dead, and that ends no grant', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    assert.equal(await storage.findCode(digestOf('another')), undefined);
    assert.equal(await storage.redeemCode(redeem({ digest: digestOf('another') })), 'dead');
    assert.equal(await storage.redeemCode(redeem({ now: aCode().expiresAt })), 'dead');
    assert.deepEqual(await storage.findGrant('grant-1'), aGrant());
    assert.equal(await storage.findRefreshToken(aToken().digest), undefined);
    assert.equal(await storage.redeemCode(redeem({ now: aCode().expiresAt - 1 })), 'redeemed');
  });

  test('a code of a revoked grant is dead and stays unspent', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    await storage.revokeGrant('grant-1', now);
    assert.equal(await storage.redeemCode(redeem()), 'dead');
    assert.equal(await storage.redeemCode(redeem()), 'dead');
    assert.equal(await storage.findRefreshToken(aToken().digest), undefined);
    const grant = aGrant({ revokedAt: now });
    assert.deepEqual(await storage.findCode(aCode().digest), { code: aCode(), grant });
  });

  test('when the refresh token cannot be kept the code is not spent', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const grant = aGrant({ id: 'grant-2' });
    const code = aCode({ digest: digestOf('code-2'), grantId: 'grant-2' });
    await storage.grantAuthorization({ grant, code, now });
    await assert.rejects(storage.redeemCode(redeem({ digest: code.digest })));
    assert.deepEqual(await storage.findGrant('grant-2'), grant);
    const fresh = aToken({ digest: digestOf('token-2'), grantId: 'grant-2' });
    assert.equal(await storage.redeemCode(redeem({ digest: code.digest, refreshToken: fresh })), 'redeemed');
  });
}

function refreshTokensContract(open: Open): void {
  test('a rotated refresh token has a successor, and the grant lives longer', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const rotation = rotate('token-1', 'token-2');
    assert.equal(await storage.rotateRefreshToken(rotation), 'rotated');
    const grant = aGrant({ expiresAt: rotation.grantExpiresAt });
    assert.deepEqual(await storage.findRefreshToken(digestOf('token-2')), {
      token: rotation.successor,
      grant,
    });
    const token = aToken({ rotatedAt: rotation.now });
    assert.deepEqual(await storage.findRefreshToken(digestOf('token-1')), { token, grant });
    assert.equal(await storage.findRefreshToken(digestOf('token-3')), undefined);
  });

  test('20 simultaneous refreshes get one successor; once it is used the old token ends the grant', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const answers = await tally(20, () => storage.rotateRefreshToken(rotate('token-1', 'token-2')));
    assert.deepEqual(answers, { rotated: 1, repeated: 19 });
    assert.equal(await storage.rotateRefreshToken(rotate('token-2', 'token-3')), 'rotated');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2')), 'replayed');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 1);
    assert.equal(await storage.rotateRefreshToken(rotate('token-3', 'token-4')), 'dead');
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2')), 'dead');
    assert.equal(await storage.findRefreshToken(digestOf('token-4')), undefined);
  });

  test('a repeat writes nothing', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const first = rotate('token-1', 'token-2');
    await storage.rotateRefreshToken(first);
    const before = await storage.findRefreshToken(digestOf('token-2'));
    const later = { now: now + 100, grantExpiresAt: now + 1_000_000 };
    const successor = aToken({ digest: digestOf('token-2'), createdAt: now + 100, keyId: 'key-2' });
    const again = rotate('token-1', 'token-2', { ...later, successor });
    assert.equal(await storage.rotateRefreshToken(again), 'repeated');
    assert.deepEqual(await storage.findRefreshToken(digestOf('token-2')), before);
  });

  test('the grace ends after graceSeconds, counted from the first rotation and not from a repeat', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    const at = (seconds: number) => rotate('token-1', 'token-2', { now: now + 1 + seconds });
    assert.equal(await storage.rotateRefreshToken(at(200)), 'repeated');
    assert.equal(await storage.rotateRefreshToken(at(300)), 'repeated');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
    assert.equal(await storage.rotateRefreshToken(at(301)), 'replayed');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 302);
    assert.equal(await storage.rotateRefreshToken(rotate('token-2', 'token-3')), 'dead');
  });

  test('a repeat that asks for something else differs, and harms nothing', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    const other = rotate('token-1', 'token-2', { asked: 'records:read https://mcp.example.com/mcp' });
    assert.equal(await storage.rotateRefreshToken(other), 'differs');
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'another')), 'differs');
    assert.equal(await storage.findRefreshToken(digestOf('another')), undefined);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2')), 'repeated');
    assert.equal(await storage.rotateRefreshToken(rotate('token-2', 'token-3')), 'rotated');
    assert.equal(await storage.rotateRefreshToken(other), 'replayed');
  });

  test('an unknown or expired refresh token is dead, rotated or not, and that ends no grant', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    assert.equal(await storage.rotateRefreshToken(rotate('token-9', 'token-2')), 'dead');
    const late = { now: aToken().expiresAt, graceSeconds: 1_000_000 };
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2', late)), 'dead');
    await storage.rotateRefreshToken(rotate('token-1', 'token-2', { now: late.now - 1 }));
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2', late)), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
  });

  test('a refresh token is dead once its grant expired, rotated or not', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    const end = aGrant().expiresAt;
    await storage.redeemCode({ ...redeem(), grantExpiresAt: end });
    const late = { now: end, graceSeconds: 1_000_000 };
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2', late)), 'dead');
    const inTime = rotate('token-1', 'token-2', { now: end - 1, grantExpiresAt: end });
    assert.equal(await storage.rotateRefreshToken(inTime), 'rotated');
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2', late)), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
  });

  test('a refresh token of a revoked grant is dead and stays as it was', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.revokeGrant('grant-1', now);
    assert.equal(await storage.rotateRefreshToken(rotate('token-1', 'token-2')), 'dead');
    assert.equal(await storage.findRefreshToken(digestOf('token-2')), undefined);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now);
  });

  test('a successor belongs to the family of the token that was rotated', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const grant = aGrant({ id: 'grant-2' });
    await storage.grantAuthorization({
      grant,
      code: aCode({ digest: digestOf('c2'), grantId: 'grant-2' }),
      now,
    });
    const successor = aToken({ digest: digestOf('token-2'), grantId: 'grant-2' });
    await storage.rotateRefreshToken(rotate('token-1', 'token-2', { successor }));
    assert.equal((await storage.findRefreshToken(digestOf('token-2')))?.grant.id, 'grant-1');
  });

  test('a successor that cannot be kept leaves the token unrotated', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    await assert.rejects(storage.rotateRefreshToken(rotate('token-2', 'token-1')));
    assert.equal(await storage.rotateRefreshToken(rotate('token-2', 'token-3')), 'rotated');
  });
}

function accessTokensContract(open: Open): void {
  const accessToken = anAccessToken();

  test('an opaque access token is kept with the code that was redeemed, and found with its grant', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    assert.equal(await storage.redeemCode(redeem({ accessToken })), 'redeemed');
    const grant = await storage.findGrant('grant-1');
    assert.deepEqual(await storage.findAccessToken(accessToken.digest), { token: accessToken, grant });
    assert.equal(await storage.findAccessToken(digestOf('unknown')), undefined);
    const late = anAccessToken({ digest: digestOf('late') });
    assert.equal(await storage.redeemCode(redeem({ accessToken: late })), 'replayed');
    assert.equal(await storage.findAccessToken(late.digest), undefined);
  });

  test('an opaque access token is kept with a rotation and with each repeat of it, of that family', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    for (const [name, outcome] of Object.entries({ first: 'rotated', second: 'repeated' })) {
      const given = anAccessToken({ digest: digestOf(name), grantId: 'another' });
      assert.equal(
        await storage.rotateRefreshToken(rotate('token-1', 'token-2', { accessToken: given })),
        outcome,
      );
      assert.equal((await storage.findAccessToken(given.digest))?.grant.id, 'grant-1');
    }
    const other = anAccessToken({ digest: digestOf('other') });
    const differing = rotate('token-1', 'token-2', { accessToken: other, asked: 'something else' });
    assert.equal(await storage.rotateRefreshToken(differing), 'differs');
    assert.equal(await storage.findAccessToken(other.digest), undefined);
  });

  test('an opaque access token that cannot be kept leaves the code unspent and the token unrotated', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2', { accessToken }));
    await assert.rejects(storage.rotateRefreshToken(rotate('token-2', 'token-3', { accessToken })));
    assert.equal(await storage.findRefreshToken(digestOf('token-3')), undefined);
    assert.equal(await storage.rotateRefreshToken(rotate('token-2', 'token-3')), 'rotated');
  });

  test('an opaque access token goes with its grant, and is swept when it has expired', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    await storage.redeemCode(redeem({ accessToken }));
    await storage.revokeGrant('grant-1', now);
    assert.equal((await storage.findAccessToken(accessToken.digest))?.grant.revokedAt, now);
    await storage.sweep({ now: accessToken.expiresAt - 1, unusedClientsBefore: 0, limit: 10 });
    assert.notEqual(await storage.findAccessToken(accessToken.digest), undefined);
    await storage.sweep({ now: accessToken.expiresAt, unusedClientsBefore: 0, limit: 10 });
    assert.equal(await storage.findAccessToken(accessToken.digest), undefined);
  });

  test('an opaque access token is gone with its client', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    await storage.redeemCode(redeem({ accessToken }));
    await storage.removeClient('client-1');
    assert.equal(await storage.findAccessToken(accessToken.digest), undefined);
  });
}

function grantsContract(open: Open): void {
  test('a revoked grant stays revoked at the first time', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.revokeGrant('grant-1', now + 5);
    await storage.revokeGrant('grant-1', now + 9);
    await storage.revokeGrant('unknown', now);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 5);
    assert.equal(await storage.findGrant('unknown'), undefined);
  });

  test('a grant never lives shorter because of what is issued later', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const before = (await storage.findGrant('grant-1'))?.expiresAt;
    await storage.rotateRefreshToken(rotate('token-1', 'token-2', { grantExpiresAt: now + 60 }));
    assert.equal((await storage.findGrant('grant-1'))?.expiresAt, before);
  });

  test('a replay in one family leaves another of the same person and client alone', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    const grant = aGrant({ id: 'grant-2' });
    await storage.grantAuthorization({
      grant,
      code: aCode({ digest: digestOf('c2'), grantId: 'grant-2' }),
      now,
    });
    assert.equal(await storage.redeemCode(redeem()), 'replayed');
    assert.deepEqual(await storage.findGrant('grant-2'), grant);
  });
}
