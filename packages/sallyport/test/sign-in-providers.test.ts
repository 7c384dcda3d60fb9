// Each provider as somebody else built it again, through the whole house: an app's login is sent there and comes back, the
// person agrees, the token calls a tool. What the provider gave is in the vault, and is no token here.
import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { UpstreamConfig } from '../src/config/index.ts';
import { addResourceServer } from '@sallyport/authorization-server';
import { decideAt, mia, openAtlassian, site } from './atlassian-double.ts';
import { emulate, organization, people, pressAt } from './emulated.ts';
import { common, doubledProviders, wayOf, type DoubledProvider } from './doubled-providers.ts';
import { leftTo, openBrowserAt, pageOf, type Browser } from './house/browser.ts';
import { askMcp, authorizationUrl, redeem, register, type Tokens } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const origin = 'http://localhost:8000';
const operator = { email: 'operator@example.com', password: 'correct horse battery' };

for (const row of doubledProviders) {
  describe(row.title, () => {
    let house: House;
    let provider: Awaited<ReturnType<DoubledProvider['open']>>;
    const id = row.provider;

    before(async () => {
      provider = await row.open(`${origin}/${id}/callback`);
      const way = wayOf(row, provider.way);
      house = await openHouse({
        // Real providers write the real time into what they sign.
        now: Math.floor(Date.now() / 1000),
        configure: (config) => ({ ...config, signIn: [way] }),
      });
      await house.addPerson(operator.email, operator.password);
    });
    after(async () => {
      await house.close();
      await provider.close();
    });

    /** From an app's first request to its tokens. */
    async function connect(browser: Browser = openBrowserAt(house)): Promise<Tokens> {
      const client = await register(house);
      const asked = authorizationUrl(client);
      const signIn = pageOf(await browser.open(asked.url));
      assert.match(signIn.html, new RegExp(`Continue with <bdi>${row.title}`));
      const away = leftTo(await browser.submit(signIn, {}, `/sign-in/${id}`));
      const back = await provider.pass(away.href);
      assert.ok(back.startsWith(`${origin}/${id}/callback?`), back);
      const consent = pageOf(await browser.open(back));
      const code = leftTo(await browser.submit(consent, { decision: 'allow' })).searchParams.get('code');
      return redeem(house, client, code ?? '', asked.code_verifier);
    }

    const personHere = async () => {
      const user = (await house.storage.listUsers()).find(({ email }) => email !== operator.email);
      return user ?? assert.fail('nobody was made');
    };

    test('signs a person in, who agrees, and whose token calls a tool', async () => {
      const { access_token } = await connect();
      const answer = await askMcp(house, access_token, {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_user_profile', arguments: {} },
      });
      assert.equal(answer.status, 200);
      const user = await personHere();
      if (row.email === undefined) assert.match(user.email, new RegExp(`^${id}:`));
      else assert.equal(user.email, row.email);
      const [identity, ...others] = await house.storage.listIdentities(user.id);
      assert.deepEqual(others, []);
      assert.equal(identity?.provider, id);
      assert.match(identity?.issuer ?? '', row.issuer);
    });

    test('knows them again, in another browser too', async () => {
      const user = await personHere();
      await connect();
      assert.equal((await personHere()).id, user.id);
      assert.equal((await house.storage.listUsers()).length, 2);
    });

    test('gave tokens that are in the vault and nowhere else, and that are none here', async () => {
      const user = await personHere();
      const found = await house.assembled.vault.accessToken(
        { userId: user.id, provider: id },
        house.clock.now,
      );
      assert.ok(found.outcome === 'token', JSON.stringify(found));
      const { access_token } = found;
      const authorization = `Bearer ${access_token}`;
      assert.equal((await askMcp(house, access_token)).status, 401);
      assert.equal(
        (await house.ask('/oauth/validate', { method: 'POST', headers: { authorization } })).status,
        401,
      );
      assert.equal((await house.ask('/oauth/userinfo', { headers: { authorization } })).status, 404);
      assert.equal((await house.ask('/api/v1/user/profile', { headers: { authorization } })).status, 401);
      const { client, client_secret } = await addResourceServer(
        house.storage,
        { introspects: [`${origin}/mcp`] },
        house.clock.now,
      );
      const guard = Buffer.from(`${client.client_id}:${client_secret}`).toString('base64');
      const told = await house.ask('/oauth/introspect', {
        method: 'POST',
        headers: {
          authorization: `Basic ${guard}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token: access_token }).toString(),
      });
      assert.deepEqual(await told.json(), { active: false });
      assert.ok(!JSON.stringify(house.events).includes(access_token), 'it is in no line of the log');
      const [entry] = await house.storage.listVaultEntries({ userId: user.id, provider: id });
      const sealed = Buffer.from(entry?.sealed ?? []).toString('latin1');
      assert.ok(sealed.length > access_token.length && !sealed.includes(access_token));
    });

    // The apps of the others have none to refresh.
    if (row.refreshes)
      test('refreshes them', async () => {
        const user = await personHere();
        const wanted = { userId: user.id, provider: id };
        const before = await house.assembled.vault.accessToken(wanted, house.clock.now);
        house.clock.now += 3500;
        await house.assembled.vault.refreshDue(house.clock.now);
        const then = await house.assembled.vault.accessToken(wanted, house.clock.now);
        assert.ok(before.outcome === 'token' && then.outcome === 'token', JSON.stringify(then));
        assert.notEqual(then.access_token, before.access_token);
      });

    test('is not shown our own secret for it, and the browser neither', async () => {
      const browser = openBrowserAt(house);
      const page = pageOf(await browser.open('/sign-in'));
      const away = leftTo(await browser.submit(page, {}, `/sign-in/${id}`));
      for (const text of [away.href, page.html]) assert.ok(!text.includes(provider.way.clientSecret ?? ''));
      assert.equal(away.searchParams.get('code_challenge_method'), 'S256');
    });
  });
}

/** A house where people sign in with the double of Atlassian. */
async function atAtlassian(t: TestContext, more: Partial<UpstreamConfig> = {}) {
  const double = await openAtlassian(`${origin}/atlassian/callback`);
  const { url, clientId, clientSecret } = double;
  const endpoints = { authorizationUrl: `${url}/authorize`, tokenUrl: `${url}/oauth/token`, apiUrl: url };
  const row = { provider: 'atlassian', title: 'Atlassian' } as const;
  const way = wayOf(row, { clientId, clientSecret, ...endpoints, ...more });
  const house = await openHouse({
    now: double.clock.now,
    configure: (config) => ({ ...config, signIn: [way] }),
  });
  t.after(async () => {
    await house.close();
    await double.close();
  });
  await house.addPerson(operator.email, operator.password);
  const arrive = async (browser = openBrowserAt(house)) => {
    const away = leftTo(
      await browser.submit(pageOf(await browser.open('/sign-in')), {}, '/sign-in/atlassian'),
    );
    return browser.open(await decideAt(away.href));
  };
  return { double, house, arrive };
}

test('whoever says no at Atlassian is told so, and can go on with the same login', async (t) => {
  // The site is an organization that may enter.
  const allow = { organizations: [new URL(site.url).host] };
  const { house } = await atAtlassian(t, { people: { ...common.people, allow } });
  const asked = authorizationUrl(await register(house));
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open(asked.url));
  const away = leftTo(await browser.submit(page, {}, '/sign-in/atlassian'));
  const refused = pageOf(await browser.open(await decideAt(away.href, 'cancel')));
  assert.equal(refused.status, 403);
  assert.match(refused.html, /You did not allow it there/);
  const again = leftTo(await browser.submit(refused, {}, '/sign-in/atlassian'));
  const consent = pageOf(await browser.open(await decideAt(again.href)));
  assert.match(consent.html, /Example client/);
  const [user] = (await house.storage.listUsers()).filter(({ email }) => email !== operator.email);
  assert.equal(user?.name, mia.name);
});

test('whose Atlassian site is another one is not let in', async (t) => {
  const allow = { organizations: ['other-domain.atlassian.net'] };
  const { house, arrive } = await atAtlassian(t, { people: { ...common.people, allow } });
  assert.equal(pageOf(await arrive()).status, 403);
  assert.equal((await house.storage.listUsers()).length, 1);
});

test('the refresh tokens of Atlassian are used once each, and one that nobody used for 90 days is over until the next sign-in', async (t) => {
  const { double, house, arrive } = await atAtlassian(t);
  await arrive();
  const user = (await house.storage.listUsers()).find(({ email }) => email !== operator.email);
  const wanted = { userId: user?.id ?? '', provider: 'atlassian' };
  const tokenAfter = async (seconds: number) => {
    house.clock.now += seconds;
    double.clock.now = house.clock.now;
    return house.assembled.vault.accessToken(wanted, house.clock.now);
  };
  const seen = new Set<string>();
  for (let turn = 0; turn < 4; turn += 1) {
    const found = await tokenAfter(4000);
    assert.ok(found.outcome === 'token', JSON.stringify(found));
    seen.add(found.access_token);
  }
  assert.equal(seen.size, 4, 'each rotated token was good for the next');
  assert.equal((await tokenAfter(90 * 24 * 3600)).outcome, 'dead');
  await arrive();
  assert.equal((await tokenAfter(0)).outcome, 'token');
});

for (const provider of ['github', 'atlassian'] as const)
  test(`a secret that ${provider} does not know is told to the operator, and not to the person`, async (t) => {
    const row = doubledProviders.find((one) => one.provider === provider) ?? assert.fail();
    const running = await row.open(`${origin}/${provider}/callback`);
    t.after(() => running.close());
    const way = { ...wayOf(row, running.way), clientSecret: 'not-the-secret' };
    const house = await openHouse({ configure: (config) => ({ ...config, signIn: [way] }) });
    t.after(() => house.close());
    await house.addPerson(operator.email, operator.password);
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open('/sign-in'));
    const away = leftTo(await browser.submit(page, {}, `/sign-in/${provider}`));
    const refused = pageOf(await browser.open(await running.pass(away.href)));
    assert.equal(refused.status, 500);
    assert.match(refused.html, /does not accept how this server is set up there/);
    const failed = house.events.find(({ event }) => event === 'sign_in_failed');
    assert.equal(failed?.facts['reason'], 'upstream_misconfigured');
    assert.match(String(failed?.facts['providerError']), /^(?:incorrect_client_credentials|access_denied)$/);
    assert.ok(!JSON.stringify(house.events).includes('not-the-secret'));
    assert.equal((await house.storage.listUsers()).length, 1);
  });

test('who is of the organization at GitHub is let in, and is asked for what tells it; who is not, is not', async (t) => {
  const running = await emulate('github', [`${origin}/github/callback`]);
  t.after(() => running.close());
  const { url, clientId, clientSecret } = running;
  const house = await openHouse({
    configure: (config) => ({
      ...config,
      signIn: [
        {
          ...common,
          provider: 'github',
          id: 'github',
          title: 'GitHub',
          callbackPath: '/github/callback',
          clientId,
          clientSecret,
          url,
          apiUrl: url,
          people: {
            ...common.people,
            organizationsIgnoreCase: true,
            allow: { organizations: [organization.toUpperCase()] },
          },
        },
      ],
    }),
  });
  t.after(() => house.close());
  await house.addPerson(operator.email, operator.password);
  const arrive = async (who: string) => {
    const browser = openBrowserAt(house);
    const away = leftTo(await browser.submit(pageOf(await browser.open('/sign-in')), {}, '/sign-in/github'));
    assert.equal(away.searchParams.get('scope'), 'read:user user:email read:org');
    return pageOf(await browser.open(await pressAt(away.href, who)));
  };
  assert.equal((await arrive(people.ada.email)).status, 200);
  const refused = await arrive(people.bob.email);
  assert.equal(refused.status, 403);
  assert.deepEqual(
    (await house.storage.listUsers()).map(({ email }) => email).toSorted((a, b) => a.localeCompare(b)),
    [people.ada.email, operator.email],
  );
});

test('no token is kept of a provider of which the operator wants none', async (t) => {
  const [row] = doubledProviders;
  assert.ok(row !== undefined);
  const provider = await row.open(`${origin}/${row.provider}/callback`);
  t.after(() => provider.close());
  const way = { ...wayOf(row, provider.way), storeTokens: false };
  const house = await openHouse({ configure: (config) => ({ ...config, signIn: [way] }) });
  t.after(() => house.close());
  await house.addPerson(operator.email, operator.password);
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  await browser.open(await provider.pass(leftTo(await browser.submit(page, {}, `/sign-in/${way.id}`)).href));
  const user = (await house.storage.listUsers()).find(({ email }) => email === people.ada.email);
  const wanted = { userId: user?.id ?? '', provider: way.id };
  assert.deepEqual(await house.assembled.vault.accessToken(wanted, house.clock.now), { outcome: 'none' });
});
