// A store that fails at each call of leaving and of coming back, before it happened and after: a page that says so, no
// session, no account without its identity, and the next try goes through.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBrowserAt, pageOf, type Browser } from '../house/browser.ts';
import { faultRig, type Fault } from '../house/fault-rig.ts';
import {
  browserAtProvider,
  openUpstreamHouse,
  pressButton,
  signInUpstream,
  throughProvider,
} from './upstream-house.ts';

const hasSession = ({ cookies }: Browser): boolean =>
  [...cookies.keys()].some((name) => name.includes('session'));

async function openRigged() {
  const faults = faultRig();
  const house = await openUpstreamHouse({ rig: faults.rig });
  await house.addPerson('operator@example.com', 'correct horse battery');
  return { faults, house };
}

/** More than leaving and coming back ask for. */
const mostCalls = 30;

describe('a store that fails', () => {
  for (const fault of ['before', 'after'] as const satisfies readonly Fault[]) {
    it(`${fault} each call of leaving: nobody is sent anywhere, and the button works again`, async (t) => {
      const { faults, house } = await openRigged();
      t.after(() => house.close());
      const browser = openBrowserAt(house);
      const page = pageOf(await browser.open('/sign-in'));
      let failed = 0;
      for (let n = 1; n < mostCalls; n += 1) {
        faults.arm(n, fault);
        const arrived = await browser.submit(page, {}, '/sign-in/oidc');
        if (faults.disarm() < n) break;
        const answer = pageOf(arrived);
        assert.equal(answer.status, 503, `call ${n}`);
        assert.equal(answer.headers.get('retry-after'), '5');
        failed += 1;
        await pressButton(browser, page);
      }
      assert.ok(failed >= 2, `${failed} calls failed`);
    });

    it(`${fault} each call of coming back: nobody is signed in, and the next try goes through`, async (t) => {
      const { faults, house } = await openRigged();
      t.after(() => house.close());
      let failed = 0;
      for (let n = 1; n < mostCalls; n += 1) {
        const browser = openBrowserAt(house);
        const at = browserAtProvider(house);
        const as = `person-${fault}-${n}`;
        const page = pageOf(await browser.open('/sign-in?return_to=/sign-out'));
        const back = await throughProvider(at, await pressButton(browser, page), as);
        faults.arm(n, fault);
        const response = await browser.request(back.href);
        if (faults.disarm() < n) break;
        failed += 1;
        assert.equal(response.status, 503, `call ${n}`);
        assert.equal(hasSession(browser), false, `call ${n}`);
        // Either there is nothing of the person, or an account with its identity.
        const user = await house.storage.findUserByEmail(`${as}@example.com`);
        const known = await house.storage.findIdentity({ provider: 'oidc', subject: as });
        assert.equal(known?.user.id, user?.id, `call ${n}`);
        await signInUpstream(house, browser, await browser.open('/sign-in'), { as, at });
        assert.ok(hasSession(browser), `after call ${n}`);
      }
      assert.ok(failed >= 6, `${failed} calls failed`);
      const emails = (await house.storage.listUsers()).map(({ email }) => email);
      assert.equal(new Set(emails).size, emails.length);
    });
  }
});
