// Two instances on one store: a browser leaves from the one and comes back to the other, and still only once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBrowserAt, pageOf, type Site } from '../house/browser.ts';
import { authorizationUrl, register } from '../house/client.ts';
import { openHouse } from '../house/open-house.ts';
import { storesOfHouse } from '../house/stores.ts';
import { browserAtProvider, openUpstreamHouse, pressButton, throughProvider } from './upstream-house.ts';

for (const { name, options, urlFor } of storesOfHouse.filter((store) => store.name === 'PostgreSQL'))
  describe(`two instances on ${name}`, options, () => {
    it('know what the other one began, and sign in once for it', async (t) => {
      const storageUrl = await urlFor(t);
      const house = await openUpstreamHouse({ storageUrl });
      t.after(() => house.close());
      await house.addPerson('operator@example.com', 'correct horse battery');
      const { config, secrets, clock } = house;
      const other = await openHouse({ storageUrl, secrets, now: clock.now, configure: () => config });
      t.after(() => other.close());
      let turn = 0;
      const either: Site = {
        origin: house.origin,
        ask: (path, init) => (turn++ % 2 === 0 ? house : other).ask(path, init),
      };
      const client = await register(either);
      const browser = openBrowserAt(either);
      const page = pageOf(await browser.open(authorizationUrl(client).url));
      const away = await pressButton(browser, page);
      const back = await throughProvider(browserAtProvider(house), away);
      const answers = await Promise.all(Array.from({ length: 20 }, () => browser.request(back.href)));
      const sessions = answers.filter((answer) =>
        answer.headers.getSetCookie().some((line) => line.includes('session')),
      );
      assert.equal(sessions.length, 1);
      assert.equal((await house.storage.listUsers()).length, 2);
      const consent = pageOf(await browser.open(back.href));
      assert.match(consent.html, /Allow .*Example client/s);
    });
  });
