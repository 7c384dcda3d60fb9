import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  accountPage,
  changePasswordPage,
  chooseAccountPage,
  consentPage,
  deleteAccountPage,
  homePage,
  newTokenPage,
  problemPage,
  removeAccessPage,
  returnToAppPage,
  revokeTokenPage,
  script,
  signedOutPage,
  signInPage,
  signUpPage,
  tokenMadePage,
} from '@sallyport/pages';
import type { Html } from '@sallyport/pages';
import * as fc from 'fast-check';
import { readTags, skeletonOf, spaced, textOf } from './document.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title><h1>',
  '</pre><style>',
  '<!--',
  ']]>',
  '&lt;script&gt;',
  '&',
  '${1}',
  '\0<b>',
  '\ud800',
  '\u202e<i>',
];
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string()), { maxLength: 4 })
    .map((parts) => parts.join('')),
);

/** Every field that is free text, in every page; `say` gives the next text. */
const PAGES: Readonly<Record<string, (say: () => string) => Html>> = {
  signIn: (say) =>
    signInPage({
      look: { name: say() },
      traceId: say(),
      action: '/sign-in',
      csrf: say(),
      returnTo: say(),
      email: `a${say()}`,
      problem: say(),
      signUpHref: '/sign-up',
      forClient: say(),
    }),
  signUp: (say) =>
    signUpPage({
      look: { name: say() },
      traceId: say(),
      action: '/sign-up',
      csrf: say(),
      returnTo: say(),
      email: `a${say()}`,
      name: say(),
      problem: say(),
      problemField: 'email',
      signInHref: '/sign-in',
      first: false,
      setup: say(),
    }),
  consent: (say) =>
    consentPage({
      look: { name: say() },
      traceId: say(),
      action: '/consent',
      csrf: say(),
      fields: { [say()]: say() },
      client: {
        name: say(),
        client_id: say(),
        verifiedDomain: say(),
        client_uri: 'https://example.com/',
      },
      redirect: { kind: 'loopback', host: say() },
      person: { email: say(), name: `a${say()}` },
      resource: { title: say(), url: say() },
      scopes: [{ name: say(), description: say() }],
      switchAccountHref: '/sign-in',
      accountHref: '/account',
      notice: say(),
    }),
  problem: (say) =>
    problemPage({
      look: { name: say() },
      traceId: say(),
      title: say(),
      sentence: say(),
      app: say(),
      nextStep: say(),
      links: [{ label: say(), href: '/' }],
    }),
  home: (say) =>
    homePage({
      look: { name: say() },
      traceId: say(),
      person: { email: say(), name: `a${say()}` },
      servers: [{ title: say(), url: `https://example.com/${encodeURIComponent(say().toWellFormed())}` }],
      signInHref: '/sign-in',
      signOut: { action: '/sign-out', csrf: say() },
    }),
  account: (say) =>
    accountPage({
      look: { name: say() },
      traceId: say(),
      now: 1,
      person: { email: say(), name: `a${say()}` },
      notice: say(),
      problem: say(),
      apps: [
        {
          client: { name: say(), verifiedDomain: say() },
          redirects: [{ kind: 'app', host: say() }],
          server: { title: say() },
          scopes: [{ name: say(), description: say() }],
          since: 1,
          removeHref: `/account/remove-access?client_id=${encodeURIComponent(say().toWellFormed())}`,
        },
      ],
      removeAllHref: '/account/remove-all-access',
      tokens: {
        newHref: '/account/new-token',
        all: [
          {
            name: say(),
            server: { title: say() },
            scopes: [{ name: say(), description: say() }],
            since: 1,
            expiresAt: 1,
            revokeHref: '/account/revoke-token',
          },
        ],
      },
      sessions: [
        { id: say(), isThisBrowser: false, browser: say(), network: say(), since: 1, seenAt: 1 },
        { id: say(), isThisBrowser: true, browser: say(), network: `a${say()}`, since: 1, seenAt: 1 },
      ],
      endSession: { action: '/account/end-session', csrf: say() },
      endOtherSessions: { action: '/account/end-other-sessions', csrf: say() },
      signOut: { action: '/sign-out', csrf: say() },
      deleteHref: '/account/delete',
    }),
  chooseAccount: (say) =>
    chooseAccountPage({
      look: { name: say() },
      traceId: say(),
      action: '/oauth/authorize/resume',
      csrf: say(),
      client: { name: say() },
      person: { email: say(), name: `a${say()}` },
      expected: say(),
      otherAccountHref: '/sign-in',
      notice: say(),
    }),
  newToken: (say) =>
    newTokenPage({
      look: { name: say() },
      traceId: say(),
      person: { email: say() },
      problem: say(),
      cancelHref: '/account',
      form: {
        action: '/account/new-token',
        csrf: say(),
        fields: { [say()]: say() },
        server: { title: say() },
        name: say(),
        nameMax: 60,
        problemField: 'name',
        scopes: [{ name: say(), description: say(), isChosen: true }],
        days: [{ days: 30, isChosen: true }],
      },
    }),
  tokenMade: (say) =>
    tokenMadePage({
      look: { name: say() },
      traceId: say(),
      access_token: say(),
      name: say(),
      server: { title: say(), url: say() },
      expiresAt: 1,
      accountHref: '/account',
    }),
  revokeToken: (say) =>
    revokeTokenPage({
      look: { name: say() },
      traceId: say(),
      action: '/account/revoke-token',
      csrf: say(),
      name: say(),
      server: { title: say() },
      problem: say(),
      cancelHref: '/account',
    }),
  removeAccess: (say) =>
    removeAccessPage({
      look: { name: say() },
      traceId: say(),
      action: '/account/remove-access',
      csrf: say(),
      app: { client: { name: say() }, server: { title: say() } },
      problem: say(),
      cancelHref: '/account',
    }),
  changePassword: (say) =>
    changePasswordPage({
      look: { name: say() },
      traceId: say(),
      action: '/account/password',
      csrf: say(),
      fields: { [say()]: say() },
      email: say(),
      problem: say(),
      cancelHref: '/account',
    }),
  deleteAccount: (say) =>
    deleteAccountPage({
      look: { name: say() },
      traceId: say(),
      action: '/account/delete',
      csrf: say(),
      fields: { [say()]: say() },
      person: { email: say() },
      confirmBy: 'email',
      appCount: 1,
      problem: say(),
      cancelHref: '/account',
    }),
  signedOut: (say) => signedOutPage({ look: { name: say() }, traceId: say(), signInHref: '/sign-in' }),
  returnToApp: (say) =>
    returnToAppPage({
      look: { name: say() },
      traceId: say(),
      client: { name: say() },
      href: `app:${say()}`,
      scheme: 'app',
    }),
};

describe('whatever stands in a field', () => {
  for (const [name, page] of Object.entries(PAGES)) {
    it(`never changes the markup of the page ${name}`, () => {
      const plain = skeletonOf(readTags(String(page(() => 'plain'))));
      fc.assert(
        fc.property(fc.array(anyText, { minLength: 32, maxLength: 32 }), (texts) => {
          let next = 0;
          const source = String(page(() => texts[next++] ?? ''));
          assert.deepEqual(skeletonOf(readTags(source)), plain);
          const ours = source.replace(`<script src="${script.path}" defer></script>`, '');
          assert.doesNotMatch(ours, /<script|<style|<iframe|<!--|\son[a-z]+="/i);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('comes back as the text it was', () => {
    for (const hostile of HOSTILE) {
      const tags = readTags(
        String(
          problemPage({
            look: { name: 'Gate' },
            traceId: 't',
            title: 'T',
            sentence: `before ${hostile} after`,
          }),
        ),
      );
      assert.ok(textOf(tags).includes(spaced(`before ${hostile} after`)), hostile);
    }
  });

  it('comes back from a hidden field character for character', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const page = signInPage({
          look: { name: 'Gate' },
          traceId: 't',
          action: '/sign-in',
          csrf: 'c',
          returnTo: value,
        });
        const field = readTags(String(page)).find((tag) => tag.attributes['name'] === 'return_to');
        assert.equal(field?.attributes['value'], value);
      }),
    );
  });
});

describe('the words that a stranger chose', () => {
  const heading = (name: string) =>
    textOf(readTags(String(signInPage({ ...plainSignIn, forClient: name })))).match(
      / Gate Gate Sign in (.*) asks to connect/,
    )?.[1];
  const plainSignIn = { look: { name: 'Gate' }, traceId: 't', action: '/sign-in', csrf: 'c', returnTo: '/' };

  it('lose what is invisible or turns the reading direction', () => {
    assert.equal(heading('\u202eexample\u2066.com\u200b\ufeff'), 'example.com');
    assert.equal(heading('two\nlines\u2028three\0'), 'two lines three');
    // Letters that have no ink: the fillers of Hangul, blank braille, soft hyphen, grapheme joiner, Mongolian separators.
    assert.equal(heading('\u3164a\uffa0\u115f\u1160\u2800\u00ad\u034f\u180e\u17b4b'), 'ab');
  });

  it('that show nothing at all are no name', () => {
    for (const name of ['\u3164', '\u2800 \u2800', '\u200d', '\ufe0f', '\u200c\u200d']) {
      const page = textOf(readTags(String(signInPage({ ...plainSignIn, forClient: name }))));
      assert.doesNotMatch(page, /calls itself/, JSON.stringify(name));
    }
  });

  it('keep other scripts and joined emoji', () => {
    assert.equal(heading('المساعد 👩🏽‍🚀 नमस्ते'), 'المساعد 👩🏽‍🚀 नमस्ते');
  });

  it('are cut at a length, and towers of accents at four', () => {
    assert.equal(heading('x'.repeat(5000)), `${'x'.repeat(80)}…`);
    assert.equal(heading(`a${'\u0301'.repeat(200)}`), `a${'\u0301'.repeat(4)}`);
  });
});

describe('an address in a page', () => {
  const problem = (href: string) =>
    String(
      problemPage({
        look: { name: 'Gate' },
        traceId: 't',
        title: 'T',
        sentence: 'S',
        links: [{ label: 'onward', href }],
      }),
    );

  it('is a link when it is a path of this origin or an https URL', () => {
    assert.match(problem('/sign-in?a=b&c=d'), /<a href="\/sign-in\?a=b&amp;c=d">onward<\/a>/);
    assert.match(problem('https://example.com'), /<a href="https:\/\/example.com\/">onward<\/a>/);
  });

  it('is only its words otherwise', () => {
    for (const href of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'http://example.com',
      '//example.com',
      '/\\example.com',
      '/\t/example.com',
      'relative',
      '',
    ]) {
      const page = problem(href);
      assert.doesNotMatch(page, /<a /, href);
      assert.match(page, /onward/);
    }
  });

  it('of a form is a path of this origin or nothing is made', () => {
    for (const action of ['https://example.com/', '//example.com', '/\\example.com', 'javascript:1', '']) {
      assert.throws(
        () => signInPage({ look: { name: 'G' }, traceId: 't', action, csrf: 'c', returnTo: '/' }),
        /a path of this origin/,
      );
    }
  });

  it('that opens an app is never one that the browser runs or shows', () => {
    for (const href of [
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'java\tscript:alert(1)',
      '\u0001javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/hosts',
      'blob:https://example.com/x',
      'about:blank',
      'no-scheme',
    ]) {
      const scheme = URL.canParse(href) ? new URL(href).protocol.slice(0, -1) : 'app';
      assert.throws(
        () => returnToAppPage({ look: { name: 'G' }, traceId: 't', client: {}, href, scheme }),
        TypeError,
        href,
      );
    }
    assert.throws(() =>
      returnToAppPage({ look: { name: 'G' }, traceId: 't', client: {}, href: 'other:/cb', scheme: 'app' }),
    );
  });
});
