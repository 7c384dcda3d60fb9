// The steps of a login, kept for whoever must find out why it failed, and told by `sallyport logins`.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { StorageUnavailable } from '@sallyport/storage';
import { loadConfig } from '../../src/config/index.ts';
import { heardBy } from '../../src/hearing.ts';
import { isReason } from '../../src/reasons.ts';
import { advice } from '../../src/logins/advice.ts';
import { loginRecorder } from '../../src/logins/recorder.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  EMAIL,
  PASSWORD,
  redeem,
  REDIRECT_URI,
  refresh,
  register,
  signedInBrowser,
} from '../house/client.ts';
import { leftTo, openBrowserAt, pageOf } from '../house/browser.ts';
import { openHouse, type House } from '../house/open-house.ts';
import { openUpstreamHouse, pressButton } from '../sign-in-upstream/upstream-house.ts';
import { call } from '../program/call.ts';
import { temporaryFolder } from '../program/run.ts';

const tool = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'get_user_profile', arguments: {} },
};

/** A login with a slip at every step that a person or a client may make. @returns its trace id */
async function logIn(house: House): Promise<string> {
  const client = await register(house);
  const asked = authorizationUrl(client);
  const browser = openBrowserAt(house);
  const signIn = pageOf(await browser.open(asked.url));
  await browser.submit(signIn, { email: EMAIL, password: 'not this one' });
  const consent = pageOf(await browser.submit(signIn, { email: EMAIL, password: PASSWORD }));
  const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
  const code = back.searchParams.get('code')!;
  const form = { grant_type: 'authorization_code', client_id: client.client_id, code };
  await askToken(house, { ...form, code_verifier: 'x'.repeat(43) });
  const tokens = await redeem(house, client, code, asked.code_verifier, REDIRECT_URI);
  await askMcp(house, tokens.access_token);
  for (let i = 0; i < 3; i += 1) await askMcp(house, tokens.access_token, tool);
  await refresh(house, client, tokens.refresh_token);
  await house.noteLogins();
  return (await house.storage.findClient(client.client_id))!.traceId;
}

const stepsOf = async (house: House, traceId: string) =>
  (await house.storage.findLoginEvents(traceId)).map(({ event, reason }) =>
    reason === undefined ? event : `${event} ${reason}`,
  );

describe('the steps of a login', () => {
  it('are kept in their order, each once, under its trace id', async () => {
    const house = await openHouse();
    await house.addPerson(EMAIL, PASSWORD);
    const traceId = await logIn(house);
    assert.deepEqual(await stepsOf(house, traceId), [
      'registered',
      'asked',
      'sign_in_failed credentials_wrong',
      'signed_in',
      'consented',
      'refused code_verifier_mismatch',
      'token_issued',
      'tool_called',
    ]);
    const [user] = await house.storage.listUsers();
    const events = await house.storage.findLoginEvents(traceId);
    for (const { event, userId } of events)
      if (['signed_in', 'consented', 'tool_called'].includes(event)) assert.equal(userId, user!.id, event);
    assert.equal(events[0]!.at, house.clock.now);
    await house.close();
  });

  it('say that the person refused, and what a client asked that cannot be', async () => {
    const house = await openHouse();
    await house.addPerson(EMAIL, PASSWORD);
    const client = await register(house);
    const browser = openBrowserAt(house);
    const signIn = pageOf(await browser.open(authorizationUrl(client).url));
    const consent = pageOf(await browser.submit(signIn, { email: EMAIL, password: PASSWORD }));
    leftTo(await browser.submit(consent, { decision: 'deny' }));
    leftTo(await browser.open(authorizationUrl(client, { code_challenge: undefined }).url));
    await browser.open(authorizationUrl(client, { redirect_uri: 'https://other.example.com/' }).url);
    await house.noteLogins();
    const { traceId } = (await house.storage.findClient(client.client_id))!;
    assert.deepEqual(await stepsOf(house, traceId), [
      'registered',
      'asked',
      'signed_in',
      'denied',
      'refused code_challenge_missing',
      'refused redirect_uri_unregistered',
    ]);
    await house.close();
  });

  it('are not made of what strangers send, nor of people who only sign in', async () => {
    const house = await openHouse();
    await house.addPerson(EMAIL, PASSWORD);
    await house.ask('/oauth/authorize?client_id=made-up');
    await askToken(house, { grant_type: 'authorization_code', client_id: 'made-up', code: 'x' });
    await askMcp(house, 'made-up');
    await signedInBrowser(house);
    await house.noteLogins();
    assert.deepEqual(await house.storage.listLoginEvents(100), []);
    await house.close();
  });

  it('tell why somebody could not sign in for themselves, at a provider or with a password', async (t) => {
    const house = await openUpstreamHouse({ more: () => [{ provider: 'password', signUp: false }] });
    t.after(() => house.close());
    await house.addPerson(EMAIL, PASSWORD);
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open('/sign-in'));
    const away = await pressButton(browser, page);
    const back = new URL(away.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      state: away.searchParams.get('state') ?? '',
      iss: house.provider.issuer,
      error: 'invalid_client',
    }).toString();
    const failed = pageOf(await browser.open(back.href));
    await browser.submit(page, { email: EMAIL, password: 'not this one' }, '/sign-in');
    await house.noteLogins();
    assert.deepEqual(await stepsOf(house, failed.headers.get('sallyport-trace') ?? ''), [
      'upstream_left oidc',
      'sign_in_failed upstream_misconfigured',
    ]);
    const all = await house.storage.listLoginEvents(10);
    assert.deepEqual(
      all.map(({ clientId, reason }) => [clientId, reason]),
      [
        ['', 'oidc'],
        ['', 'upstream_misconfigured'],
        ['', 'credentials_wrong'],
      ],
    );
    assert.equal(house.events.find(({ event }) => event === 'sign_in_failed')?.level, 'warn');
  });

  it('are not made of answers that no provider was asked for, however many', async (t) => {
    const house = await openUpstreamHouse();
    t.after(() => house.close());
    for (let i = 0; i < 3; i += 1) {
      await house.ask(`/oidc/callback?code=made-up&state=${'x'.repeat(43)}`);
      await house.ask('/oidc/callback');
    }
    await house.noteLogins();
    assert.deepEqual(await house.storage.listLoginEvents(100), []);
  });

  it('do not stop a login when they cannot be kept, and wait in bounded number', async () => {
    const events: string[] = [];
    let kept = 0;
    const recorder = loginRecorder({
      storage: {
        keepLoginEvents(steps) {
          kept += steps.length;
          return Promise.reject(new StorageUnavailable('away'));
        },
      },
      log: (level, event) => events.push(`${level} ${event}`),
      now: () => 1,
    });
    const log = heardBy(() => undefined, [recorder.hear]);
    for (let i = 0; i < 5_000; i += 1)
      log('info', 'client_registered', { traceId: 'trace', client_id: `client-${i}` });
    await recorder.close();
    assert.equal(kept, 1_000);
    assert.deepEqual(events, ['warn login_events_lost']);
  });
});

describe('sallyport logins', () => {
  async function withLogin(t: TestContext): Promise<{ cwd: string; traceId: string }> {
    const cwd = temporaryFolder(t);
    // Makes the data folder and its secrets.
    assert.equal((await call(['users', 'list'], { cwd })).code, 0);
    const { storage } = loadConfig({ environment: {}, cwd });
    const house = await openHouse({ storageUrl: storage.url });
    await house.addPerson(EMAIL, PASSWORD);
    house.clock.now = Date.UTC(2026, 10, 21, 9, 30) / 1000;
    const traceId = await logIn(house);
    await house.close();
    assert.ok(storage.url.includes(join(cwd, 'data')));
    return { cwd, traceId };
  }

  it('tells how far each came, and the steps of one in words', async (t) => {
    const { cwd, traceId } = await withLogin(t);
    const all = await call(['logins'], { cwd });
    assert.equal(all.code, 0, all.stderr);
    const [head, row, ...others] = all.stdout.trimEnd().split('\n');
    assert.match(head!, /^When \(UTC\) +Client +Person +Last step +Trace$/);
    assert.deepEqual(row!.split(/ {2,}/), [
      '2026-11-21 09:30',
      'Example client',
      EMAIL,
      'first tool call',
      traceId,
    ]);
    assert.deepEqual(others, []);

    const one = await call(['logins', '--trace', traceId], { cwd });
    assert.equal(one.code, 0, one.stderr);
    const [client, ...steps] = one.stdout.trimEnd().split('\n');
    assert.match(client!, /^Example client {2}client [\w-]{22}$/);
    assert.deepEqual(
      steps.map((line) => line.trim().replace(/^2026-11-21 09:30:00 {2}/, '')),
      [
        'registered',
        'asked for access',
        'signing in failed (credentials_wrong)',
        'That e-mail and password do not belong together. Check both and try again.',
        `signed in: ${EMAIL}`,
        `the person allowed it: ${EMAIL}`,
        'refused (code_verifier_mismatch)',
        'code_verifier does not match the code_challenge of the authorization request.',
        'got its tokens',
        `first tool call: ${EMAIL}`,
      ],
    );

    const json = await call(['logins', '--trace', traceId, '--json'], { cwd });
    const told = JSON.parse(json.stdout) as { event: string; client: string }[];
    assert.deepEqual([told.length, told[0]!.event, told[0]!.client], [8, 'registered', 'Example client']);
  });

  it('says to the operator what they can do, where the person was told to ask them', async (t) => {
    for (const reason of Object.keys(advice)) assert.ok(isReason(reason), reason);
    const cwd = temporaryFolder(t);
    assert.equal((await call(['users', 'list'], { cwd })).code, 0);
    const { storage } = loadConfig({ environment: {}, cwd });
    const house = await openHouse({ storageUrl: storage.url });
    const step = { traceId: 'AbCdEfGhIjKlMnOp', at: house.clock.now, clientId: '' } as const;
    await house.storage.keepLoginEvents([
      { ...step, id: '1', event: 'upstream_left', reason: 'github' },
      { ...step, id: '2', event: 'sign_in_failed', reason: 'person_not_invited' },
      { ...step, id: '3', traceId: 'still-at-github-', event: 'upstream_left', reason: 'github' },
    ]);
    await house.close();
    const { stdout } = await call(['logins', '--trace', 'AbCdEfGhIjKlMnOp'], { cwd });
    assert.match(stdout, /^\(no app\)\n/);
    assert.match(stdout, /went to a provider to sign in \(github\)/);
    assert.match(stdout, /signing in failed \(person_not_invited\)\n.*Accounts here are for those/);
    assert.doesNotMatch(stdout, /come back/);
    const away = await call(['logins', '--trace', 'still-at-github-'], { cwd });
    assert.match(away.stdout, /→ Nobody has come back from there\. .*callback URL.* check/);
    assert.match(stdout, /→ Invite the address that the provider has verified: .*users invite <email>/);
  });

  it('says when there is nothing to tell, also of an id that begins with a hyphen', async (t) => {
    const cwd = temporaryFolder(t);
    const none = await call(['logins'], { cwd });
    assert.equal(none.stdout, 'Nobody has tried to log in during the last week.\n');
    const unknown = await call(['logins', '--trace', '-AbCdEfGhIjKlMn_'], { cwd });
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.stderr,
      /There is no login with the trace id -AbCdEfGhIjKlMn_\.\n.*older than a week/s,
    );
  });
});
