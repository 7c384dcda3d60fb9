// Access tokens that people make on /account for programs that cannot do OAuth.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { addResourceServer } from '@sallyport/authorization-server';
import { digest, isRecognisableToken, recognisableToken } from '@sallyport/crypto';
import { openStorage, PERSONAL_ACCESS_TOKENS, type Storage } from '@sallyport/storage';
import { formOf, openBrowserAt, pageOf, type Browser, type Page } from './house/browser.ts';
import { askMcp, askToken, authorizationUrl, connect, EMAIL, PASSWORD } from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { call } from './program/call.ts';
import { temporaryFolder } from './program/run.ts';

const GRACE = 'grace@example.com';
const MINUTE = 60;
const DAY = 24 * 3600;

async function openHouseOfTwo(options: HouseOptions = {}): Promise<House & AsyncDisposable> {
  const house = await openHouse(options);
  await house.addPerson(EMAIL, PASSWORD);
  await house.addPerson(GRACE, PASSWORD);
  return { ...house, [Symbol.asyncDispose]: () => house.close() };
}

async function signIn(house: House, email = EMAIL): Promise<Browser> {
  const browser = openBrowserAt(house);
  await browser.submit(pageOf(await browser.open('/sign-in')), { email, password: PASSWORD });
  return browser;
}

const at = async (browser: Browser, path = '/account'): Promise<Page> => pageOf(await browser.open(path));

const words = ({ html }: Page): string =>
  html
    .replace(/^[\s\S]*<main>|<\/main>[\s\S]*$/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])/g, '$1');

const tokenIn = ({ html }: Page): string | undefined => /<pre data-copy[^>]*>([^<]*)/.exec(html)?.[1];

const given = { name: 'Backup script', days: '30', 'scope:read': 'on' };

/** Fills in the form as it stands, but for what is said. */
async function make(
  browser: Browser,
  fields: Record<string, string> = given,
  path = '/account/new-token',
): Promise<{ page: Page; token: string }> {
  const page = pageOf(await browser.submit(await at(browser, path), fields));
  const token = tokenIn(page);
  assert.ok(token, words(page));
  return { page, token };
}

function hrefOf({ html }: Page, pattern: RegExp): string {
  const found = [...html.matchAll(/href="([^"]+)"/g)]
    .map(([, href]) => href!)
    .find((href) => pattern.test(href));
  assert.ok(found, `no link ${pattern} in ${html}`);
  return found.replaceAll('&amp;', '&');
}

const callTool = (house: House, token: string, name: string, args: object = {}) =>
  askMcp(house, token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });

const twoServers = (name: string, isDefault: boolean) =>
  ({ name, title: `The ${name}`, path: `/mcp/${name}`, toolset: 'records', default: isDefault }) as const;

describe('a personal access token', () => {
  it('is made for one server, with what was chosen, shown once, and works at the gate like any other', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    assert.match(
      words(await at(browser)),
      /Access tokens For a program that cannot send you here to be asked/,
    );
    const form = await at(browser, hrefOf(await at(browser), /new-token/));
    assert.match(words(form), /For Records. Whoever has it acts as ada@example\.com\./);
    const { page, token } = await make(browser);
    assert.ok(isRecognisableToken('sallyport_pat_', token), token);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(words(page), /“ Backup script ”, for Records, expires on/);
    const body = (await (await askMcp(house, token)).json()) as { result: { tools: unknown[] } };
    assert.ok(body.result.tools.length > 0);
    assert.equal((await callTool(house, token, 'get_user_profile')).status, 200);
    const stepUp = await callTool(house, token, 'create_user_item', { name: 'a' });
    assert.equal(stepUp.status, 403);
    assert.match(stepUp.headers.get('www-authenticate')!, /insufficient_scope/);
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await house.ask('/api/v1/user/items', { headers })).status, 200);
    const validated = await house.ask('/oauth/validate', { method: 'POST', headers });
    const { expires_at } = (await validated.json()) as { expires_at: string };
    assert.equal(Date.parse(expires_at) / 1000, house.clock.now + 30 * DAY);
    // Nowhere again, and nowhere in the log.
    assert.ok(!(await at(browser)).html.includes(token));
    assert.ok(!JSON.stringify(house.events).includes(token.slice('sallyport_pat_'.length)));
    assert.match(words(await at(browser)), /Backup script May use Records to: .* not used yet · expires on/);
  });

  it('ends when it is revoked, at once, and nobody else can do that', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const { token } = await make(browser);
    const kept = await make(browser, { ...given, name: 'Another' });
    const href = hrefOf(await at(browser), /revoke-token/);
    const grace = await signIn(house, GRACE);
    assert.equal((await at(grace, href)).url.pathname, '/account');
    assert.doesNotMatch(words(await at(grace)), /Another|Backup/);
    const [ada] = await house.storage.listUsers().then((all) => all.filter(({ email }) => email === EMAIL));
    const newest = (
      await house.storage.listPersonalAccessTokens({ userId: ada!.id, now: house.clock.now })
    ).find(({ name }) => name === 'Backup script')!;
    const question = await at(browser, `/account/revoke-token?token=${newest.id}`);
    assert.match(words(question), /Revoke “Backup script”\?/);
    assert.equal((await askMcp(house, token)).status, 200, 'asking ends nothing');
    const wrong = pageOf(await browser.submit(question, { csrf: 'x' }));
    assert.equal(wrong.status, 403);
    assert.equal((await askMcp(house, token)).status, 200);
    const done = pageOf(await browser.submit(question, {}));
    assert.match(words(done), /“Backup script” no longer works\./);
    const refused = await askMcp(house, token);
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate')!, /invalid_token/);
    assert.equal((await askMcp(house, kept.token)).status, 200);
    // The second of two clicks.
    assert.equal(pageOf(await browser.submit(question, {})).url.pathname, '/account');
  });

  it('expires', async () => {
    await using house = await openHouseOfTwo();
    const { token } = await make(await signIn(house));
    house.clock.now += 30 * DAY - 1;
    assert.equal((await askMcp(house, token)).status, 200);
    house.clock.now += 1;
    assert.equal((await askMcp(house, token)).status, 401);
    await house.storage.sweep({ now: house.clock.now + 1, unusedClientsBefore: 0, limit: 100 });
    assert.doesNotMatch(words(await at(await signIn(house))), /Backup script/);
  });

  it('submitted twice, is made once and shown both times; after it was revoked, not again', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const form = await at(browser, '/account/new-token');
    const answers = await Promise.all([1, 2].map(() => browser.submit(form, given)));
    const [first, second] = answers.map((answer) => tokenIn(pageOf(answer)));
    assert.ok(first);
    assert.equal(first, second);
    const other = tokenIn(pageOf(await browser.submit(form, { ...given, name: 'Another' })));
    assert.notEqual(other, first);
    const made = house.events.filter(({ event }) => event === 'personal_token_made');
    assert.equal(made.length, 2);
    const [one] = await house.storage
      .listPersonalAccessTokens({ now: house.clock.now })
      .then((all) => all.filter(({ name }) => name === given.name));
    await browser.submit(await at(browser, `/account/revoke-token?token=${one!.id}`), {});
    const again = pageOf(await browser.submit(form, given));
    assert.equal(again.status, 409);
    assert.match(words(again), /made before, and no longer works/);
    assert.equal((await askMcp(house, first)).status, 401);
  });

  it('is not shown again to who signs in later, not even with the form that made it', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const form = await at(browser, '/account/new-token');
    const first = tokenIn(pageOf(await browser.submit(form, given)));
    const page = await at(browser, '/sign-in?again=1');
    await browser.submit(page, { email: EMAIL, password: PASSWORD });
    const second = tokenIn(pageOf(await browser.submit(form, given)));
    assert.ok(second);
    assert.notEqual(second, first);
  });
});

describe('making one', () => {
  it('needs a sign-in of the last quarter of an hour, and comes back from it', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const form = await at(browser, '/account/new-token');
    house.clock.now += 15 * MINUTE + 1;
    const signInPage = await at(browser, '/account/new-token');
    assert.equal(signInPage.url.pathname, '/sign-in');
    assert.match(words(signInPage), /Sign in once more For what you are about to do, show that it is you\./);
    assert.match(signInPage.html, /value="ada@example\.com"/);
    // What was posted without such a form does not get one by being refused.
    for (const csrf of ['', 'x']) {
      const refused = pageOf(await browser.submit(form, { ...given, csrf }));
      assert.equal(refused.url.pathname, '/sign-in');
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
    const crossing = await browser.request('/account/new-token', { method: 'POST', headers, body: 'name=a' });
    assert.match(crossing.headers.get('location') ?? '', /^\/sign-in\?/);
    // A form that was shown in time may take a while.
    const unnamed = pageOf(await browser.submit(form, { ...given, name: '' }));
    assert.match(words(unnamed), /Give it a name/);
    assert.ok(tokenIn(pageOf(await browser.submit(form, given))));
    house.clock.now += 15 * MINUTE;
    assert.equal(pageOf(await browser.submit(form, given)).url.pathname, '/sign-in');
    assert.equal(pageOf(await browser.submit(form, { ...given, csrf: 'x' })).url.pathname, '/sign-in');
    const back = pageOf(await browser.submit(signInPage, { email: EMAIL, password: PASSWORD }));
    assert.equal(back.url.pathname, '/account/new-token');
    assert.ok(tokenIn(pageOf(await browser.submit(back, given))));
  });

  it('is refused in words at the form, which keeps what was typed', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const cases: readonly [Record<string, string>, number, RegExp][] = [
      [{ ...given, name: ' ' }, 400, /Give it a name/],
      [{ ...given, name: 'x'.repeat(61) }, 400, /Give it a name/],
      [{ name: 'Backup', days: '30' }, 400, /at least one thing/],
      [{ name: 'Backup', days: '30', 'scope:admin': 'on' }, 400, /at least one thing/],
      [{ ...given, days: '366' }, 400, /times until it expires/],
      [{ ...given, days: '30.0' }, 400, /times until it expires/],
      [{ ...given, days: '-30' }, 400, /times until it expires/],
      [{ ...given, csrf: 'x' }, 403, /open for too long/],
    ];
    for (const [fields, status, sentence] of cases) {
      const page = pageOf(await browser.submit(await at(browser, '/account/new-token'), fields));
      assert.equal(page.status, status, JSON.stringify(fields));
      assert.match(words(page), sentence);
      assert.equal(tokenIn(page), undefined);
      if (fields['name']!.startsWith('B')) assert.match(page.html, /value="Backup/);
    }
    assert.deepEqual(await house.storage.listPersonalAccessTokens({ now: house.clock.now }), []);
    const { action, fields } = formOf(await at(browser, '/account/new-token'));
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
    const body = new URLSearchParams({ ...fields, ...given }).toString();
    const forged = await browser.request(action, { method: 'POST', headers, body });
    assert.equal(forged.status, 403);
  });

  it('takes a name as text, on one line', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    await make(browser, { ...given, name: '<b>a\u202e</b>\r\nb' });
    const page = await at(browser);
    assert.match(page.html, /&lt;b&gt;a &lt;\/b&gt; b/);
    const [token] = await house.storage.listPersonalAccessTokens({ now: house.clock.now });
    assert.equal(token!.name, '<b>a </b> b');
  });

  it('asks first for which server, where there are several, and the token is for that one alone', async () => {
    await using house = await openHouseOfTwo({
      configure: (config) => ({ ...config, servers: [twoServers('one', true), twoServers('two', false)] }),
    });
    const browser = await signIn(house);
    const choice = await at(browser, '/account/new-token');
    assert.match(words(choice), /Which server is it for\? The one The two/);
    const { token } = await make(browser, given, hrefOf(choice, /server=.*two/));
    const [kept] = await house.storage.listPersonalAccessTokens({ now: house.clock.now });
    assert.equal(kept!.resource, `${house.origin}/mcp/two`);
    const call = (path: string) =>
      house.ask(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
    assert.equal((await call('/mcp/two')).status, 200);
    assert.equal((await call('/mcp/one')).status, 401);
    const form = await at(browser, hrefOf(choice, /server=.*two/));
    const elsewhere = { ...form, html: form.html.replaceAll('mcp%2Ftwo', 'mcp%2Fthree') };
    const unknown = pageOf(await browser.submit(elsewhere, given));
    assert.equal(unknown.status, 400);
    assert.match(words(unknown), /There is no such server here/);
  });

  it('is bounded for each person', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    for (let made = 0; made < 50; made += 1) await make(browser, { ...given, name: `Script ${made}` });
    const page = pageOf(await browser.submit(await at(browser, '/account/new-token'), given));
    assert.equal(page.status, 409);
    assert.match(words(page), /as many tokens as one person may have/);
    await make(await signIn(house, GRACE));
  });

  it('offers no longer than the operator allows', async () => {
    const daysOffered = async (max: string) => {
      await using house = await openHouseOfTwo({
        environment: { SALLYPORT_TOKENS_PERSONAL_MAX_LIFETIME_DAYS: max },
      });
      const { html } = await at(await signIn(house), '/account/new-token');
      return [...html.matchAll(/type="radio"\s+value="(\d+)"\s+required\s*(checked)?/g)].map(
        ([, days, checked]) => `${days}${checked ? ' chosen' : ''}`,
      );
    };
    assert.deepEqual(await daysOffered('7'), ['7 chosen']);
    assert.deepEqual(await daysOffered('60'), ['30', '60 chosen']);
    assert.deepEqual(await daysOffered('365'), ['30', '90 chosen', '365']);
    assert.deepEqual(await daysOffered('1000'), ['30', '90 chosen', '365', '1000']);
  });

  it('can be switched off, and then those that were made mean nothing either', async () => {
    const environment = { SALLYPORT_TOKENS_PERSONAL_ENABLED: 'false' };
    await using house = await openHouseOfTwo();
    const { token } = await make(await signIn(house));
    const asked = { storageUrl: 'sqlite::memory:', environment, secrets: house.secrets };
    // The same store, behind a house that has them switched off.
    await using off = await openHouseOfTwo({ ...asked, rig: () => house.storage, now: house.clock.now });
    assert.equal((await askMcp(off, token)).status, 401);
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await off.ask('/oauth/validate', { method: 'POST', headers })).status, 401);
    assert.equal((await askMcp(house, token)).status, 200);
    const browser = await signIn(off);
    assert.doesNotMatch(words(await at(browser)), /Access tokens|New access token/);
    assert.equal((await at(browser, '/account/new-token')).url.pathname, '/account');
  });
});

describe('what else ends them, and what does not', () => {
  it('a new password and a sign-out everywhere leave them, and say so; removing all access does not', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const { token } = await make(browser);
    assert.match(words(await at(browser)), /Apps stay connected, and access tokens go on working\./);
    await signIn(house);
    await browser.submit(await at(browser), {}, '/account/end-other-sessions');
    await browser.submit(await at(browser, '/account/password'), {
      current_password: PASSWORD,
      new_password: 'another good password',
    });
    assert.equal((await askMcp(house, token)).status, 200);
    const question = await at(browser, '/account/remove-all-access');
    assert.match(words(question), /The access tokens that you made end as well\./);
    await browser.submit(question, {});
    assert.equal((await askMcp(house, token)).status, 401);
    assert.doesNotMatch(words(await at(browser)), /Backup script/);
  });

  it('the end of the account is theirs', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const { token } = await make(browser);
    await browser.submit(await at(browser, '/account/delete'), { confirmation: PASSWORD });
    assert.equal((await askMcp(house, token)).status, 401);
  });

  it('an app that is removed takes none along, and none is listed as an app', async () => {
    await using house = await openHouseOfTwo();
    const { browser } = await connect(house);
    const { token } = await make(browser);
    const account = await at(browser);
    assert.equal(account.html.match(/Remove access</g)?.length, 1);
    await browser.submit(await at(browser, hrefOf(account, /remove-access/)), {});
    assert.equal((await askMcp(house, token)).status, 200);
  });
});

describe('the client that they are granted to', () => {
  it('is none: nobody can ask for access, tokens, or anything else in its name', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const { token } = await make(browser);
    const client_id = PERSONAL_ACCESS_TOKENS;
    const page = pageOf(await browser.open(authorizationUrl({ client_id }).url));
    assert.equal(page.status, 400);
    assert.match(page.html, /This app is not known here/);
    for (const form of [
      {
        grant_type: 'authorization_code',
        code: 'x',
        code_verifier: 'x',
        redirect_uri: 'https://example.com/',
      },
      { grant_type: 'refresh_token', refresh_token: token },
      { grant_type: 'client_credentials' },
    ]) {
      const response = await askToken(house, { ...form, client_id });
      assert.equal(response.status, 401);
      assert.equal(((await response.json()) as { error: string }).error, 'invalid_client');
    }
    for (const path of ['/oauth/revoke', '/oauth/introspect']) {
      const body = new URLSearchParams({ client_id, token });
      assert.equal((await house.ask(path, { method: 'POST', body })).status, 401, path);
    }
    assert.equal((await house.ask(`/api/oauth/client-info/${client_id}`)).status, 404);
    assert.equal((await askMcp(house, token)).status, 200);
  });

  it('is named in the steps of logins, up to the first tool call', async () => {
    await using house = await openHouseOfTwo();
    const { token } = await make(await signIn(house));
    await callTool(house, token, 'get_user_profile');
    await house.noteLogins();
    const steps = await house.storage.listLoginEvents(10);
    const own = steps.filter(({ clientId }) => clientId === PERSONAL_ACCESS_TOKENS);
    assert.deepEqual(
      own.map(({ event }) => event),
      ['token_issued', 'tool_called'],
    );
  });
});

describe('introspection', () => {
  it('tells a server elsewhere what such a token means, until it is revoked', async () => {
    await using house = await openHouseOfTwo();
    const resource = `${house.origin}/mcp`;
    const guard = await addResourceServer(house.storage, { introspects: [resource] }, house.clock.now);
    const { token } = await make(await signIn(house));
    const introspect = async () => {
      const basic = btoa(`${guard.client.client_id}:${guard.client_secret}`);
      const response = await house.ask('/oauth/introspect', {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams({ token }),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const [kept] = await house.storage.listPersonalAccessTokens({ now: house.clock.now });
    assert.deepEqual(await introspect(), {
      active: true,
      iss: house.origin,
      sub: kept!.userId,
      aud: resource,
      client_id: PERSONAL_ACCESS_TOKENS,
      scope: 'read',
      token_type: 'Bearer',
      iat: house.clock.now,
      exp: house.clock.now + 30 * DAY,
      grant_id: kept!.id,
    });
    await house.storage.removePersonalAccessToken({ ...kept!, now: house.clock.now });
    assert.deepEqual(await introspect(), { active: false });
  });
});

describe('sallyport tokens', () => {
  const add = async (storage: Storage, userId: string, token: string, now: number) =>
    storage.addPersonalAccessToken({
      token: {
        id: digest(token).slice(0, 22),
        userId,
        name: `of ${userId}`,
        resource: 'http://localhost:8000/mcp',
        scope: ['read'],
        createdAt: now,
        expiresAt: now + DAY,
      },
      digest: digest(token),
      maxOfPerson: 9,
      traceId: 'trace',
    });
  const tokenOf = (n: number) => recognisableToken('sallyport_pat_', new Uint8Array(24).fill(n));

  it('lists them to the operator, and revokes one by its id or by itself, or all of a person', async (t) => {
    const cwd = temporaryFolder(t);
    const now = Math.floor(Date.now() / 1000);
    const input = PASSWORD;
    for (const email of [EMAIL, GRACE])
      assert.equal((await call(['users', 'add', email], { cwd, input })).code, 0);
    assert.match((await call(['tokens', 'list'], { cwd })).stdout, /There is no such token/);
    const storage = await openStorage(`sqlite:${join(cwd, 'data', 'sallyport.db')}`);
    t.after(() => storage.close());
    const [ada, grace] = await storage.listUsers();
    for (const [n, user] of [ada, ada, grace, grace].entries()) await add(storage, user!.id, tokenOf(n), now);
    const live = async () => (await storage.listPersonalAccessTokens({ now })).length;

    const all = await call(['tokens', 'list'], { cwd });
    assert.match(all.stdout, /^Id +Person +Name +Server +Scopes +Expires/);
    assert.equal(all.stdout.match(/ada@example\.com/g)?.length, 2);
    assert.ok(!all.stdout.includes('sallyport_pat_'));
    const json = await call(['tokens', 'list', '--user', GRACE, '--json'], { cwd });
    const rows = JSON.parse(json.stdout) as Record<string, unknown>[];
    assert.deepEqual(
      rows.map(({ user, scope }) => [user, scope]),
      [
        [GRACE, ['read']],
        [GRACE, ['read']],
      ],
    );

    const [first] = rows;
    const byId = await call(['tokens', 'revoke', String(first!['id'])], { cwd });
    assert.match(byId.stdout, /Revoked “of .*” of grace@example\.com\./);
    assert.equal(await live(), 3);
    const found = tokenOf(0);
    const itself = await call(['tokens', 'revoke', found], { cwd });
    assert.match(itself.stdout, /of ada@example\.com/);
    assert.ok(!itself.stdout.includes(found));
    assert.equal(await live(), 2);
    await call(['tokens', 'revoke', '--user', EMAIL], { cwd });
    assert.equal(await live(), 1);

    const failures: readonly [readonly string[], number, RegExp][] = [
      [[found], 1, /does not work here: it expired, was revoked/],
      [[found.slice(0, -1)], 1, /not whole/],
      [['none'], 1, /There is no token none/],
      [[], 2, /Name one token, or one person/],
      [['none', '--user', EMAIL], 2, /Name one token, or one person/],
      [['--user', 'nobody@example.com'], 1, /There is no account/],
    ];
    for (const [args, code, sentence] of failures) {
      const ended = await call(['tokens', 'revoke', ...args], { cwd });
      assert.equal(ended.code, code, args.join(' '));
      assert.match(ended.stderr, sentence);
      assert.ok(!ended.stderr.includes('sallyport_pat_'));
    }
    assert.equal(await live(), 1);
  });
});
