// Proving once more to be there, and adding a provider to one's account.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SignInOptions } from '../../src/room.ts';
import { ada, hiddenFieldsOf, now } from '../browser.ts';
import { callbackOf, leave, opened, sessionName } from './house.ts';

describe('proving once more to be there', () => {
  async function signedIn(changes: Partial<SignInOptions> = {}) {
    const house = await opened(changes);
    await house.browser.send(await leave(house.browser));
    return { ...house, before: await house.browser.whoAmI() };
  }

  it('passes the wish on, and takes the word of a provider that says when it looked', async () => {
    const { browser, github, before } = await signedIn();
    github.authenticatedAt = now;
    const back = await browser.send(await leave(browser, '/sign-in?again=1&return_to=/x'));
    assert.equal(back.location, '/x');
    assert.deepEqual(
      github.left.map(({ again }) => again),
      [false, true],
    );
    const after = await browser.whoAmI();
    assert.notEqual(after?.signIn, before?.signIn);
    assert.equal(after?.provenAt, now);
  });

  /** Where an app's login waits. */
  const loginAt = async (path: string) =>
    path === '/waiting' ? { traceId: 'trace-1', client_id: 'client-1', clientName: 'Example' } : undefined;

  it('is refused where the provider does not say so, or saw the person long ago', async () => {
    for (const [at, returnTo] of [
      [undefined, '/waiting'],
      [now - 3600, '/waiting'],
      [0, '/waiting'],
      [now - 3600, '/account'],
    ] as const) {
      const { browser, github, before } = await signedIn({ loginAt });
      github.authenticatedAt = at;
      const refused = await browser.send(await leave(browser, `/sign-in?again=1&return_to=${returnTo}`));
      assert.equal(refused.status, 403);
      assert.match(refused.text, /does not say that you did/);
      assert.equal((await browser.whoAmI())?.signIn, before?.signIn);
      assert.match(refused.text, /action="\/sign-in\/github\?again=1"/);
    }
  });

  it('is enough for one’s own account where the provider cannot say when it looked', async () => {
    const { browser, before } = await signedIn({ loginAt });
    const back = await browser.send(await leave(browser, '/sign-in?again=1&return_to=/account'));
    assert.equal(back.location, '/account');
    const after = await browser.whoAmI();
    assert.notEqual(after?.signIn, before?.signIn);
    assert.equal(after?.provenAt, 0, 'for an app it counts no more than before');
  });

  it('is asked of whoever is not signed in yet as well, when an app wants that', async () => {
    const { browser, room, github } = await opened({ loginAt });
    const path = room.signInPath('/waiting', { fresh: true });
    const page = await browser.send(path);
    assert.ok(!page.text.includes('once more'));
    const refused = await browser.send(await leave(browser, path));
    assert.equal(refused.status, 403);
    assert.match(refused.text, /action="\/sign-in\/github\?fresh=1"/);
    github.authenticatedAt = now;
    const away = await browser.press(refused.text, 'Try again with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/waiting');
    assert.deepEqual(
      github.left.map(({ again }) => again),
      [true, true],
    );
  });

  it('is refused for somebody else, of whom nothing is made', async () => {
    const { browser, github, storage, before } = await signedIn();
    github.authenticatedAt = now;
    github.identity = { ...github.identity, subject: '999', email: 'eve@example.com' };
    const refused = await browser.send(await leave(browser, '/sign-in?again=1'));
    assert.equal(refused.status, 403);
    assert.match(refused.text, /somebody else/);
    assert.equal(await storage.findUserByEmail('eve@example.com'), undefined);
    assert.equal((await browser.whoAmI())?.signIn, before?.signIn);
  });

  it('is not claimed by an ordinary sign-in: when they proved it is not when they came', async () => {
    const { before } = await signedIn();
    assert.equal(before?.provenAt, 1, 'long ago, as far as anybody asked');
    assert.equal(before?.signedInAt, now);
  });
});

describe('adding a provider to an account', () => {
  async function linking() {
    const house = await opened();
    const { browser, room } = house;
    await browser.press((await browser.send('/sign-in')).text, 'Password', ada);
    const id = browser.cookies.get('sallyport-browser-8000') ?? '';
    const [button] = room.linkButtons(id, '/account');
    assert.equal(button?.provider, 'github');
    const fields = Object.entries(button?.fields ?? {}).filter(([, value]) => value !== undefined);
    const send = () =>
      browser.post(button?.action ?? '', Object.fromEntries(fields) as Record<string, string>);
    return { ...house, send };
  }

  it('adds it to the account that is signed in, which stays signed in as it was', async () => {
    const { browser, send, operator, storage, kept } = await linking();
    const before = await browser.whoAmI();
    const away = await send();
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
    assert.equal((await browser.whoAmI())?.signIn, before?.signIn);
    const found = await storage.findIdentity({ provider: 'github', subject: '583231' });
    assert.equal(found?.user.id, operator.id);
    assert.equal(kept[0]?.userId, operator.id);
  });

  it('is refused when nobody is signed in, or somebody else meanwhile', async () => {
    const { browser, send, storage } = await linking();
    const away = await send();
    browser.cookies.delete(sessionName);
    assert.equal((await send()).status, 403);
    const refused = await browser.send(callbackOf(away.location));
    assert.equal(refused.status, 403);
    assert.equal(await storage.findIdentity({ provider: 'github', subject: '583231' }), undefined);
    assert.equal(browser.cookies.has(sessionName), false);
  });

  it('is not what an ordinary button does, whatever is posted with it', async () => {
    const { browser, github } = await linking();
    const page = await browser.send('/sign-in?switch=1');
    const refused = await browser.post('/sign-in/github', { ...hiddenFieldsOf(page.text), link: '1' });
    assert.equal(refused.status, 403);
    assert.equal(github.left.length, 0);
  });
});
