import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digest } from '@sallyport/crypto';
import { addUserWithPassword } from '../src/index.ts';
import { limits } from '../src/limits.ts';
import { ada, Browser, hiddenFieldsOf, now, openDeployment, publicUrl } from './browser.ts';

async function withAda(changes = {}) {
  const deployment = await openDeployment(changes);
  const user = await addUserWithPassword(deployment.storage, { ...ada, role: 'operator' }, now);
  return { ...deployment, user, browser: new Browser(deployment.room) };
}

const sessionName = 'sallyport-session-8000';

describe('the sign-in page', () => {
  it('signs a person in and sends them where they were going', async () => {
    const { browser, user } = await withAda();
    const done = await browser.fillIn('/sign-in?return_to=%2Foauth%2Fauthorize%2Fresume%3Fid%3D1', ada);
    assert.equal(done.status, 303);
    assert.equal(done.location, '/oauth/authorize/resume?id=1');
    const { signIn, signedInAt, provider, ...person } = (await browser.whoAmI())!;
    assert.equal(provider, 'password');
    assert.deepEqual(person, { id: user.id, email: ada.email, name: 'ada' });
    assert.equal(signedInAt, browser.now);
    assert.ok(![...browser.cookies.values()].includes(signIn), 'it does not sign anybody in');
  });

  it('asks once more where that is wanted, with the e-mail of who is signed in, and begins another session', async () => {
    const { browser } = await withAda();
    await browser.fillIn('/sign-in', ada);
    const first = (await browser.whoAmI())!;
    const page = await browser.send('/sign-in?again=1&return_to=%2Faccount');
    assert.equal(page.status, 200);
    assert.match(page.text, /Sign in once more/);
    assert.match(page.text, /value="ada@example\.com"/);
    const wrong = await browser.fillIn('/sign-in?again=1', { ...ada, password: 'wrong horse battery' });
    assert.match(wrong.text, /Sign in once more/);
    assert.equal((await browser.whoAmI())!.signIn, first.signIn);
    assert.equal((await browser.fillIn('/sign-in?again=1&return_to=%2Faccount', ada)).location, '/account');
    assert.notEqual((await browser.whoAmI())!.signIn, first.signIn);
  });

  it('takes the e-mail in any case and with blanks around it', async () => {
    const { browser } = await withAda();
    assert.equal((await browser.fillIn('/sign-in', { ...ada, email: '  ADA@Example.COM ' })).status, 303);
  });

  it('goes to the front page when no return_to, or another origin, is given', async () => {
    const { browser } = await withAda();
    assert.equal((await browser.fillIn('/sign-in', ada)).location, '/');
    const page = await browser.send('/sign-in?switch=1');
    const forged = { ...hiddenFieldsOf(page.text), ...ada, return_to: 'https://example.org/' };
    assert.equal((await browser.post('/sign-in', forged)).location, '/');
  });

  it('says the same for a wrong password and for an unknown e-mail, and signs nobody in', async () => {
    const { browser } = await withAda();
    const wrong = await browser.fillIn('/sign-in', { ...ada, password: 'wrong horse battery' });
    const unknown = await browser.fillIn('/sign-in', {
      email: 'bob@example.com',
      password: 'wrong horse battery',
    });
    assert.equal(wrong.status, 403);
    assert.match(wrong.text, /do not belong together/);
    assert.equal(unknown.status, wrong.status);
    assert.equal(unknown.text, wrong.text.replaceAll(ada.email, 'bob@example.com'));
    assert.deepEqual([...unknown.response.headers], [...wrong.response.headers]);
    assert.equal(browser.cookies.has(sessionName), false);
    assert.equal(wrong.text.includes('wrong horse battery'), false);
  });

  it('shows what was typed again, except the password', async () => {
    const { browser } = await withAda();
    const { text } = await browser.fillIn('/sign-in?return_to=/x', {
      email: 'a"b<c@',
      password: 'wrong horse',
    });
    assert.match(text, /value="a&quot;b&lt;c@"/);
    assert.equal(text.includes('wrong horse'), false);
    assert.equal(hiddenFieldsOf(text)['return_to'], '/x');
  });

  it('goes straight on when somebody is signed in', async () => {
    const { browser } = await withAda();
    await browser.fillIn('/sign-in', ada);
    const again = await browser.send('/sign-in?return_to=/account');
    assert.equal(again.status, 303);
    assert.equal(again.location, '/account');
  });

  it('shows the form although somebody is signed in, to use another account', async () => {
    const { browser, room, storage } = await withAda();
    const bob = { email: 'bob@example.com', password: 'another good password' };
    await addUserWithPassword(storage, { ...bob, role: 'member' }, now);
    await browser.fillIn('/sign-in', ada);
    const before = browser.cookies.get(sessionName)!;
    const path = room.signInPath('/x?y=1', { switchAccount: true });
    assert.equal(path, '/sign-in?switch=1&return_to=%2Fx%3Fy%3D1');
    const done = await browser.fillIn(path, bob);
    assert.equal(done.location, '/x?y=1');
    assert.equal((await browser.whoAmI())?.email, bob.email);
    assert.equal(await storage.findSession(digest(before), now), undefined);
  });

  it('never makes a link to another origin', async () => {
    const { room } = await withAda();
    assert.equal(room.signInPath('//example.org/x'), '/sign-in');
  });

  it('says before the first account where the link to make it is', async () => {
    const { room } = await openDeployment();
    const browser = new Browser(room);
    const { status, text } = await browser.send('/sign-in?return_to=/x');
    assert.equal(status, 403);
    assert.match(text, /link that Sallyport printed when it started/);
    assert.match(text, /href="\/sign-in\?return_to=%2Fx"/);
    assert.equal(text.includes(room.setupPath().split('=')[1]!), false);
  });

  it('answers HEAD with the headers of GET and refuses other methods', async () => {
    const { browser } = await withAda();
    const head = await browser.send('/sign-in', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.match(head.response.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    for (const path of ['/sign-in', '/sign-up', '/sign-out']) {
      const put = await browser.send(path, { method: 'PUT', body: 'x' });
      assert.equal(put.status, 405);
      assert.equal(put.response.headers.get('allow'), 'GET, HEAD, POST');
    }
  });
});

describe('a form that is not this browser’s', () => {
  it('is shown again with what was typed and a token that works, when the cookie was lost', async () => {
    const { browser } = await withAda();
    const { text } = await browser.send('/sign-in?return_to=/x');
    browser.cookies.clear();
    const again = await browser.submit(text, ada);
    assert.equal(again.status, 403);
    assert.match(again.text, /Send it once more/);
    assert.match(again.text, /value="ada@example.com"/);
    assert.equal(browser.cookies.has(sessionName), false);
    const done = await browser.submit(again.text, ada);
    assert.equal(done.status, 303);
    assert.equal(done.location, '/x');
  });

  it('is refused without a token, and with the token of another page', async () => {
    const { browser } = await withAda();
    assert.equal((await browser.post('/sign-in', ada)).status, 403);
    const { text } = await browser.send('/sign-up');
    assert.equal(
      (await browser.post('/sign-in', { ...ada, csrf: hiddenFieldsOf(text)['csrf']! })).status,
      403,
    );
    assert.equal(browser.cookies.has(sessionName), false);
  });

  it('is refused from another site whatever it carries, and nothing of it is shown', async () => {
    const { browser, lines } = await withAda();
    const { text } = await browser.send('/sign-in');
    const fields = { ...hiddenFieldsOf(text), ...ada };
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://example.org' }]) {
      const refused = await browser.post('/sign-in', fields, headers);
      assert.equal(refused.status, 403);
      assert.equal(refused.text.includes(ada.email), false);
    }
    assert.equal(browser.cookies.has(sessionName), false);
    assert.equal(lines.at(-1)?.facts['reason'], 'cross_site');
  });

  it('is refused when a field came twice, is not urlencoded, or is too large', async () => {
    const { browser } = await withAda();
    const { csrf = '' } = hiddenFieldsOf((await browser.send('/sign-in')).text);
    const twice: [string, string][] = [['csrf', csrf], ...Object.entries(ada), ['email', 'bob@example.com']];
    assert.equal((await browser.post('/sign-in', twice)).status, 400);
    const json = {
      method: 'POST',
      body: JSON.stringify(ada),
      headers: { 'content-type': 'application/json' },
    };
    assert.equal((await browser.send('/sign-in', json)).status, 400);
    const large = { ...ada, csrf, more: 'x'.repeat(limits.formBytes) };
    assert.equal((await browser.post('/sign-in', large)).status, 400);
  });
});

describe('sessions', () => {
  it('are new at each sign-in, never what the browser brought, and stored as digests', async () => {
    const { browser, storage } = await withAda();
    browser.cookies.set(sessionName, 'planted-by-somebody');
    await browser.fillIn('/sign-in', ada);
    const first = browser.cookies.get(sessionName)!;
    assert.notEqual(first, 'planted-by-somebody');
    assert.ok((await storage.findSession(digest(first), now)) !== undefined);
    assert.equal(await storage.findSession(first, now), undefined);
    await browser.fillIn('/sign-in?switch=1', ada);
    assert.notEqual(browser.cookies.get(sessionName), first);
    assert.equal(await storage.findSession(digest(first), now), undefined);
  });

  it('come in a cookie that scripts cannot read, and end after 30 days however much they were used', async () => {
    const { browser } = await withAda();
    const done = await browser.fillIn('/sign-in', ada);
    const cookie = done.response.headers.getSetCookie().find((line) => line.startsWith(sessionName)) ?? '';
    assert.match(cookie, /; HttpOnly/);
    assert.match(cookie, /; SameSite=Lax/);
    assert.match(cookie, /Max-Age=2592000/);
    browser.now = now + limits.sessionSeconds - 1;
    assert.equal((await browser.whoAmI())?.email, ada.email);
    browser.now = now + limits.sessionSeconds;
    assert.equal(await browser.whoAmI(), undefined);
  });

  it('identify nobody by a cookie that is absent, made up or enormous', async () => {
    const { browser } = await withAda();
    assert.equal(await browser.whoAmI(), undefined);
    for (const value of ['x', '%00', 'x'.repeat(8000)]) {
      browser.cookies.set(sessionName, value);
      assert.equal(await browser.whoAmI(), undefined);
    }
  });

  it('end with the account', async () => {
    const { browser, storage, user } = await withAda();
    await browser.fillIn('/sign-in', ada);
    await storage.removeUser(user.id);
    assert.equal(await browser.whoAmI(), undefined);
  });

  it('are not begun for an account that is removed while its password is judged', async () => {
    const { storage, options } = await withAda();
    const racing = { ...storage, keepSession: async () => 'user_gone' as const };
    const { signIn } = await import('../src/index.ts');
    const browser = new Browser(
      signIn({ ...options, storage: Object.setPrototypeOf(racing, storage) as typeof storage }),
    );
    const refused = await browser.fillIn('/sign-in', ada);
    assert.equal(refused.status, 403);
    assert.equal(browser.cookies.has(sessionName), false);
  });
});

describe('signing out', () => {
  it('ends the session, here and in the store, and says so', async () => {
    const { browser, storage, room } = await withAda();
    await browser.fillIn('/sign-in', ada);
    const token = browser.cookies.get(sessionName)!;
    const form = room.signOutForm(browser.cookies.get('sallyport-browser-8000')!);
    const done = await browser.post(form.action, { csrf: form.csrf });
    assert.equal(done.location, '/sign-out');
    assert.equal(browser.cookies.has(sessionName), false);
    assert.equal(await storage.findSession(digest(token), now), undefined);
    assert.match((await browser.send('/sign-out')).text, /You are signed out/);
  });

  it('is not done by GET, nor without the form’s token, nor from another site', async () => {
    const { browser, room } = await withAda();
    await browser.fillIn('/sign-in', ada);
    const form = room.signOutForm(browser.cookies.get('sallyport-browser-8000')!);
    assert.equal((await browser.send('/sign-out')).location, '/');
    assert.equal((await browser.post('/sign-out', {})).status, 403);
    assert.equal((await browser.post('/sign-out', form, { 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await browser.whoAmI())?.email, ada.email);
  });
});

describe('the log', () => {
  it('has who failed and why by the trace id, without e-mail, password or token', async () => {
    const { browser, lines } = await withAda();
    await browser.fillIn('/sign-in', { ...ada, password: 'wrong horse battery' });
    await browser.fillIn('/sign-in', ada);
    const failed = lines.find(({ event }) => event === 'sign_in_failed');
    assert.equal(failed?.facts['reason'], 'credentials_wrong');
    assert.equal(failed?.facts['traceId'], 'trace-1');
    assert.equal(
      lines.some(({ event }) => event === 'signed_in'),
      true,
    );
    const all = JSON.stringify(lines);
    for (const secret of [ada.email, ada.password, 'wrong horse', browser.cookies.get(sessionName)!]) {
      assert.equal(all.includes(secret), false, secret);
    }
    assert.equal(publicUrl.startsWith('http://localhost'), true);
  });
});
