import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { Refusal } from '@sallyport/protocol';
import { countInMemory, type OpenCounter } from '@sallyport/storage';
import { type CountedGuess, guesses } from '../src/guesses.ts';
import { addUserWithPassword } from '../src/index.ts';
import { limits } from '../src/limits.ts';
import { hashing } from '../src/passwords.ts';
import { passwordProvider } from '../src/providers/password.ts';
import { ada, Browser, now, openDeployment } from './browser.ts';

const here = { account: 'a', address: '192.0.2.1', browser: 'here' };

async function outcome(attempt: Promise<CountedGuess>): Promise<CountedGuess | Refusal> {
  return attempt.catch((refusal: unknown) => {
    assert.ok(refusal instanceof Refusal);
    assert.equal(refusal.reason, 'too_many_attempts');
    return refusal;
  });
}

const waitOf = (result: CountedGuess | Refusal) =>
  result instanceof Refusal ? result.facts['retryAfterSeconds'] : undefined;
const limitOf = (result: CountedGuess | Refusal) =>
  result instanceof Refusal ? result.facts['limit'] : undefined;

describe('guessing at one place', () => {
  it('waits after five, twice as long each time, up to an hour', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const { count } = guesses(countInMemory);
      const waits: unknown[] = [];
      for (let round = 0; round < 8; round += 1) {
        for (let index = 0; index < limits.guessesPerPlace.points; index += 1)
          assert.equal(waitOf(await outcome(count(here))), undefined);
        const seconds = waitOf(await outcome(count(here)));
        waits.push(seconds);
        assert.equal(waitOf(await outcome(count(here))), seconds);
        mock.timers.tick(Number(seconds) * 1000);
        // The address has its own, longer window; it is not what this test is about.
        mock.timers.tick(limits.guessesPerAddress.seconds * 1000);
      }
      assert.deepEqual(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
    } finally {
      mock.timers.reset();
    }
  });

  it('counts parallel guesses before any is judged', async () => {
    const { count } = guesses(countInMemory);
    const results = await Promise.all(Array.from({ length: 20 }, () => outcome(count(here))));
    assert.equal(results.filter((result) => result instanceof Refusal).length, 15);
  });

  it('starts afresh after a right one, there and nowhere else', async () => {
    const { count } = guesses(countInMemory);
    const there = { ...here, address: '192.0.2.2', browser: 'there' };
    for (let index = 0; index < 4; index += 1) await Promise.all([count(here), count(there)]);
    await (await count(here)).right();
    for (let index = 0; index < limits.guessesPerPlace.points; index += 1) await count(here);
    await count(there);
    assert.equal(limitOf(await outcome(count(there))), 'place');
  });

  it('forgets earlier waits after a right one', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const { count } = guesses(countInMemory);
      for (let round = 0; round < 3; round += 1) {
        for (let index = 0; index < limits.guessesPerPlace.points; index += 1) await count(here);
        assert.equal(waitOf(await outcome(count(here))), limits.firstBlockSeconds);
        mock.timers.tick(limits.guessesPerAddress.seconds * 1000);
        await (await count(here)).right();
      }
    } finally {
      mock.timers.reset();
    }
  });

  it('does not count what could not be judged', async () => {
    const { count } = guesses(countInMemory);
    for (let index = 0; index < 100; index += 1) await (await count(here)).unjudged();
    assert.equal(limitOf(await outcome(count(here))), undefined);
  });

  it('takes a /64 of IPv6 for one place', async () => {
    const { count } = guesses(countInMemory);
    for (let index = 0; index < 5; index += 1) await count({ ...here, address: `2001:db8::${index}` });
    assert.equal(limitOf(await outcome(count({ ...here, address: '2001:db8::ffff' }))), 'place');
    assert.equal(limitOf(await outcome(count({ ...here, address: '2001:db8:0:1::1' }))), undefined);
  });
});

describe('guessing at many accounts from one address', () => {
  it('leaves room for an office that signs in rightly', async () => {
    const { count } = guesses(countInMemory);
    for (let index = 0; index < 2 * limits.guessesPerAddress.points; index += 1)
      await (await count({ ...here, account: `a${index}` })).right();
  });

  it('waits after fifty', async () => {
    const { count } = guesses(countInMemory);
    for (let index = 0; index < limits.guessesPerAddress.points; index += 1)
      await count({ ...here, account: `a${index}` });
    assert.equal(limitOf(await outcome(count({ ...here, account: 'another' }))), 'address');
    assert.equal(
      limitOf(await outcome(count({ ...here, account: 'another', address: '192.0.2.9' }))),
      undefined,
    );
  });
});

describe('guessing at one account from many addresses', () => {
  const attack = async (count: ReturnType<typeof guesses>['count']) => {
    for (let index = 0; index < limits.guessesPerAccount.points; index += 1)
      await count({ account: 'a', address: `198.51.100.${index % 250}`, browser: `x${index}` });
  };

  it('waits after a hundred, but not where its owner has signed in before', async () => {
    const { count } = guesses(countInMemory);
    await (await count(here)).right();
    await attack(count);
    assert.equal(
      limitOf(await outcome(count({ ...here, address: '203.0.113.1', browser: 'new' }))),
      'account',
    );
    assert.equal(limitOf(await outcome(count({ ...here, browser: 'new' }))), undefined);
    assert.equal(limitOf(await outcome(count({ ...here, address: '203.0.113.1' }))), undefined);
  });

  it('is not used up by one address that goes on while it is blocked', async () => {
    const { count } = guesses(countInMemory);
    for (let index = 0; index < 500; index += 1) await outcome(count({ ...here, browser: 'x' }));
    assert.equal(limitOf(await outcome(count({ ...here, address: '203.0.113.1' }))), undefined);
  });
});

describe('a counter that fails', () => {
  it('lets nobody through', async () => {
    const broken: OpenCounter = (rule) => ({
      ...countInMemory(rule),
      count: () => Promise.reject(new Error('the counter is away')),
    });
    await assert.rejects(guesses(broken).count(here), /the counter is away/);
  });
});

describe('the password provider', () => {
  async function provider(verify: (hash: string | undefined, password: string) => Promise<boolean>) {
    const { storage, secrets, room, lines } = await openDeployment();
    await addUserWithPassword(storage, { ...ada, role: 'operator' }, now);
    const { derivation } = secrets;
    const password = passwordProvider({ storage, derivation, guesses: guesses(countInMemory), verify });
    return { storage, password, room, lines };
  }
  const from = { address: '192.0.2.1', browser: 'b' };

  it('does the work of a comparison for an unknown e-mail too', async () => {
    const compared: (string | undefined)[] = [];
    const { password, storage } = await provider(async (hash) => {
      compared.push(hash);
      return false;
    });
    const refused = { reason: 'credentials_wrong' };
    await assert.rejects(password.finish({ ...ada, ...from }), refused);
    await assert.rejects(password.finish({ ...ada, email: 'bob@example.com', ...from }), refused);
    assert.deepEqual(compared, [(await storage.findUserByEmail(ada.email))?.passwordHash, undefined]);
  });

  it('lets nobody in as an unknown e-mail, whatever the comparison says', async () => {
    const { password } = await provider(async () => true);
    await assert.rejects(password.finish({ email: 'bob@example.com', password: 'x', ...from }), {
      reason: 'credentials_wrong',
    });
  });

  it('does not compare again while the place is blocked, right password or not', async () => {
    let compared = 0;
    const { password } = await provider(async () => {
      compared += 1;
      return false;
    });
    const attempts = Array.from({ length: 12 }, () =>
      password.finish({ ...ada, ...from }).catch(() => 'refused'),
    );
    await Promise.all(attempts);
    assert.equal(compared, 5);
  });

  it('does not count a guess that could not be judged', async () => {
    const { password } = await provider(async () => {
      throw new Error('no memory');
    });
    for (let index = 0; index < 8; index += 1)
      await assert.rejects(password.finish({ ...ada, ...from }), /no memory/);
  });
});

describe('a person who errs now and then', () => {
  it('is never blocked, as every right sign-in starts afresh', async () => {
    const { storage, room } = await openDeployment();
    await addUserWithPassword(storage, { ...ada, role: 'operator' }, now);
    const browser = new Browser(room);
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < limits.guessesPerPlace.points - 1; index += 1)
        assert.equal((await browser.fillIn('/sign-in?switch=1', { ...ada, password: 'wrong' })).status, 403);
      assert.equal((await browser.fillIn('/sign-in?switch=1', ada)).status, 303);
    }
  });
});

describe('when all are hashing', () => {
  it('asks to come back in a few seconds, and counts nothing', async () => {
    const { storage, room } = await openDeployment();
    await addUserWithPassword(storage, { ...ada, role: 'operator' }, now);
    const browser = new Browser(room);
    const forms = { in: await browser.send('/sign-in'), up: await browser.send('/sign-up') };
    const full = mock.method(hashing, 'isFull', () => true);
    for (let index = 0; index <= limits.signUpsPerAddress.points; index += 1) {
      for (const { text: page } of [forms.in, forms.up]) {
        const { status, response, text } = await browser.submit(page, { ...ada, name: '' });
        assert.equal(status, 503);
        assert.equal(response.headers.get('retry-after'), '5');
        assert.match(text, /Try again in 5 seconds/);
      }
    }
    full.mock.restore();
    assert.equal((await browser.submit(forms.in.text, ada)).status, 303);
  });
});

describe('a person who is blocked', () => {
  it('reads when to try again, the same for an unknown e-mail', async () => {
    const { storage, room, lines } = await openDeployment();
    await addUserWithPassword(storage, { ...ada, role: 'operator' }, now);
    const answers = [];
    for (const email of [ada.email, 'bob@example.com']) {
      const browser = new Browser(room);
      for (let index = 0; index < 5; index += 1)
        assert.equal((await browser.fillIn('/sign-in', { email, password: 'wrong horse' })).status, 403);
      const blocked = await browser.fillIn('/sign-in', { email, password: ada.password });
      assert.equal(blocked.status, 429);
      assert.equal(blocked.response.headers.get('retry-after'), '60');
      assert.match(blocked.text, /Too many attempts\. Try again in 1 minute\./);
      assert.equal(await browser.whoAmI(), undefined);
      answers.push(blocked.text.replaceAll(email, '').replaceAll(/name="csrf" value="[^"]+"/g, ''));
    }
    assert.equal(answers[0], answers[1]);
    assert.equal(lines.at(-1)?.level, 'warn');
  });
});
