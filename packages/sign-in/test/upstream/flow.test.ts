// Leaving for a provider and coming back (RFC 6749 §4.1, RFC 9700 §4.7).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeChallengeOf, createSecrets, digest, keychainsOf, readSecrets } from '@sallyport/crypto';
import { addSecret, retireSecret } from '../../../crypto/src/secrets.ts';
import { limits } from '../../src/limits.ts';
import { ada, Browser, hiddenFieldsOf, now, publicUrl } from '../browser.ts';
import { callbackOf, leave, opened, sessionName } from './house.ts';
import { riggedProvider, secretsOfProvider, wayOf } from './rigged-provider.ts';

describe('signing in at a provider', () => {
  it('goes there by a button, and back to where the person was going', async () => {
    const { browser, storage, github, kept, lines } = await opened();
    const page = await browser.send('/sign-in?return_to=/account');
    assert.match(page.text, /Continue with <bdi>GitHub<\/bdi>/);
    assert.match(page.text, /Continue with <bdi>Google<\/bdi>/);
    const away = await browser.press(page.text, 'Continue with GitHub');
    assert.equal(away.status, 303);
    const url = new URL(away.location ?? '');
    const [leaving] = github.left;
    assert.equal(url.host, 'github.example.com');
    assert.match(leaving?.state ?? '', /^[\w-]{43}$/);
    assert.equal(leaving?.redirect_uri, `${publicUrl}/github/callback`);
    assert.equal(url.searchParams.get('code_challenge'), codeChallengeOf(leaving?.code_verifier ?? ''));
    assert.notEqual(leaving?.nonce, leaving?.code_verifier);

    const back = await browser.send(callbackOf(away.location));
    assert.equal(back.status, 303);
    assert.equal(back.location, '/account');
    assert.equal((await browser.whoAmI())?.email, 'grace@example.com');
    const [returned] = github.returned;
    assert.equal(returned?.code_verifier, leaving?.code_verifier);
    assert.equal(returned?.nonce, leaving?.nonce);
    assert.equal(returned?.redirect_uri, leaving?.redirect_uri);
    const user = await storage.findUserByEmail('grace@example.com');
    assert.deepEqual(
      kept.map(({ userId, provider, subject }) => ({ userId, provider, subject })),
      [{ userId: user?.id, provider: 'github', subject: '583231' }],
    );
    const events = lines.map(({ event, facts }) => [event, facts['provider']]);
    assert.deepEqual(events, [
      ['upstream_left', 'github'],
      ['signed_up', 'github'],
      ['signed_in', 'github'],
    ]);
    assert.deepEqual([...new Set(lines.map(({ facts }) => facts['traceId']))], ['trace-1']);
  });

  it('knows the person again, whatever they are called meanwhile', async () => {
    const { browser, github, room } = await opened();
    await browser.send(await leave(browser));
    const first = await browser.whoAmI();
    github.identity = { ...github.identity, email: 'other@example.com', name: 'Other' };
    const another = new Browser(room);
    await another.send(await leave(another));
    assert.equal((await another.whoAmI())?.id, first?.id);
  });

  it('ends the session that the browser had, and takes none that was planted', async () => {
    const { browser, storage } = await opened();
    const { text } = await browser.send('/sign-in');
    await browser.press(text, 'Password', ada);
    const before = browser.cookies.get(sessionName) ?? '';
    assert.ok(await storage.findSession(digest(before), now));
    const path = await leave(browser, '/sign-in?switch=1');
    await browser.send(path);
    assert.equal(await storage.findSession(digest(before), now), undefined);
    assert.equal((await browser.whoAmI())?.email, 'grace@example.com');

    const planted = await leave(browser, '/sign-in?switch=1');
    browser.cookies.set(sessionName, 'planted-by-a-stranger');
    await browser.send(planted);
    assert.notEqual(browser.cookies.get(sessionName), 'planted-by-a-stranger');
  });

  it('never begins by a GET: a page with one button', async () => {
    const { browser, github } = await opened();
    const page = await browser.send('/sign-in/github?return_to=/account');
    assert.equal(page.status, 200);
    assert.equal(github.left.length, 0);
    assert.ok(!page.text.includes('Google') && !page.text.includes('type="password"'));
    assert.match(page.text, /Other ways to sign in/);
    const away = await browser.press(page.text, 'Continue with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
  });

  it('is the only thing on the page where there is one provider and no password', async () => {
    const { browser } = await opened({ ways: [wayOf(riggedProvider())] });
    const page = await browser.send('/sign-in');
    assert.equal(page.status, 200);
    assert.ok(!page.text.includes('type="password"') && !page.text.includes('Other ways'));
    assert.equal([...page.text.matchAll(/<button/g)].length, 1);
    const posted = await browser.post('/sign-in', { ...hiddenFieldsOf(page.text), ...ada });
    assert.ok([400, 403].includes(posted.status));
    assert.equal(browser.cookies.has(sessionName), false);
  });

  it('stands on the page in the order of the configuration', async () => {
    const { browser } = await opened({ ways: ['password', wayOf(riggedProvider())] });
    const { text } = await browser.send('/sign-in');
    assert.ok(text.indexOf('type="password"') < text.indexOf('Continue with'));
    const other = await opened();
    const { text: theirs } = await other.browser.send('/sign-in');
    assert.ok(theirs.indexOf('type="password"') > theirs.indexOf('Continue with'));
  });

  it('works across a change of the key that the secrets are computed with, until that is retired', async () => {
    let document = createSecrets(now);
    const secrets = keychainsOf({ read: () => readSecrets(document), now: () => now });
    const { browser, github } = await opened({ derivation: secrets.derivation });
    const first = document.derivation.keys[0]?.id ?? '';
    const path = await leave(browser);
    const late = await leave(browser);
    ({ document } = addSecret(document, 'derivation', { now, usedFromAt: now }));
    assert.equal((await browser.send(path)).status, 303);
    assert.equal(github.returned[0]?.code_verifier, github.left[0]?.code_verifier);
    document = retireSecret(document, 'derivation', first);
    const refused = await browser.send(late);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /begun too long ago/);
    assert.equal(github.returned.length, 1);
  });
});

describe('a button', () => {
  it('that is not of this browser, or of a page for another app, sends nobody anywhere', async () => {
    const { browser, room, github } = await opened();
    const page = await browser.send('/sign-in?return_to=/account');
    const fields = hiddenFieldsOf(page.text);
    const stranger = await new Browser(room).post('/sign-in/github', fields);
    assert.equal(stranger.status, 403);
    assert.match(stranger.text, /open for too long/);
    const elsewhere = await browser.post('/sign-in/github', {
      ...fields,
      return_to: '/oauth/authorize/resume?id=1',
    });
    assert.equal(elsewhere.status, 403);
    const cross = await browser.post('/sign-in/github', fields, { 'sec-fetch-site': 'cross-site' });
    assert.equal(cross.status, 403);
    assert.equal(github.left.length, 0);
  });

  it('leads to this origin only, whatever the form says', async () => {
    const { browser, github } = await opened();
    const path = await leave(browser, '/sign-in?return_to=https://example.org/');
    assert.equal((await browser.send(path)).location, '/');
    assert.equal(github.left.length, 1);
  });

  it('is slowed for one browser, and for one address, before anything is kept', async () => {
    const { browser, room, github } = await opened();
    for (let i = 0; i < limits.leavingPerBrowser.points; i++) await leave(browser);
    const { text } = await browser.send('/sign-in');
    const slowed = await browser.press(text, 'Continue with GitHub');
    assert.equal(slowed.status, 429);
    assert.ok(Number(slowed.response.headers.get('retry-after')) > 0);
    assert.equal(github.left.length, limits.leavingPerBrowser.points);
    let left = limits.leavingPerBrowser.points + 1;
    let status = 303;
    for (; status === 303 && left < limits.leavingPerAddress.points + 5; left++) {
      const another = new Browser(room);
      const page = await another.send('/sign-in');
      ({ status } = await another.press(page.text, 'Continue with GitHub'));
    }
    assert.equal(status, 429);
    assert.equal(left, limits.leavingPerAddress.points + 1);
  });
});

it('shows nothing that is secret in any answer, URL or line of the log', async () => {
  const { browser, github, lines } = await opened();
  const answers: string[] = [];
  const note = ({ text, response }: { text: string; response: Response }): void =>
    void answers.push(text, JSON.stringify([...response.headers]));
  const page = await browser.send('/sign-in');
  note(page);
  const away = await browser.press(page.text, 'Continue with GitHub');
  note(away);
  const path = callbackOf(away.location);
  note(await browser.send(path));
  browser.cookies.delete(sessionName);
  note(await browser.send(path));
  const everything = `${answers.join('\n')}\n${JSON.stringify(lines)}`;
  for (const secret of [...secretsOfProvider, github.left[0]?.code_verifier ?? ''])
    assert.ok(secret.length > 10 && !everything.includes(secret), secret);
  const state = github.left[0]?.state ?? '';
  assert.ok(!JSON.stringify(lines).includes(state), 'the state is in the log');
});
