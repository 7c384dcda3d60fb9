// What comes back from a provider: once, in the right browser, to the right callback (RFC 9700 §4.4, §4.7).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalsOf } from '@sallyport/protocol';
import { refusals as fetchRefusals } from '../../../guarded-fetch/src/refusals.ts';
import { limits } from '../../src/limits.ts';
import { Browser, now } from '../browser.ts';
import { callbackOf, leave, opened, sessionName } from './house.ts';

describe('a callback', () => {
  it('is good once: loaded again it goes on where the first went well', async () => {
    const { browser, github } = await opened();
    const path = await leave(browser, '/sign-in?return_to=/account');
    await browser.send(path);
    const session = browser.cookies.get(sessionName);
    const again = await browser.send(path);
    assert.equal(again.status, 303);
    assert.equal(again.location, '/account');
    assert.equal(browser.cookies.get(sessionName), session);
    assert.equal(github.returned.length, 1);
  });

  it('that is replayed signs nobody in, and offers the same login again', async () => {
    const { browser, github } = await opened();
    const path = await leave(browser, '/sign-in?return_to=/account');
    await browser.send(path);
    browser.cookies.delete(sessionName);
    const replayed = await browser.send(path);
    assert.equal(replayed.status, 403);
    assert.match(replayed.text, /used before/);
    assert.equal(browser.cookies.has(sessionName), false);
    assert.equal(github.returned.length, 1);
    const away = await browser.press(replayed.text, 'Try again with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
  });

  it('of 20 at once asks the provider once', async () => {
    const { browser, github, storage } = await opened();
    const path = await leave(browser);
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.send(path)));
    assert.equal(github.returned.length, 1);
    assert.ok(answers.some(({ status }) => status === 303));
    assert.equal((await storage.listUsers()).length, 2);
  });

  it('in another browser explains itself, and does not spend what is not its own', async () => {
    const { browser, room, github } = await opened();
    const path = await leave(browser, '/sign-in?return_to=/account');
    const victim = new Browser(room);
    const refused = await victim.send(path);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /begun in another browser/);
    assert.equal(victim.cookies.has(sessionName), false);
    assert.equal(github.returned.length, 0);
    assert.equal((await browser.send(path)).status, 303);
  });

  it('of another provider is refused without spending the state (mix-up)', async () => {
    const { browser, github, google } = await opened();
    const path = await leave(browser);
    const mixedUp = await browser.send(path.replace('/github/', '/google/'));
    assert.equal(mixedUp.status, 403);
    assert.match(mixedUp.text, /another provider/);
    assert.deepEqual([github.returned.length, google.returned.length], [0, 0]);
    assert.equal((await browser.send(path)).status, 303);
  });

  it('that comes too late, or with a state that nobody gave, is refused', async () => {
    const { browser, github } = await opened();
    const path = await leave(browser);
    for (const state of ['', 'x'.repeat(43), 'x'.repeat(5000), '../../etc', `${path.slice(-43)}%00`]) {
      const refused = await browser.send(`/github/callback?code=c1&state=${state}`);
      assert.equal(refused.status, 403);
      assert.match(refused.text, /not known here/);
    }
    assert.match((await browser.send('/github/callback')).text, /not known here/);
    browser.now = now + limits.upstreamSignInSeconds;
    const late = await browser.send(path);
    assert.equal(late.status, 403);
    assert.match(late.text, /begun too long ago/);
    assert.equal(github.returned.length, 0);
  });

  it('is only for GET: HEAD looks without spending, POST is refused', async () => {
    const { browser, github } = await opened();
    const path = await leave(browser);
    const head = await browser.send(path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    const posted = await browser.post(path, { code: 'c1' });
    assert.equal(posted.status, 405);
    assert.equal(posted.response.headers.get('allow'), 'GET, HEAD');
    assert.equal(github.returned.length, 0);
    assert.equal((await browser.send(path)).status, 303);
  });

  it('with a parameter that came twice, or with too many, is refused before the provider is asked', async () => {
    for (const more of ['&code=c2', '&iss=a&iss=b', `&x=${'x'.repeat(limits.upstreamQueryBytes)}`]) {
      const { browser, github } = await opened();
      const refused = await browser.send((await leave(browser)) + more);
      assert.equal(refused.status, 400);
      assert.match(refused.text, /cannot be used/);
      assert.equal(github.returned.length, 0);
      assert.equal(browser.cookies.has(sessionName), false);
    }
    const { browser, github } = await opened();
    const path = await leave(browser);
    const twice = await browser.send(`${path}&${path.split('&').at(-1)}`);
    assert.equal(twice.status, 403);
    assert.equal(github.returned.length, 0);
    assert.equal((await browser.send(path)).status, 303);
  });

  it('does not go where its own query says', async () => {
    const { browser } = await opened();
    assert.equal((await browser.send(`${await leave(browser)}&return_to=/account&switch=1`)).location, '/');
  });

  it('tells what the person did there in words of its own, with the way to try again', async () => {
    const { browser, lines } = await opened();
    const path = (await leave(browser, '/sign-in?return_to=/account')).replace(
      'code=c1',
      'error=access_denied',
    );
    const denied = await browser.send(`${path}&error_description=<script>alert(1)</script>`);
    assert.equal(denied.status, 403);
    assert.match(denied.text, /You did not allow it there/);
    assert.ok(!denied.text.includes('alert(1)'));
    assert.match(denied.text, /Try again with <bdi>GitHub/);
    assert.match(denied.text, /Continue with <bdi>Google/);
    const { event, facts } = lines.at(-1) ?? {};
    assert.deepEqual(
      [event, facts?.['reason'], facts?.['provider']],
      ['sign_in_failed', 'upstream_denied', 'github'],
    );
    const away = await browser.press(denied.text, 'Try again with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
  });
});

describe('a provider that is in trouble', () => {
  const refuseFetch = refusalsOf(fetchRefusals);

  it('when the browser is to leave, is said so, and nothing is kept', async () => {
    const { browser, github, storage } = await opened();
    github.failing.begin = async () => Promise.reject(refuseFetch('name_unresolved', { host: 'github.com' }));
    const page = await browser.send('/sign-in?return_to=/account');
    const failed = await browser.press(page.text, 'Continue with GitHub');
    assert.equal(failed.status, 503);
    assert.match(failed.text, /does not answer as it should/);
    github.failing = {};
    const away = await browser.press(failed.text, 'Try again with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
    assert.equal((await storage.listUsers()).length, 2);
  });

  it('when it is to say who it is, leaves nothing half-made and nobody signed in', async () => {
    const { browser, github, storage, kept } = await opened();
    github.failing.finish = async () =>
      Promise.reject(refuseFetch('name_unresolved', { host: 'github.com' }));
    const failed = await browser.send(await leave(browser, '/sign-in?return_to=/account'));
    assert.equal(failed.status, 503);
    assert.equal(browser.cookies.has(sessionName), false);
    assert.equal((await storage.listUsers()).length, 1);
    assert.deepEqual(kept, []);
    github.failing = {};
    const away = await browser.press(failed.text, 'Try again with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).location, '/account');
  });

  it('cannot send the browser to an address that is none of the web', async () => {
    const { browser, github } = await opened();
    for (const url of ['javascript:alert(1)', 'http://id.example.com/a', 'data:text/html,x', 'nonsense']) {
      github.begin = async () => url;
      const { text } = await browser.send('/sign-in');
      const refused = await browser.press(text, 'Continue with GitHub');
      assert.equal(refused.status, 500);
      assert.equal(refused.location, null);
    }
  });
});
