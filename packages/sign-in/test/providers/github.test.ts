// GitHub: which URL people are sent to, who somebody is there, and what is not believed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeChallengeOf } from '@sallyport/crypto';
import { refuse } from '../../../guarded-fetch/src/refusals.ts';
import { githubProvider, type GitHubSettings } from '../../src/providers/github.ts';
import {
  code_verifier,
  leaving,
  now,
  redirect_uri,
  refusedFor,
  returned,
  rigged,
  type Answers,
} from './rigged.ts';

const app = {
  id: 'github',
  title: 'GitHub',
  callbackPath: '/github/callback',
  clientId: 'app',
  clientSecret: 'app-secret',
};
const token = 'https://github.com/login/oauth/access_token';
const api = 'https://api.github.com';
const emails = `${api}/user/emails?per_page=100`;

const good: Answers = {
  [token]: { access_token: 'gho_1', token_type: 'bearer', scope: 'read:user,user:email' },
  [`${api}/user`]: {
    id: 583231,
    login: 'ada',
    name: 'Ada Example',
    avatar_url: 'https://avatars.example.com/u/1',
    email: 'public@example.com',
  },
  [emails]: [
    { email: 'other@example.com', primary: false, verified: true },
    { email: 'Ada@example.com', primary: true, verified: true },
  ],
};

function github(answers: Answers = good, settings: Partial<GitHubSettings> = {}) {
  const { fetch, asked } = rigged(answers);
  return { provider: githubProvider({ ...app, ...settings }, { fetch }), asked };
}

const finish = (answers: Answers, settings?: Partial<GitHubSettings>) =>
  github(answers, settings).provider.finish(returned('code=c'));

const withOrganizations = {
  access_token: 'gho_1',
  token_type: 'bearer',
  scope: 'read:org,read:user,user:email',
};

describe('GitHub is left for', () => {
  it('with PKCE and the scopes that signing in needs', async () => {
    const url = new URL(await github().provider.begin(leaving));
    assert.equal(url.origin + url.pathname, 'https://github.com/login/oauth/authorize');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      response_type: 'code',
      client_id: 'app',
      redirect_uri,
      scope: 'read:user user:email',
      state: 's',
      code_challenge: codeChallengeOf(code_verifier),
      code_challenge_method: 'S256',
    });
    assert.ok(!url.href.includes(code_verifier) && !url.href.includes('app-secret'));
  });

  it('with read:org only where organizations are asked for, a hint, and the account picker for who is to prove it again', async () => {
    const { provider } = github(good, { asksOrganizations: true });
    const { searchParams } = new URL(await provider.begin({ ...leaving, login_hint: 'ada', again: true }));
    assert.equal(searchParams.get('scope'), 'read:user user:email read:org');
    assert.equal(searchParams.get('login'), 'ada');
    assert.equal(searchParams.get('prompt'), 'select_account');
  });

  it('at the address of an enterprise, whose API is elsewhere', async () => {
    for (const [url, apiUrl] of [
      ['https://github.example.com/', 'https://github.example.com/api/v3'],
      ['https://octocorp.ghe.com', 'https://api.octocorp.ghe.com'],
    ] as const) {
      const base = url.replace(/\/$/, '');
      const answers = {
        [`${base}/login/oauth/access_token`]: good[token],
        [`${apiUrl}/user`]: good[`${api}/user`],
        [`${apiUrl}/user/emails?per_page=100`]: good[emails],
      };
      const { provider } = github(answers, { url });
      assert.ok((await provider.begin(leaving)).startsWith(`${base}/login/oauth/authorize?`));
      const { identity } = await provider.finish(returned('code=c'));
      assert.deepEqual([identity.issuer, identity.subject], [base, '583231']);
    }
  });
});

describe('whoever comes back from GitHub', () => {
  it('is known by the number of the account, with the primary address that GitHub verified', async () => {
    const { provider, asked } = github();
    const { identity, tokens } = await provider.finish(returned('code=c'));
    assert.deepEqual(identity, {
      provider: 'github',
      issuer: 'https://github.com',
      subject: '583231',
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada Example',
      username: 'ada',
      picture: 'https://avatars.example.com/u/1',
      organizations: undefined,
    });
    assert.equal(tokens.access_token, 'gho_1');
    const [exchange, ...questions] = asked;
    assert.deepEqual(Object.fromEntries(new URLSearchParams(exchange?.asked.body)), {
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri,
      code_verifier,
      client_id: 'app',
      client_secret: 'app-secret',
    });
    assert.equal(exchange?.asked.headers['accept'], 'application/json');
    assert.ok(questions.every(({ asked: one }) => one.headers['authorization'] === 'Bearer gho_1'));
  });

  it('has no verified address when the primary one is not, whichever others are', async () => {
    const unverified = [
      { email: 'ada@example.com', primary: true, verified: false },
      { email: 'b@example.com', primary: false, verified: true },
    ];
    const { identity } = await finish({ ...good, [emails]: unverified });
    assert.deepEqual([identity.email, identity.emailVerified], ['ada@example.com', false]);
  });

  it('has no address at all when the app may not read it; the public one of the profile is not asked', async () => {
    for (const refused of [403, 404, []]) {
      const { identity } = await finish({ ...good, [emails]: refused });
      assert.deepEqual([identity.email, identity.emailVerified], [undefined, false]);
    }
  });

  it('is of the organizations that all pages name, in lower case', async () => {
    const page = (number: number) => `${api}/user/orgs?per_page=100&page=${number}`;
    const many = Array.from({ length: 100 }, (_, index) => ({ login: `Org-${index}` }));
    const { identity } = await finish(
      { ...good, [token]: withOrganizations, [page(1)]: many, [page(2)]: [{ login: 'Example' }] },
      { asksOrganizations: true },
    );
    const { organizations = [] } = identity;
    assert.equal(organizations.length, 101);
    assert.deepEqual([organizations[0], organizations[100]], ['org-0', 'example']);
    const endless = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [page(index + 1), many]));
    await assert.rejects(
      finish({ ...good, [token]: withOrganizations, ...endless }, { asksOrganizations: true }),
      refusedFor('upstream_groups_missing'),
    );
  });

  it('is of unknown organizations where they cannot be read, which is not to be of none', async () => {
    const { identity } = await finish({ ...good, [token]: withOrganizations }, { asksOrganizations: true });
    assert.equal(identity.organizations, undefined);
    const partly = { ...good, [`${api}/user/orgs?per_page=100&page=1`]: [{ login: 'public' }] };
    const withoutScope = await finish(partly, { asksOrganizations: true });
    assert.equal(withoutScope.identity.organizations, undefined);
  });

  it('is refused for what GitHub says instead, which comes with status 200', async () => {
    const said = (error: string) => finish({ ...good, [token]: { error, error_description: 'no' } });
    await assert.rejects(said('bad_verification_code'), refusedFor('upstream_code_refused'));
    await assert.rejects(said('incorrect_client_credentials'), refusedFor('upstream_misconfigured'));
    await assert.rejects(said('redirect_uri_mismatch'), refusedFor('upstream_misconfigured'));
    await assert.rejects(said('unverified_user_email'), refusedFor('upstream_email_unverified'));
    await assert.rejects(
      github().provider.finish(returned('error=access_denied')),
      refusedFor('upstream_denied'),
    );
  });

  it('is nobody without a number that is one', async () => {
    for (const id of [undefined, '583231', 0, -1, 1.5, 2 ** 60, null])
      await assert.rejects(
        finish({ ...good, [`${api}/user`]: { id, login: 'ada' } }),
        refusedFor('upstream_userinfo_unusable'),
        String(id),
      );
  });

  it('can come again when GitHub is down, slow, or answers HTML', async () => {
    const at = (answer: unknown) => finish({ ...good, [`${api}/user`]: answer });
    await assert.rejects(at(503), refusedFor('upstream_unavailable'));
    await assert.rejects(at(429), refusedFor('upstream_unavailable'));
    await assert.rejects(at(refuse('fetch_timed_out')), refusedFor('upstream_unavailable'));
    await assert.rejects(at('<html>'), refusedFor('upstream_userinfo_unusable'));
    await assert.rejects(at(401), refusedFor('upstream_userinfo_unusable'));
    await assert.rejects(finish({ ...good, [token]: '<html>' }), refusedFor('upstream_unavailable'));
  });
});

describe('GitHub that has been asked too much', () => {
  const organizations = `${api}/user/orgs?per_page=100&page=1`;

  it('says so with status 403 too, which is not to be without organizations or address', async () => {
    for (const header of [{ 'x-ratelimit-remaining': '0' }, { 'retry-after': '60' }])
      for (const url of [`${api}/user`, emails, organizations])
        await assert.rejects(
          finish(
            { ...good, [token]: withOrganizations, [organizations]: [], [url]: new Headers(header) },
            { asksOrganizations: true },
          ),
          refusedFor('upstream_unavailable'),
          `${url} ${JSON.stringify(header)}`,
        );
    const left = new Headers({ 'x-ratelimit-remaining': '4999' });
    const { identity } = await finish({ ...good, [emails]: left });
    assert.equal(identity.email, undefined);
  });
});

describe('GitHub otherwise', () => {
  it('gives new tokens for old, where the app has such', async () => {
    const answers = { [token]: { access_token: 'gho_2', refresh_token: 'ghr_2', expires_in: 28_800 } };
    const { provider, asked } = github(answers);
    const tokens = await provider.refresh?.('ghr_1', now, '1');
    assert.deepEqual(
      [tokens?.access_token, tokens?.refresh_token, tokens?.expiresAt],
      ['gho_2', 'ghr_2', now + 28_800],
    );
    assert.match(String(asked[0]?.asked.body), /grant_type=refresh_token&refresh_token=ghr_1&/);
  });

  it('is there when its API wants to know who asks', async () => {
    const { provider, asked } = github({ [`${api}/user`]: 401 });
    assert.deepEqual(await provider.check(now), [{ state: 'ok', says: 'api.github.com answers' }]);
    assert.ok(asked.every(({ asked: one }) => !JSON.stringify(one).includes('app-secret')));
    for (const answer of [200, 404, '<html>', refuse('host_unreachable')]) {
      const [finding] = await github({ [`${api}/user`]: answer }).provider.check(now);
      assert.equal(finding?.state, 'fail');
    }
  });
});

describe('a token of GitHub', () => {
  // As https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token has it.
  const endpoint = `${api}/applications/app/token`;
  const tokens = { access_token: 'gho_1', refresh_token: 'ghr_1' };

  it('is deleted by the app itself, and no other token with it', async () => {
    const { provider, asked } = github({ [endpoint]: 204 });
    assert.equal(await provider.revoke?.(tokens, now), 'revoked');
    const [{ url, asked: one } = assert.fail(), ...others] = asked;
    assert.deepEqual([url, one.method, one.body], [endpoint, 'DELETE', '{"access_token":"gho_1"}']);
    assert.equal(one.headers['authorization'], `Basic ${Buffer.from('app:app-secret').toString('base64')}`);
    assert.equal(one.headers['accept'], 'application/vnd.github+json');
    assert.deepEqual(others, []);
    const enterprise = github(
      { 'https://ghe.example/api/v3/applications/app/token': 204 },
      { url: 'https://ghe.example' },
    );
    assert.equal(await enterprise.provider.revoke?.(tokens, now), 'revoked');
  });

  it('that is not there is done with, and anything else is tried again', async () => {
    assert.equal(await github({ [endpoint]: 404 }).provider.revoke?.(tokens, now), 'not_there');
    for (const status of [401, 403, 422, 429, 500])
      await assert.rejects(
        github({ [endpoint]: status }).provider.revoke?.(tokens, now) ?? assert.fail(),
        refusedFor('upstream_unavailable'),
      );
  });
});
