import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { consentPage, favicon, script, signInPage, signUpPage, stylesheet } from '@sallyport/pages';
import { opened, readTags, textOf } from './document.ts';
import type { Tag } from './document.ts';
import { ownLook, samples } from './samples.ts';

const page = (name: keyof typeof samples): Tag[] => readTags(String(samples[name]));
const input = (tags: Tag[], name: string) => tags.find((tag) => tag.attributes['name'] === name)?.attributes;

describe('every page', () => {
  for (const name of Object.keys(samples)) {
    const tags = page(name);
    it(`${name}: says its language, its title and one heading`, () => {
      assert.equal(opened(tags, '!doctype').length, 1);
      assert.equal(opened(tags, 'html')[0]?.attributes['lang'], 'en');
      assert.match(opened(tags, 'title')[0]?.text ?? '', /^\S.* · \S/);
      assert.equal(opened(tags, 'h1').length, 1);
      assert.equal(opened(tags, 'main').length, 1);
    });

    it(`${name}: has a label for every field, and every reference finds its element once`, () => {
      const ids = tags.flatMap((tag) => tag.attributes['id'] ?? []);
      assert.equal(new Set(ids).size, ids.length);
      const labelled = opened(tags, 'label').map((tag) => tag.attributes['for']);
      for (const { attributes } of opened(tags, 'input')) {
        if (attributes['type'] !== 'hidden') assert.ok(labelled.includes(attributes['id']));
        for (const id of attributes['aria-describedby']?.split(' ') ?? []) assert.ok(ids.includes(id), id);
      }
      for (const { attributes } of opened(tags, 'img')) assert.equal(attributes['alt'], '');
    });

    it(`${name}: needs no script, no inline style and nothing from elsewhere`, () => {
      // The one that there is only adds, and is ours.
      for (const { attributes } of opened(tags, 'script'))
        assert.deepEqual(attributes, { src: script.path, defer: '' });
      assert.deepEqual(opened(tags, 'style'), []);
      for (const { attributes } of tags) {
        assert.equal(attributes['style'], undefined);
        assert.ok(!Object.keys(attributes).some((attribute) => attribute.startsWith('on')));
      }
      assert.deepEqual(
        tags.filter((tag) => tag.name === 'link').map((tag) => tag.attributes['href']),
        name.startsWith('own-look')
          ? [ownLook.stylesheet?.path, ownLook.icon?.path]
          : [stylesheet.path, favicon.path],
      );
      const icon = name.startsWith('own-look') ? ownLook.icon?.path : favicon.path;
      assert.deepEqual([...new Set(opened(tags, 'img').map((tag) => tag.attributes['src']))], [icon]);
    });

    it(`${name}: shows the reference of the login`, () => {
      assert.match(textOf(tags), /Reference 5b0e4c1f9a7d4e02$/);
    });

    it(`${name}: closes what it opens`, () => {
      const empty = ['!doctype', 'meta', 'link', 'img', 'input', 'br'];
      const open: string[] = [];
      for (const tag of tags) {
        if (empty.includes(tag.name)) continue;
        if (tag.closing) assert.equal(open.pop(), tag.name);
        else open.push(tag.name);
      }
      assert.deepEqual(open, []);
    });
  }
});

describe('the sign-in page', () => {
  it('posts email, password, csrf and return_to', () => {
    const tags = page('sign-in');
    assert.deepEqual(opened(tags, 'form')[0]?.attributes, { method: 'post', action: '/sign-in' });
    assert.equal(input(tags, 'return_to')?.['value'], '/oauth/authorize/resume?pause=4f1c');
    assert.equal(input(tags, 'csrf')?.['type'], 'hidden');
    assert.equal(input(tags, 'email')?.['autocomplete'], 'username');
    assert.equal(input(tags, 'password')?.['autocomplete'], 'current-password');
    assert.equal(input(tags, 'password')?.['value'], undefined);
    assert.match(textOf(tags), /Claude asks to connect/);
  });

  it('puts the cursor where something is missing', () => {
    assert.equal(input(page('sign-in'), 'email')?.['autofocus'], '');
    assert.equal(input(page('sign-in'), 'password')?.['autofocus'], undefined);
    assert.equal(input(page('sign-in-problem'), 'password')?.['autofocus'], '');
    assert.equal(input(page('sign-in-problem'), 'email')?.['autofocus'], undefined);
  });

  it('says a problem aloud, in the title, and at both fields alike', () => {
    const tags = page('sign-in-problem');
    assert.match(opened(tags, 'title')[0]?.text ?? '', /^Problem: /);
    assert.equal(tags.find((tag) => tag.attributes['role'] === 'alert')?.attributes['id'], 'problem');
    for (const name of ['email', 'password']) {
      assert.equal(input(tags, name)?.['aria-invalid'], 'true');
      assert.equal(input(tags, name)?.['aria-describedby'], 'problem');
    }
    assert.equal(input(page('sign-in'), 'email')?.['aria-invalid'], undefined);
  });

  it('offers an account only where one can be made', () => {
    assert.match(textOf(page('sign-in')), /Create an account/);
    assert.doesNotMatch(textOf(page('sign-in-alone')), /account\?|Create/);
  });
});

describe('the sign-up page', () => {
  it('posts name, email and a new password', () => {
    const tags = page('sign-up');
    assert.equal(input(tags, 'password')?.['autocomplete'], 'new-password');
    assert.equal(input(tags, 'password')?.['minlength'], '8');
    assert.equal(input(tags, 'password')?.['aria-describedby'], 'password-hint');
    assert.equal(input(tags, 'name')?.['required'], undefined);
    assert.equal(input(tags, 'setup'), undefined);
  });

  it('says that the first account runs this Sallyport, and carries the proof', () => {
    const tags = page('sign-up-first');
    assert.match(textOf(tags), /You are the first here: this account runs this Sallyport\./);
    assert.equal(input(tags, 'setup')?.['value'], 'abc');
    assert.doesNotMatch(textOf(page('sign-up')), /runs this/);
  });

  it('ties a problem to the field it is about, beside its hint', () => {
    const tags = page('sign-up-problem');
    assert.equal(input(tags, 'password')?.['aria-describedby'], 'problem password-hint');
    assert.equal(input(tags, 'password')?.['aria-invalid'], 'true');
    assert.equal(input(tags, 'password')?.['autofocus'], '');
    assert.equal(input(tags, 'email')?.['aria-invalid'], undefined);
    assert.equal(input(tags, 'email')?.['value'], 'ada@example.com');
  });
});

describe('the consent page', () => {
  it('says who asks for what, where it goes next, and for which account', () => {
    const text = textOf(page('consent-web'));
    assert.match(text, /Allow Claude to use Records for you\?/);
    assert.match(text, /Verified: claude\.example\.com/);
    assert.match(text, /It will be able to read your profile/);
    assert.match(text, /Afterwards you go to claude\.example\.com/);
    assert.match(text, /Ada Example ?ada@example\.com Use another account/);
    assert.doesNotMatch(text, /Unverified/);
  });

  it('says Unverified whenever no domain was verified, whatever the client calls itself', () => {
    for (const name of ['consent-loopback', 'consent-app', 'consent-no-name', 'consent-long'] as const) {
      assert.match(textOf(page(name)), /Unverified/);
      assert.doesNotMatch(textOf(page(name)), /Verified/);
    }
  });

  it('names the program on this computer, or the app behind a scheme, and asks whether it was started now', () => {
    assert.match(
      textOf(page('consent-loopback')),
      /a program on this computer \(127\.0\.0\.1:33418\) Allow this only/,
    );
    assert.match(textOf(page('consent-app')), /the app that opens cursor:\/\/ links Allow this only/);
    assert.doesNotMatch(textOf(page('consent-web')), /Allow this only/);
  });

  it('offers Deny and Allow as two buttons of one form, with the fields as they were given', () => {
    const tags = page('consent-web');
    assert.deepEqual(
      opened(tags, 'button').map((tag) => [tag.attributes['name'], tag.attributes['value'], tag.text]),
      [
        ['decision', 'deny', 'Deny'],
        ['decision', 'allow', 'Allow'],
      ],
    );
    assert.deepEqual(
      opened(tags, 'input').map((tag) => [
        tag.attributes['type'],
        tag.attributes['name'],
        tag.attributes['value'],
      ]),
      [
        ['hidden', 'pause', '4f1c2d'],
        ['hidden', 'version', '1'],
        ['hidden', 'csrf', 'dGhpcyBpcyBub3QgYSByZWFsIHRva2VuLCBqdXN0IGE'],
      ],
    );
  });

  it('never shows a host shortened, however long', () => {
    assert.match(textOf(page('consent-long')), /(accounts-example-com\.){5}example\.org/);
  });

  it('links the website that a client names only when it is https', () => {
    const links = (client_uri: string) =>
      opened(
        readTags(
          String(
            consentPage({
              look: { name: 'Gate' },
              traceId: 't',
              action: '/x',
              csrf: 'c',
              fields: {},
              client: { client_id: 'c', client_uri },
              redirect: { kind: 'web', host: 'example.com' },
              person: { email: 'a@example.com', name: '' },
              resource: { title: 'R', url: 'https://example.com/mcp' },
              scopes: [],
              switchAccountHref: '/sign-in',
              accountHref: '/account',
            }),
          ),
        ),
        'a',
      ).map((tag) => tag.attributes);
    assert.deepEqual(
      links('javascript:alert(1)').map(({ href }) => href),
      ['/sign-in', '/account'],
    );
    assert.deepEqual(links('https://example.com')[1], {
      href: 'https://example.com/',
      target: '_blank',
      rel: 'noopener noreferrer nofollow',
    });
  });
});

describe('the page that returns to an app', () => {
  it('has a plain link and a refresh to the redirect URI', () => {
    const tags = page('return-to-app');
    const href = 'cursor://anysphere.cursor-mcp/oauth/callback?code=x&state=y';
    assert.equal(tags.find((tag) => tag.attributes['http-equiv'])?.attributes['content'], `0;url=${href}`);
    assert.equal(opened(tags, 'a')[0]?.attributes['href'], href);
  });
});

describe('a page without its optional data', () => {
  it('leaves out the fields instead of showing "undefined"', () => {
    const look = { name: 'Gate' };
    const common = { look, traceId: 't', action: '/x', csrf: 'c', returnTo: '/' };
    for (const made of [
      signInPage(common),
      signUpPage({ ...common, first: true }),
      ...Object.values(samples),
    ]) {
      assert.doesNotMatch(String(made), /undefined|\[object|>false<|>null</);
    }
  });
});
