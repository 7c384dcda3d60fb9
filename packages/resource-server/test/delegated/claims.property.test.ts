// Whatever an issuer puts into a token or says of one: it is a caller or a refusal, and a caller only when the token names
// this server, has not ended, and is of somebody.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRefusal, type Caller } from '@sallyport/protocol';
import fc from 'fast-check';
import { foreignCaller } from '../../src/delegated/claims.ts';
import { ordinaryClientIdClaims } from '../../src/delegated/issuer.ts';
import { CLOCK_SKEW_SECONDS, MAX_SUBJECT_CHARACTERS } from '../../src/limits.ts';
import { claims, issuer, now, resource } from './issuer.ts';

const expected = {
  issuer,
  resource,
  audiences: [resource],
  acceptsNoAudience: false,
  clientIdClaims: ordinaryClientIdClaims,
};

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(resource, [resource], `${resource}/`, now, now + 1, now - 1, String(now + 60), '', null),
);
const names = ['aud', 'exp', 'nbf', 'sub', 'client_id', 'azp', 'scope', 'scp', 'typ', 'token_use', 'nonce'];
const others = ['at_hash', 'cnf', 'events', 'email', 'email_verified', 'name', 'iss', 'act'];
const changes = fc.dictionary(fc.constantFrom(...names, ...others), odd, { maxKeys: 6 });

function judged(said: Record<string, unknown>, acceptsNoAudience: boolean): Caller | undefined {
  try {
    return foreignCaller(said, { ...expected, acceptsNoAudience }, now);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return undefined;
  }
}

describe('claims of any kind', () => {
  it('are refused, or those of a token for this server', () => {
    let letIn = 0;
    fc.assert(
      fc.property(changes, fc.boolean(), (changed, acceptsNoAudience) => {
        const said: Record<string, unknown> = { ...claims, ...changed };
        const caller = judged(said, acceptsNoAudience);
        if (caller === undefined) return;
        letIn += 1;
        const { aud, exp, nbf, sub, cnf, at_hash } = said;
        const named = [aud].flat().filter((one) => one !== undefined && one !== null);
        assert.ok(named.includes(resource) || (acceptsNoAudience && named.length === 0));
        assert.ok(typeof exp === 'number' && exp > now && caller.expiresAt === exp);
        assert.ok(nbf === undefined || (typeof nbf === 'number' && nbf <= now + CLOCK_SKEW_SECONDS));
        assert.ok(typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT_CHARACTERS);
        assert.equal(caller.sub, sub);
        assert.ok(cnf === undefined && at_hash === undefined);
        assert.ok(caller.client_id !== '' && typeof caller.client_id === 'string');
        assert.ok(caller.scope.every((name) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)));
        assert.equal(caller.foreign?.emailVerified === true && said['email_verified'] !== true, false);
      }),
      { numRuns: 3000 },
    );
    assert.ok(letIn > 100, 'hardly anything was let in, so hardly anything was shown');
  });
});
