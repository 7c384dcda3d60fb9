// One trace id for a whole login: whoever reports the one on their page gives the operator everything about it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  askMcp,
  askToken,
  authorizationUrl,
  connect,
  EMAIL,
  PASSWORD,
  redeem,
  refresh,
  register,
  type Tokens,
} from '../house/client.ts';
import { leftTo, openBrowserAt, pageOf, type Page } from '../house/browser.ts';
import { openLoggedHouse } from './logged-house.ts';

const traceOf = (answer: Pick<Page, 'headers'>): string => answer.headers.get('sallyport-trace') ?? 'none';

interface Told {
  readonly event: string;
  readonly route?: string;
  readonly reason?: string;
  readonly status?: number;
}

describe('a login', () => {
  it('has one trace id from the registration to the tool calls: on every page, and on every line of the log', async () => {
    const house = await openLoggedHouse('info');
    const client = await register(house);
    const traceId = (await house.storage.findClient(client.client_id))!.traceId;
    const browser = openBrowserAt(house);
    const asked = authorizationUrl(client);
    const pages: Page[] = [];
    const keep = (page: Page): Page => {
      pages.push(page);
      return page;
    };

    const signIn = keep(pageOf(await browser.open(asked.url)));
    const wrong = keep(pageOf(await browser.submit(signIn, { email: EMAIL, password: 'not this one' })));
    assert.equal(wrong.status, 403);
    const stale = keep(
      pageOf(await browser.submit(wrong, { email: EMAIL, password: PASSWORD, csrf: 'none' })),
    );
    const signUp = /href="(\/sign-up[^"]*)"/.exec(stale.html)![1]!.replaceAll('&amp;', '&');
    keep(pageOf(await browser.open(signUp)));
    const consent = keep(pageOf(await browser.submit(stale, { email: EMAIL, password: PASSWORD })));
    keep(pageOf(await browser.submit(consent, { decision: 'perhaps' })));
    const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
    const code = back.searchParams.get('code')!;
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code };
    const refused = await askToken(house, { ...form, code_verifier: 'x'.repeat(43) });
    assert.equal(refused.status, 400);
    keep(pageOf(await browser.open(consent.url.href)));
    const tokens = await redeem(house, client, code, asked.code_verifier);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    assert.equal((await house.ask('/api/v1/user/profile', { headers })).status, 200);

    assert.equal(pages.length, 7);
    assert.deepEqual(
      new Set(pages.map((page) => traceOf(page))),
      new Set([traceId]),
      pages.map((page) => `${page.url.pathname} ${traceOf(page)}`).join('\n'),
    );
    for (const page of pages.filter(({ status }) => status >= 400 && status !== 403))
      assert.ok(page.html.includes(traceId), `${page.url.pathname} shows it`);
    assert.equal(traceOf(refused), traceId);

    const found = house.lines().filter((line) => line['traceId'] === traceId) as readonly Told[];
    const story = found.map(({ event, route, reason, status }) =>
      [event, route ?? reason, status].filter((part) => part !== undefined).join(' '),
    );
    assert.deepEqual(
      story,
      [
        'client_registered',
        'authorization_asked',
        'request /oauth/authorize 303',
        'request /sign-in 200',
        'sign_in_failed credentials_wrong',
        'request /sign-in 403',
        'sign_in_failed form_stale',
        'request /sign-in 403',
        'request /sign-up 200',
        'signed_in',
        'request /sign-in 303',
        'request /oauth/authorize/resume 200',
        'request /oauth/authorize/resume 403',
        'authorization_granted',
        'request /oauth/authorize/resume 303',
        'refused code_verifier_mismatch',
        'request /oauth/token 400',
        'refused authorization_decided',
        'request /oauth/authorize/resume 409',
        'tokens_issued',
        'request /oauth/token 200',
        'mcp_request /mcp 200',
        'request /api/v1/user/profile 200',
      ].toSpliced(1, 0, 'request /oauth/register 201'),
    );
    const others = house.lines().filter((line) => line['traceId'] !== traceId);
    assert.deepEqual(others, [], 'nothing of the login is elsewhere');
    await house.close();
  });

  it('keeps it through refreshes and refusals, to the end', async () => {
    const house = await openLoggedHouse('info');
    const { client, tokens } = await connect(house);
    const traceId = (await house.storage.findClient(client.client_id))!.traceId;
    const refreshed = (await (await refresh(house, client, tokens.refresh_token)).json()) as Tokens;
    assert.equal((await askMcp(house, refreshed.access_token)).status, 200);
    const again = (await (await refresh(house, client, refreshed.refresh_token)).json()) as Tokens;
    assert.equal((await askMcp(house, again.access_token)).status, 200);
    const before = house.lines().length;
    const replayed = await refresh(house, client, tokens.refresh_token);
    assert.equal(replayed.status, 400);
    assert.equal(traceOf(replayed), traceId);
    assert.equal((await askMcp(house, again.access_token)).status, 401);
    const lines = house.lines().slice(before);
    assert.deepEqual(
      lines.map(({ event, reason }) => `${event} ${String(reason)}`),
      [
        'refresh_token_replayed undefined',
        'refused refresh_token_replayed',
        'request undefined',
        'refused grant_revoked',
        'mcp_request undefined',
      ],
    );
    for (const line of lines) assert.equal(line['traceId'], traceId, JSON.stringify(line));
    await house.close();
  });

  it('of a client that has logged in before is a new one', async () => {
    const house = await openLoggedHouse('info');
    const { client, browser } = await connect(house);
    const first = (await house.storage.findClient(client.client_id))!.traceId;
    const consent = pageOf(await browser.open(authorizationUrl(client, { prompt: 'consent' }).url));
    assert.notEqual(traceOf(consent), first);
    const lines = house.lines().filter((line) => line['traceId'] === traceOf(consent));
    assert.equal(lines.length, 3);
    await house.close();
  });

  it('is followed by a token request whose client could not authenticate, by its code', async () => {
    const house = await openLoggedHouse('info');
    const client = await register(house, { token_endpoint_auth_method: 'client_secret_post' });
    const traceId = (await house.storage.findClient(client.client_id))!.traceId;
    const browser = openBrowserAt(house);
    const asked = authorizationUrl(client);
    const signIn = pageOf(await browser.open(asked.url));
    const consent = pageOf(await browser.submit(signIn, { email: EMAIL, password: PASSWORD }));
    const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
    const answer = await askToken(house, {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      client_secret: 'not the one it was given',
      code: back.searchParams.get('code')!,
      code_verifier: asked.code_verifier,
    });
    assert.equal(answer.status, 401);
    assert.equal(traceOf(answer), traceId);
    assert.ok(!house.logged().includes('not the one'));
    await house.close();
  });
});

describe('a request of nobody’s login', () => {
  it('has a trace id of its own', async () => {
    const house = await openLoggedHouse('info');
    for (const path of [
      '/sign-in',
      '/sign-in?return_to=/oauth/authorize/resume?id=unknown',
      '/oauth/authorize',
    ])
      await house.ask(path);
    const traces = house.lines().map((line) => line['traceId']);
    assert.equal(new Set(traces).size, 3);
    assert.ok(traces.every((traceId) => typeof traceId === 'string' && traceId.length === 16));
    await house.close();
  });
});
