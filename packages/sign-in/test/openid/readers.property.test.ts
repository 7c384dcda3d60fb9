// Whatever a provider sends, reading it ends in something that is used as it should be, or in a refusal: nothing is thrown
// that nobody has a page for, and nothing of boundless size is kept.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '@sallyport/protocol';
import { identityOf, valueAt } from '../../src/providers/openid/claims.ts';
import { readMetadata } from '../../src/providers/openid/metadata.ts';
import { openIdRows } from '../../src/providers/openid-rows.ts';

const issuer = 'https://id.example.com';
const settings = { id: 'x', title: 'X', callbackPath: '/x/callback', clientId: 'c', issuer };

/** @returns undefined when it was refused; anything else that is thrown is a fault */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (failure) {
    if (isRefusal(failure)) return undefined;
    throw failure;
  }
}

const url = fc.oneof(
  fc.webUrl(),
  fc.constantFrom(`${issuer}/x`, 'javascript:alert(1)', 'http://127.0.0.1/', 'x', ''),
);
const anything = fc.oneof(url, fc.jsonValue(), fc.constant(undefined));

describe('metadata', () => {
  const names = [
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    'userinfo_endpoint',
    'token_endpoint_auth_methods_supported',
    'scopes_supported',
    'authorization_response_iss_parameter_supported',
  ];
  const right = Object.fromEntries(names.slice(0, 3).map((name) => [name, `${issuer}/${name}`]));
  const changes = fc.dictionary(fc.constantFrom('issuer', ...names), anything, { maxKeys: 3 });

  it('is by this issuer and has URLs, or is refused', () => {
    let read = 0;
    fc.assert(
      fc.property(changes, (changed) => {
        const document = { issuer, ...right, ...changed };
        const metadata = attempt(() => readMetadata(Buffer.from(JSON.stringify(document)), issuer));
        if (metadata === undefined) return;
        read += 1;
        assert.equal(document.issuer, issuer);
        const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata;
        for (const endpoint of [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint])
          assert.ok(endpoint === undefined || URL.canParse(endpoint), String(endpoint));
        const { token_endpoint_auth_methods_supported: methods, scopes_supported = [] } = metadata;
        assert.ok([...methods, ...scopes_supported].every((one) => typeof one === 'string'));
        assert.equal(typeof metadata.authorization_response_iss_parameter_supported, 'boolean');
      }),
      { numRuns: 2000 },
    );
    assert.ok(read > 200, `${read} were read`);
  });

  it('that is no such document at all is refused', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom('<html>', '[]', 'null'));
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((one) => Buffer.from(one)),
          fc.uint8Array(),
        ),
        (bytes) => {
          assert.equal(
            attempt(() => readMetadata(bytes, issuer)),
            undefined,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('claims', () => {
  const said = [
    'email',
    'email_verified',
    'name',
    'preferred_username',
    'nickname',
    'picture',
    'groups',
    'hd',
    'tid',
    'org_id',
    'xms_edov',
    'realm_access',
    '_claim_names',
  ];
  const values = fc.oneof(
    anything,
    fc.constantFrom(true, 'true', 'Me@Example.com', 'me@gmail.com', ['a', 'b'], { roles: ['r'] }),
    fc.constant('x'.repeat(3000)),
  );
  const claims = fc.dictionary(fc.constantFrom(...said), values, { maxKeys: 8 });

  it('make somebody whose every word is a text of bounded length', () => {
    const groupsClaims = fc.constantFrom('groups', 'realm_access.roles', undefined);
    fc.assert(
      fc.property(fc.constantFrom(...openIdRows), groupsClaims, claims, (row, groupsClaim, its) => {
        const judged = { issuer, subject: 'person-1', claims: its, authenticatedAt: undefined };
        const about = { provider: 'x', row, settings: { ...settings, groupsClaim } };
        const identity = attempt(() => identityOf(judged, its, about));
        if (identity === undefined) return;
        const { email, emailVerified, name, username, picture, organizations = [], groups = [] } = identity;
        for (const word of [email, name, username, ...organizations, ...groups])
          assert.ok(word === undefined || (word.length > 0 && word.length <= 256));
        assert.ok(picture === undefined || (picture.startsWith('https:') && picture.length <= 2048));
        assert.ok(!emailVerified || (email !== undefined && /^[^@]+@[^@]+$/.test(email)));
        if (row.kind === 'entra') assert.ok(!emailVerified || its['xms_edov'] !== undefined);
        else assert.ok(!emailVerified || [true, 'true'].includes(its['email_verified'] as string));
        assert.deepEqual([identity.issuer, identity.subject], [issuer, 'person-1']);
      }),
      { numRuns: 3000 },
    );
  });

  it('are found by name or path, and nothing that every object has is one', () => {
    fc.assert(
      fc.property(claims, fc.string(), (its, name) => {
        const value = valueAt(its, name);
        assert.ok(value === undefined || JSON.stringify(its).includes(JSON.stringify(value)));
      }),
    );
    for (const name of ['constructor', 'toString', '__proto__', 'groups.length', 'email.constructor.name'])
      assert.equal(valueAt({ groups: ['a'], email: 'x' }, name), undefined, name);
  });
});
