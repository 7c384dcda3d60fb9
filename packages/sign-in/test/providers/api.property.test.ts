// Whatever an API answers: somebody with a subject of their own, or a refusal of this room, and never anything else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '@sallyport/protocol';
import { atlassianProvider } from '../../src/providers/atlassian.ts';
import { frontendApiOf } from '../../src/providers/clerk.ts';
import { githubProvider } from '../../src/providers/github.ts';
import type { UpstreamProvider } from '../../src/providers/provider.ts';
import { refusals } from '../../src/refusals.ts';
import { returned, rigged, type Answers } from './rigged.ts';

const app = {
  id: 'it',
  title: 'It',
  callbackPath: '/it/callback',
  clientId: 'app',
  clientSecret: 'app-secret',
};
const tokens = { access_token: 'token', token_type: 'bearer' };

/** Near the mark more often than not, so that it gets far. */
const near = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record(members, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.constantFrom(401, 403, 404, 500, '<html>') },
  );
const anything = fc.oneof(fc.string(), fc.integer(), fc.jsonValue());
const listOf = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.oneof(fc.array(near(members), { maxLength: 5 }), fc.jsonValue());

async function judge(provider: UpstreamProvider): Promise<void> {
  try {
    const { identity } = await provider.finish(returned('code=c'));
    assert.match(identity.subject, /./);
    assert.equal(typeof identity.emailVerified, 'boolean');
    if (identity.emailVerified) assert.match(identity.email ?? '', /^[^@\s]+@[^@\s]+$/);
    for (const name of identity.organizations ?? []) assert.equal(typeof name, 'string');
    if (identity.picture !== undefined) assert.match(identity.picture, /^https:/);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    assert.ok(Object.hasOwn(refusals, error.reason), error.reason);
  }
}

describe('whatever the API answers', () => {
  it('GitHub', async () => {
    const api = 'https://api.github.com';
    await fc.assert(
      fc.asyncProperty(
        near({ id: fc.oneof(fc.nat(), anything), login: anything, name: anything, avatar_url: anything }),
        listOf({ email: fc.oneof(fc.emailAddress(), anything), primary: fc.boolean(), verified: anything }),
        listOf({ login: anything }),
        async (user, emails, orgs) => {
          const answers: Answers = {
            'https://github.com/login/oauth/access_token': tokens,
            [`${api}/user`]: user,
            [`${api}/user/emails?per_page=100`]: emails,
            [`${api}/user/orgs?per_page=100&page=1`]: orgs,
          };
          await judge(githubProvider({ ...app, asksOrganizations: true }, { fetch: rigged(answers).fetch }));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('Atlassian', async () => {
    const api = 'https://api.atlassian.com';
    await fc.assert(
      fc.asyncProperty(
        near({
          account_id: fc.oneof(fc.uuid(), anything),
          account_status: fc.oneof(fc.constant('active'), anything),
          account_type: fc.oneof(fc.constant('atlassian'), anything),
          email: fc.oneof(fc.emailAddress(), anything),
          email_verified: anything,
          name: anything,
          picture: anything,
        }),
        listOf({ id: fc.oneof(fc.uuid(), anything), url: fc.oneof(fc.webUrl(), anything), name: anything }),
        async (person, sites) => {
          const answers: Answers = {
            'https://auth.atlassian.com/oauth/token': tokens,
            [`${api}/me`]: person,
            [`${api}/oauth/token/accessible-resources`]: sites,
          };
          await judge(atlassianProvider(app, { fetch: rigged(answers).fetch }));
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('whatever is taken for a publishable key of Clerk names a host and nothing more', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.webUrl(),
    fc.webAuthority({ withPort: true, withUserInfo: true }),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom('pk_test_', 'pk_live_', 'sk_live_', ''), (text, prefix) => {
      const host = frontendApiOf(`${prefix}${Buffer.from(`${text}$`).toString('base64')}`);
      if (host === undefined) return;
      assert.equal(host, text);
      assert.equal(new URL(`https://${host}`).origin, `https://${host}`);
    }),
  );
});
