// Google, as somebody else built it again, where people of one Workspace alone are let in: by what Google signs, and not by
// the hint that the browser carries there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { common } from '../doubled-providers.ts';
import { emulate, people, pressAt } from '../emulated.ts';
import { leftTo, openBrowserAt, pageOf } from '../house/browser.ts';
import { openHouse } from '../house/open-house.ts';

test('whoever is of another domain does not come in, and can go on as somebody else', async (t) => {
  const google = await emulate('google', ['http://localhost:8000/google/callback']);
  t.after(() => google.close());
  const { issuer, clientId, clientSecret } = google;
  const app = { issuer, clientId, clientSecret, hostedDomain: 'example.com' };
  const named = {
    provider: 'google',
    id: 'google',
    title: 'Google',
    callbackPath: '/google/callback',
  } as const;
  const house = await openHouse({
    now: Math.floor(Date.now() / 1000),
    configure: (config) => ({ ...config, signIn: [{ ...common, ...named, ...app }] }),
  });
  t.after(() => house.close());
  await house.addPerson('operator@example.com', 'correct horse battery');
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  const away = leftTo(await browser.submit(page, {}, '/sign-in/google'));
  assert.equal(away.searchParams.get('hd'), 'example.com');
  away.searchParams.delete('hd');
  const refused = pageOf(await browser.open(await pressAt(away.href, people.bob.email)));
  assert.equal(refused.status, 403);
  assert.match(refused.html, /Only people of one organization are let in here/);
  assert.equal((await house.storage.listUsers()).length, 1);
  const again = leftTo(await browser.submit(refused, {}, '/sign-in/google'));
  const home = pageOf(await browser.open(await pressAt(again.href, people.ada.email)));
  assert.match(home.html, /ada@example\.com/);
});
