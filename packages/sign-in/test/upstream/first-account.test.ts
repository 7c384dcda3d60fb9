// The first account, made with a provider.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuse } from '../../src/refusals.ts';
import { Browser, hiddenFieldsOf, openDeployment } from '../browser.ts';
import { callbackOf, leave } from './house.ts';
import { riggedProvider, wayOf } from './rigged-provider.ts';

describe('the first account', () => {
  it('may be made by whom a rule makes an operator, and by nobody else', async () => {
    const github = riggedProvider();
    const policy = { operators: { emails: ['grace@example.com'] } };
    const { room, storage } = await openDeployment({ ways: [wayOf(github, policy)] });
    const browser = new Browser(room);
    github.identity = { ...github.identity, subject: '2', email: 'eve@example.com' };
    const refused = await browser.send(await leave(browser));
    assert.equal(refused.status, 403);
    assert.equal((await storage.listUsers()).length, 0);
    github.identity = { ...github.identity, subject: '583231', email: 'grace@example.com' };
    assert.equal((await browser.send(await leave(browser))).status, 303);
    assert.deepEqual(
      (await storage.listUsers()).map(({ role }) => role),
      ['operator'],
    );
  });

  it('is made by the first who arrives with the setup link, and is the operator’s', async () => {
    const github = riggedProvider();
    const { room, storage } = await openDeployment({ ways: [wayOf(github)], signUp: false });
    const browser = new Browser(room);
    assert.match((await browser.send('/sign-in')).text, /Nobody has an account here yet/);
    const page = await browser.send(room.setupPath());
    assert.equal(page.status, 200);
    assert.ok(!page.text.includes('type="password"'));
    const away = await browser.press(page.text, 'Continue with GitHub');
    const back = await browser.send(callbackOf(away.location));
    assert.equal(back.status, 303);
    assert.deepEqual(
      (await storage.listUsers()).map(({ email, role }) => ({ email, role })),
      [{ email: 'grace@example.com', role: 'operator' }],
    );
    const secret = room.setupPath().split('=')[1] ?? '';
    assert.ok(!(away.location ?? '').includes(secret));
  });

  it('can be tried again with the link when the provider failed', async () => {
    const github = riggedProvider();
    const { room, storage } = await openDeployment({ ways: [wayOf(github)] });
    const browser = new Browser(room);
    github.failing.begin = () => Promise.reject(refuse('upstream_unavailable'));
    const failed = await browser.press((await browser.send(room.setupPath())).text, 'Continue with GitHub');
    assert.equal(failed.status, 503);
    assert.match(failed.text, /href="\/sign-up\?setup=/);
    github.failing = {};
    const away = await browser.press((await browser.send(room.setupPath())).text, 'Continue with GitHub');
    const denied = await browser.send(callbackOf(away.location).replace('code=c1', 'error=access_denied'));
    assert.match(denied.text, /You did not allow it there/);
    assert.match(denied.text, /Open the link that Sallyport printed/);
    assert.ok(!denied.text.includes('<form'));
    assert.equal((await storage.listUsers()).length, 0);
  });

  it('is not made without the link, with a wrong one, or by the second who has it', async () => {
    const github = riggedProvider();
    const { room, storage } = await openDeployment({ ways: [wayOf(github), 'password'] });
    const browser = new Browser(room);
    const page = await browser.send(room.setupPath());
    const fields = hiddenFieldsOf(page.text);
    const { setup: _, ...without } = fields;
    assert.equal((await browser.post('/sign-in/github', without)).status, 403);
    assert.equal((await browser.post('/sign-in/github', { ...fields, setup: 'x'.repeat(43) })).status, 403);
    assert.equal(github.left.length, 0);
    const away = await browser.press(page.text, 'Continue with GitHub');
    const other = new Browser(room);
    const theirs = await other.press((await other.send(room.setupPath())).text, 'Continue with GitHub');
    assert.equal((await browser.send(callbackOf(away.location))).status, 303);
    github.identity = { ...github.identity, subject: '2', email: 'eve@example.com' };
    const late = await other.send(callbackOf(theirs.location));
    assert.equal(late.status, 403);
    assert.match(late.text, /first account has been made/);
    assert.equal((await storage.listUsers()).length, 1);
  });
});
