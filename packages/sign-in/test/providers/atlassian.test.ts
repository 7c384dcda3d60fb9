// Atlassian: which URL people are sent to, who somebody is there, and the sites that their token is good for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atlassianProvider } from '../../src/providers/atlassian.ts';
import { leaving, now, refusedFor, returned, rigged, type Answers } from './rigged.ts';

const app = {
  id: 'atlassian',
  title: 'Atlassian',
  callbackPath: '/atlassian/callback',
  clientId: 'app',
  clientSecret: 'app-secret',
};
const token = 'https://auth.atlassian.com/oauth/token';
const me = 'https://api.atlassian.com/me';
const resources = 'https://api.atlassian.com/oauth/token/accessible-resources';
const mia = {
  account_type: 'atlassian',
  account_status: 'active',
  account_id: '112233aa',
  email: 'mia@example.com',
  name: 'Mia',
  nickname: 'mia',
};
const site = {
  id: 'cloud-1',
  name: 'Site',
  url: 'https://your-domain.atlassian.net',
  scopes: ['read:jira-work'],
  avatarUrl: 'x',
};

const good: Answers = {
  [token]: { access_token: 'a1', refresh_token: 'r1', expires_in: 3600, scope: 'read:me offline_access' },
  [me]: mia,
  [resources]: [site],
};

const atlassian = (answers: Answers = good, scopes?: readonly string[]) => {
  const { fetch, asked } = rigged(answers);
  return { provider: atlassianProvider({ ...app, scopes }, { fetch }), asked };
};
const finish = (answers: Answers) => atlassian(answers).provider.finish(returned('code=c'));

describe('Atlassian is left for', () => {
  it('with its audience, the consent page, and what tells who somebody is', async () => {
    const url = new URL(await atlassian().provider.begin(leaving));
    assert.equal(url.origin + url.pathname, 'https://auth.atlassian.com/authorize');
    assert.equal(url.searchParams.get('audience'), 'api.atlassian.com');
    assert.equal(url.searchParams.get('prompt'), 'consent');
    assert.equal(url.searchParams.get('response_type'), 'code');
    assert.equal(url.searchParams.get('scope'), 'read:me offline_access');
    assert.ok(!url.href.includes('app-secret'));
  });

  it('with read:me also where the operator forgot it, once', async () => {
    const scopeOf = async (scopes: readonly string[]) =>
      new URL(await atlassian(good, scopes).provider.begin(leaving)).searchParams.get('scope');
    assert.equal(await scopeOf(['read:jira-work']), 'read:me read:jira-work');
    assert.equal(await scopeOf(['read:me', 'offline_access']), 'read:me offline_access');
  });
});

describe('whoever comes back from Atlassian', () => {
  it('is known by the account id, and is of the sites that the token is good for', async () => {
    const { identity, tokens } = await finish(good);
    assert.deepEqual(
      [identity.issuer, identity.subject, identity.username],
      ['https://api.atlassian.com', '112233aa', 'mia'],
    );
    assert.deepEqual(identity.organizations, ['your-domain.atlassian.net', 'cloud-1']);
    assert.equal(tokens.refresh_token, 'r1');
  });

  it('has an address that counts as verified only where Atlassian says so', async () => {
    assert.equal((await finish(good)).identity.emailVerified, false);
    assert.equal(
      (await finish({ ...good, [me]: { ...mia, email_verified: true } })).identity.emailVerified,
      true,
    );
    assert.equal(
      (await finish({ ...good, [me]: { ...mia, email_verified: 'true' } })).identity.emailVerified,
      false,
    );
  });

  it('is refused with an account that is closed, or of a help desk’s customer', async () => {
    for (const account of [
      { account_status: 'closed' },
      { account_status: 'inactive' },
      { account_type: 'customer' },
    ])
      await assert.rejects(
        finish({ ...good, [me]: { ...mia, ...account } }),
        refusedFor('upstream_account_unfit'),
      );
  });

  it('is refused when it cannot be told who it is, or of which sites', async () => {
    for (const answer of [403, [], {}, { account_id: '' }, { account_id: 5 }, '<html>'])
      await assert.rejects(finish({ ...good, [me]: answer }), refusedFor('upstream_userinfo_unusable'));
    await assert.rejects(
      finish({ ...good, [resources]: '<html>' }),
      refusedFor('upstream_userinfo_unusable'),
    );
    assert.equal((await finish({ ...good, [resources]: 403 })).identity.organizations, undefined);
    assert.deepEqual((await finish({ ...good, [resources]: [] })).identity.organizations, []);
  });

  it('is refused when the code or the app is', async () => {
    const said = (error: string) => finish({ ...good, [token]: { error } });
    await assert.rejects(said('invalid_grant'), refusedFor('upstream_code_refused'));
    await assert.rejects(said('access_denied'), refusedFor('upstream_misconfigured'));
    await assert.rejects(
      atlassian().provider.finish(returned('error=access_denied')),
      refusedFor('upstream_denied'),
    );
  });
});

describe('Atlassian otherwise', () => {
  it('gives new tokens for old', async () => {
    const { provider, asked } = atlassian({
      [token]: { access_token: 'a2', refresh_token: 'r2', expires_in: 3600 },
    });
    assert.equal((await provider.refresh?.('r1', now, 'account-1'))?.refresh_token, 'r2');
    assert.match(String(asked[0]?.asked.body), /grant_type=refresh_token&refresh_token=r1&/);
  });

  it('is there when its API wants to know who asks', async () => {
    const [finding] = await atlassian({ [me]: 401 }).provider.check(now);
    assert.deepEqual(finding, { state: 'ok', says: 'api.atlassian.com answers' });
  });
});
