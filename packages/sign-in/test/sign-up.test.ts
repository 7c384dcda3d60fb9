import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { addUserWithPassword, signIn } from '../src/index.ts';
import { limits } from '../src/limits.ts';
import { ada, Browser, hiddenFieldsOf, now, openDeployment, openSecrets } from './browser.ts';

const bob = { email: 'bob@example.com', password: 'another good password' };
const sessionName = 'sallyport-session-8000';

async function withOperator(changes = {}) {
  const deployment = await openDeployment(changes);
  await addUserWithPassword(deployment.storage, { ...ada, role: 'operator' }, now);
  return { ...deployment, browser: new Browser(deployment.room) };
}

describe('the setup link', () => {
  it('makes the first account, the operator’s, and signs them in', async () => {
    const { room, storage } = await openDeployment({ signUp: false });
    const browser = new Browser(room);
    const done = await browser.fillIn(room.setupPath(), { ...ada, name: ' Ada\u202e  L. ' });
    assert.equal(done.status, 303);
    assert.equal(done.location, '/');
    assert.equal((await browser.whoAmI())?.name, 'Ada L.');
    const [user, ...others] = await storage.listUsers();
    assert.equal(user?.role, 'operator');
    assert.equal(others.length, 0);
    assert.match(user?.passwordHash ?? '', /^\$argon2id\$/);
  });

  it('is the same on every instance and after a restart, and another one under other keys', async () => {
    const { room, options } = await openDeployment();
    assert.equal(signIn(options).setupPath(), room.setupPath());
    const { derivation } = openSecrets();
    assert.notEqual(signIn({ ...options, derivation }).setupPath(), room.setupPath());
    assert.match(room.setupPath(), /^\/sign-up\?setup=[\w-]{43}$/);
  });

  it('counts after its key was replaced', async () => {
    const { room, options } = await openDeployment();
    const link = room.setupPath();
    const newer = openSecrets().derivation.current;
    const { derivation } = options;
    const replaced = { ...derivation, current: newer, known: [newer, ...derivation.known] };
    const later = signIn({ ...options, derivation: replaced });
    assert.notEqual(later.setupPath(), link);
    for (const path of [link, later.setupPath()])
      assert.equal((await new Browser(later).send(path)).status, 200);
  });

  it('is refused when it is not the one that was printed, by POST as well', async () => {
    const { room, storage } = await openDeployment();
    const browser = new Browser(room);
    const refused = await browser.send('/sign-up?setup=x');
    assert.equal(refused.status, 403);
    assert.match(refused.text, /not the one that Sallyport printed/);
    // Nobody can sign in yet.
    assert.doesNotMatch(refused.text, /href="\/sign-in/);
    const missing = await browser.send('/sign-up?return_to=%2Fsomewhere');
    assert.match(missing.text, /Not set up yet.*<a href="\/sign-up\?return_to=%2Fsomewhere"/s);
    assert.doesNotMatch(missing.text, /href="\/sign-in/);
    const { text } = await browser.send(room.setupPath());
    for (const setup of ['', 'x', hiddenFieldsOf(text)['setup']!.slice(1)]) {
      const posted = await browser.post('/sign-up', { ...hiddenFieldsOf(text), ...ada, setup });
      assert.equal(posted.status, 403);
    }
    assert.equal(await storage.hasUsers(), false);
  });

  it('has done its work once anybody has an account', async () => {
    const { room, browser, storage } = await withOperator();
    const refused = await browser.send(room.setupPath());
    assert.equal(refused.status, 403);
    assert.match(refused.text, /Sign in instead/);
    const { csrf = '' } = hiddenFieldsOf((await browser.send('/sign-up')).text);
    const setup = room.setupPath().split('=')[1]!;
    assert.equal((await browser.post('/sign-up', { ...bob, csrf, setup })).status, 403);
    assert.equal((await storage.listUsers()).length, 1);
  });

  it('makes one operator when two browsers submit it at once', async () => {
    const { room, storage } = await openDeployment();
    const results = await Promise.all(
      [ada, bob].map(async (account) => new Browser(room).fillIn(room.setupPath(), account)),
    );
    assert.deepEqual(
      results.map(({ status }) => status).toSorted((a, b) => a - b),
      [303, 403],
    );
    assert.equal((await storage.listUsers()).length, 1);
  });

  it('is asked for before the first account, even when sign-up is open', async () => {
    const { room, storage } = await openDeployment();
    const browser = new Browser(room);
    const { status, text } = await browser.send('/sign-up');
    assert.equal(status, 403);
    assert.match(text, /Open the link that Sallyport printed when it started/);
    assert.equal((await browser.post('/sign-up', bob)).status, 403);
    assert.equal(await storage.hasUsers(), false);
  });

  it('keeps what was typed, and itself, when the password is too short', async () => {
    const { room } = await openDeployment();
    const browser = new Browser(room);
    const again = await browser.fillIn(room.setupPath(), {
      email: ada.email,
      name: 'Ada',
      password: 'short',
    });
    assert.equal(again.status, 400);
    assert.match(again.text, /at least 8 characters/i);
    assert.match(again.text, /value="Ada"/);
    assert.equal((await browser.submit(again.text, ada)).status, 303);
  });
});

describe('open sign-up', () => {
  it('makes a member, who signs in with what they chose and goes on to where they were going', async () => {
    const { browser, storage } = await withOperator();
    const made = await browser.fillIn('/sign-up?return_to=/x', { ...bob, name: 'Bob' });
    assert.equal(made.status, 200);
    assert.match(made.text, /your account is ready/);
    assert.match(made.text, /value="bob@example.com"/);
    assert.equal((await storage.findUserByEmail(bob.email))?.role, 'member');
    const done = await browser.submit(made.text, bob);
    assert.equal(done.location, '/x');
    assert.equal((await browser.whoAmI())?.name, 'Bob');
  });

  it('answers a taken e-mail exactly as a free one, hashes for both, and changes nothing', async () => {
    const { browser, storage } = await withOperator();
    const before = await storage.listUsers();
    const taken = await browser.fillIn('/sign-up', { ...bob, email: 'ADA@example.com' });
    assert.deepEqual(await storage.listUsers(), before);
    const free = await browser.fillIn('/sign-up', bob);
    assert.equal((await storage.listUsers()).length, 2);
    assert.equal(taken.status, free.status);
    assert.equal(taken.text, free.text.replaceAll(bob.email, ada.email));
    assert.deepEqual([...taken.response.headers], [...free.response.headers]);
    assert.equal(browser.cookies.has(sessionName), false);
  });

  it('does not sign anybody in, not even with the right password of a taken e-mail', async () => {
    const { browser } = await withOperator();
    const taken = await browser.fillIn('/sign-up', ada);
    assert.equal(taken.status, 200);
    assert.equal(await browser.whoAmI(), undefined);
  });

  it('answers at the same moment for both, although only one is written', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { browser, lines } = await withOperator();
      for (const account of [ada, bob]) {
        const { text } = await browser.send('/sign-up');
        const linesBefore = lines.length;
        let answered = false;
        const answer = browser.submit(text, account).finally(() => (answered = true));
        // The log says when the work is done.
        while (lines.length === linesBefore) await new Promise(setImmediate);
        mock.timers.tick(limits.signUpAnswerMilliseconds - 1);
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
        assert.equal(answered, false);
        mock.timers.tick(1);
        assert.equal((await answer).status, 200);
      }
    } finally {
      mock.timers.reset();
    }
  });

  it('says which field is wrong, by rules that know nothing of accounts', async () => {
    const { browser, storage } = await withOperator();
    const email = await browser.fillIn('/sign-up', { ...bob, email: 'bob' });
    assert.equal(email.status, 400);
    assert.match(email.text, /not an e-mail address/);
    const password = await browser.fillIn('/sign-up', {
      ...bob,
      password: 'x'.repeat(limits.passwordMax + 1),
    });
    assert.equal(password.status, 400);
    assert.match(password.text, /too long/);
    assert.equal(password.text.includes('xxxxxxxx'), false);
    assert.equal((await storage.listUsers()).length, 1);
  });

  it('takes only this browser’s own form, and keeps what was typed', async () => {
    const { browser, storage } = await withOperator();
    const { text } = await browser.send('/sign-up');
    browser.cookies.clear();
    const again = await browser.submit(text, bob);
    assert.equal(again.status, 403);
    assert.match(again.text, /value="bob@example.com"/);
    assert.equal((await storage.listUsers()).length, 1);
    assert.equal((await browser.submit(again.text, bob)).status, 200);
    assert.equal((await storage.listUsers()).length, 2);
  });

  it('makes only so many accounts for one address', async () => {
    const { browser, storage } = await withOperator();
    const { csrf = '' } = hiddenFieldsOf((await browser.send('/sign-up')).text);
    const attempts = Array.from({ length: limits.signUpsPerAddress.points + 1 }, async (_, index) =>
      browser.post('/sign-up', { ...bob, email: `bob${index}@example.com`, csrf }),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 429).length, 1);
    assert.equal((await storage.listUsers()).length, 1 + limits.signUpsPerAddress.points);
  });

  it('goes straight on when somebody is signed in', async () => {
    const { browser } = await withOperator();
    await browser.fillIn('/sign-in', ada);
    assert.equal((await browser.send('/sign-up?return_to=/x')).location, '/x');
    assert.equal((await browser.send('/sign-up?return_to=/x&switch=1')).status, 200);
  });
});

describe('closed sign-up', () => {
  it('refuses the page and the form, and does not offer it', async () => {
    const { browser, storage } = await withOperator({ signUp: false });
    assert.equal((await browser.send('/sign-in')).text.includes('/sign-up'), false);
    const { status, text } = await browser.send('/sign-up');
    assert.equal(status, 403);
    assert.match(text, /made by the operator/);
    for (const email of [ada.email, bob.email]) {
      const posted = await browser.post('/sign-up', { ...bob, email });
      assert.equal(posted.status, 403);
      assert.equal(posted.text, text);
    }
    assert.equal((await storage.listUsers()).length, 1);
  });
});

describe('adding a user on the command line', () => {
  it('keeps the same rules and says plainly what is wrong', async () => {
    const { storage } = await withOperator();
    const add = (account: object) =>
      addUserWithPassword(storage, { ...bob, role: 'member', ...account }, now);
    await assert.rejects(add({ email: ' ADA@example.com' }), { name: 'Refusal', reason: 'email_taken' });
    await assert.rejects(add({ email: 'ada' }), { reason: 'email_invalid' });
    await assert.rejects(add({ password: 'short' }), { reason: 'password_too_short' });
    const user = await add({ name: undefined });
    assert.equal(user.name, 'bob');
    assert.deepEqual(await storage.findUser(user.id), user);
  });
});
