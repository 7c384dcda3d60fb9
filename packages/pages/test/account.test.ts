import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccountPage } from '@sallyport/pages';
import { ago } from '../src/time.ts';
import { opened, readTags, textOf } from './document.ts';
import { samples } from './samples.ts';

const page = (name: keyof typeof samples) => readTags(String(samples[name]));

describe('the account page', () => {
  it('says of each app who it is, what it may do, and since when, with a button of its own', () => {
    const text = textOf(page('account'));
    assert.match(text, /Claude Verified: claude\.example\.com May use Records to: read your profile/);
    assert.match(text, /Allowed on 16 December 2026 · last used less than an hour ago · returns to claude/);
    assert.match(text, /Code Helper Unverified May use Sales figures to: read the sales figures/);
    assert.match(
      text,
      /not used yet · returns to a program on your computer, the app that opens code-helper:\/\/ links/,
    );
    const names = opened(page('account'), 'a').map(({ attributes }) => attributes['aria-label']);
    assert.deepEqual(names.slice(0, 2), [
      'Remove access: Claude, Records',
      'Remove access: Code Helper, Sales figures',
    ]);
  });

  it('marks this browser, and offers to sign out the others only where there are some', () => {
    assert.match(
      textOf(page('account')),
      /Firefox on Linux This browser Signed in 5 hours ago · network 192\.0\.2\.\* Sign out/,
    );
    assert.match(
      textOf(page('account')),
      /Safari on iPhone .* last seen 7 hours ago · network 192\.0\.2\.\*, the same as here/,
    );
    assert.match(textOf(page('account')), /A browser Signed in on 17 December 2026/);
    assert.match(textOf(page('account')), /Sign out everywhere else/);
    assert.doesNotMatch(textOf(page('account-new')), /everywhere else|Remove/);
    assert.match(textOf(page('account-new')), /None at present\./);
  });

  it('says what happened politely, and what went wrong at once and in the title', () => {
    const role = (name: keyof typeof samples) =>
      page(name).find(({ attributes }) => attributes['role'])?.attributes['role'];
    assert.equal(role('account'), 'status');
    assert.equal(role('account-problem'), 'alert');
    assert.match(opened(page('account-problem'), 'title')[0]?.text ?? '', /^Problem: /);
    assert.doesNotMatch(textOf(page('account-problem')), /Change password/);
  });
});

describe('the pages that ask before they end something', () => {
  it('offer to go back first, and name what they do on the button', () => {
    for (const [name, words] of [
      ['remove-access', 'Remove'],
      ['remove-all-access', 'Remove all'],
      ['change-password', 'Change'],
      ['delete-account', 'Delete'],
    ] as const) {
      const choices = page(name).filter((tag) => !tag.closing && /^(a|button)$/.test(tag.name));
      assert.deepEqual(
        choices.map(({ text }) => text),
        ['Cancel', words],
      );
      assert.equal(choices[0]?.attributes['href'], '/account');
    }
  });

  it('tell password managers whose password is asked for', () => {
    for (const name of ['change-password', 'delete-account'] as const) {
      const inputs = opened(page(name), 'input').map(({ attributes }) => attributes);
      assert.equal(inputs.find(({ name: own }) => own === 'email')?.['autocomplete'], 'username');
      for (const { type, autocomplete } of inputs.filter((input) => input['type'] === 'password'))
        assert.match(`${type} ${autocomplete}`, /^password (current|new)-password$/);
    }
  });

  it('say how many apps are locked out with the account', () => {
    const said = (appCount: number) => {
      const data = {
        look: { name: 'Gate' },
        traceId: 't',
        action: '/x',
        csrf: 'c',
        fields: {},
        cancelHref: '/account',
      };
      const made = deleteAccountPage({
        ...data,
        person: { email: 'a@example.com' },
        confirmBy: 'email',
        appCount,
      });
      return textOf(readTags(String(made)));
    };
    assert.match(said(0), /No app can ask to act for you any more\./);
    assert.match(said(1), /The app that may act for you is locked out\./);
    assert.match(said(7), /All 7 apps that may act for you are locked out\./);
  });
});

describe('a time', () => {
  const now = 1_800_000_000;
  const said = (secondsAgo: number) => textOf(readTags(String(ago(now - secondsAgo, now))));

  it('is told in words that hold in every time zone, and exactly in the markup', () => {
    assert.equal(said(-5), 'less than an hour ago');
    assert.equal(said(3599), 'less than an hour ago');
    assert.equal(said(3600), '1 hour ago');
    assert.equal(said(86_399), '23 hours ago');
    assert.equal(said(86_400), '1 day ago');
    assert.equal(said(14 * 86_400 - 1), '13 days ago');
    assert.equal(said(14 * 86_400), 'on 1 January 2027');
    assert.match(String(ago(now, now)), /datetime="2027-01-15T08:00:00\.000Z"/);
  });
});
