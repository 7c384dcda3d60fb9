// Every page with data as it really comes: plain, long, empty, right-to-left, refused. Tests and pictures share them.
import {
  accountDeletedPage,
  accountPage,
  changePasswordPage,
  chooseAccountPage,
  consentPage,
  deleteAccountPage,
  homePage,
  linkWayPage,
  lookOf,
  newTokenPage,
  problemPage,
  removeAccessPage,
  returnToAppPage,
  revokeTokenPage,
  signedOutPage,
  returnToSitePage,
  signInPage,
  signUpPage,
  tokenMadePage,
  unadmittedPage,
  unlinkWayPage,
} from '@sallyport/pages';
import { refusals } from '../../authorization-server/src/refusals.ts';
import type { AccountPageData, ConsentPageData, Html, ProviderButton } from '@sallyport/pages';

const common = { look: { name: 'Sallyport' }, traceId: '5b0e4c1f9a7d4e02' };
const csrf = 'dGhpcyBpcyBub3QgYSByZWFsIHRva2VuLCBqdXN0IGE';
const signIn = { ...common, action: '/sign-in', csrf, returnTo: '/oauth/authorize/resume?pause=4f1c' };
const signUp = { ...common, action: '/sign-up', csrf, returnTo: '/', first: false, signInHref: '/sign-in' };

const consent: ConsentPageData = {
  ...common,
  action: '/oauth/authorize/resume',
  csrf,
  fields: { pause: '4f1c2d', version: '1' },
  client: {
    name: 'Claude',
    client_id: 'https://claude.example.com/oauth/client.json',
    verifiedDomain: 'claude.example.com',
    client_uri: 'https://claude.example.com',
  },
  redirect: { kind: 'web', host: 'claude.example.com' },
  person: { name: 'Ada Example', email: 'ada@example.com' },
  resource: { title: 'Records', url: 'https://mcp.example.com/mcp' },
  scopes: [
    { name: 'profile:read', description: 'read your profile: your name and email address' },
    { name: 'items:read', description: 'see and search your items' },
    { name: 'items:write', description: 'make, change and delete your items' },
  ],
  switchAccountHref: '/sign-in?switch=1',
  accountHref: '/account',
};
const desktop: ConsentPageData = {
  ...consent,
  client: { name: 'Code Helper', client_id: 'c_7Qm2vT1bYw' },
  redirect: { kind: 'loopback', host: '127.0.0.1:33418' },
  resource: { title: 'Records', url: 'http://localhost:8000/mcp' },
};

const verifiedDesktop: ConsentPageData = {
  ...desktop,
  client: {
    name: 'Code Helper',
    client_id: 'https://code.example.com/oauth/client.json',
    verifiedDomain: 'code.example.com',
  },
};

const chooseAccount = {
  ...common,
  action: '/oauth/authorize/resume?id=4f1c',
  csrf,
  client: { name: 'Claude', verifiedDomain: 'claude.example.com' },
  person: { name: 'Ada Example', email: 'ada@example.com' },
  otherAccountHref: '/sign-in?switch=1',
};

const HOUR = 3600;
const now = 1_800_000_000;
const cancelHref = '/account';
const account: AccountPageData = {
  ...common,
  now,
  person: { name: 'Ada Example', email: 'ada@example.com' },
  apps: [
    {
      client: { name: 'Claude', verifiedDomain: 'claude.example.com' },
      redirects: [{ kind: 'web', host: 'claude.example.com' }],
      server: { title: 'Records' },
      scopes: consent.scopes,
      since: now - 30 * 24 * HOUR,
      lastUsedAt: now - 60,
      removeHref: '/account/remove-access?client_id=1',
    },
    {
      client: { name: 'Code Helper' },
      redirects: [
        { kind: 'loopback', host: '127.0.0.1' },
        { kind: 'app', host: 'code-helper' },
      ],
      server: { title: 'Sales figures' },
      scopes: [{ name: 'sales:read', description: 'read the sales figures' }],
      since: now - 3 * 24 * HOUR,
      removeHref: '/account/remove-access?client_id=2',
    },
  ],
  removeAllHref: '/account/remove-all-access',
  tokens: {
    newHref: '/account/new-token',
    all: [
      {
        name: 'Backup script',
        server: { title: 'Records' },
        scopes: consent.scopes.slice(0, 2),
        since: now - 20 * 24 * HOUR,
        expiresAt: now + 70 * 24 * HOUR,
        lastUsedAt: now - 8 * HOUR,
        revokeHref: '/account/revoke-token?token=1',
      },
    ],
  },
  sessions: [
    {
      id: 'one',
      isThisBrowser: true,
      browser: 'Firefox on Linux',
      network: '192.0.2.*',
      since: now - 5 * HOUR,
      seenAt: now,
    },
    {
      id: 'two',
      isThisBrowser: false,
      browser: 'Safari on iPhone',
      network: '192.0.2.*',
      since: now - 9 * 24 * HOUR,
      seenAt: now - 7 * HOUR,
    },
    { id: 'three', isThisBrowser: false, since: now - 29 * 24 * HOUR, seenAt: now - 20 * 24 * HOUR },
  ],
  endSession: { action: '/account/end-session', csrf },
  endOtherSessions: { action: '/account/end-other-sessions', csrf },
  signOut: { action: '/sign-out', csrf },
  passwordHref: '/account/password',
  deleteHref: '/account/delete',
};
const newToken = {
  ...common,
  person: { email: 'ada@example.com' },
  cancelHref,
  form: {
    action: '/account/new-token?server=1',
    csrf,
    fields: { form: '1' },
    server: { title: 'Records' },
    name: '',
    nameMax: 60,
    scopes: consent.scopes.map((scope, index) => ({ ...scope, isChosen: index === 0 })),
    days: [30, 90, 365].map((days) => ({ days, isChosen: days === 90 })),
  },
};
const tokenMade = {
  ...common,
  access_token: 'sallyport_pat_0UmGvZP2CkXhTt0n1sBq7WfLrJ4aYeDd8iK3nN9Qw',
  name: 'Backup script',
  server: { title: 'Records', url: 'https://mcp.example.com/mcp' },
  expiresAt: now + 90 * 24 * HOUR,
  accountHref: '/account',
};
const changePassword = {
  ...common,
  action: '/account/password',
  csrf,
  fields: { form: '1' },
  email: 'ada@example.com',
  cancelHref,
};
const deleteAccount = {
  ...common,
  action: '/account/delete',
  csrf,
  fields: { account: '1' },
  person: { email: 'ada@example.com' },
  confirmBy: 'password',
  appCount: 2,
  cancelHref,
} as const;

const providers = (...titles: readonly string[]): ProviderButton[] =>
  titles.map((title) => ({
    action: '/sign-in/example',
    title,
    fields: { csrf, return_to: '/oauth/authorize/resume?pause=4f1c' },
  }));

/** Of an organisation: a wide picture, and a colour that is too bright for text on white. */
export const ownLook = lookOf({
  name: 'Example Records',
  accent: '#ffb000',
  logo: {
    type: 'image/svg+xml',
    content: Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 32"><rect width="90" height="32" rx="4" fill="#ffb000"/><circle cx="16" cy="16" r="9"/><path d="M32 10h48v4H32zM32 18h34v4H32z"/></svg>',
    ),
  },
});
const own = { look: ownLook };

/** File name → page. */
export const samples: Readonly<Record<string, Html>> = {
  'sign-in': signInPage({ ...signIn, forClient: 'Claude', signUpHref: '/sign-up' }),
  'sign-in-alone': signInPage({ ...signIn, returnTo: '/' }),
  'sign-in-problem': signInPage({
    ...signIn,
    forClient: 'Claude',
    email: 'ada@example.com',
    problem: 'That e-mail and password do not belong together. Check both and try again.',
    signUpHref: '/sign-up',
  }),
  'own-look-sign-in': signInPage({
    ...signIn,
    ...own,
    providers: providers('GitHub'),
    forApp: { client: consent.client, redirect: consent.redirect },
    signUpHref: '/sign-up',
  }),
  'own-look-consent': consentPage({ ...consent, ...own }),
  'own-look-account': accountPage({ ...account, ...own }),
  'sign-in-nine-ways': signInPage({
    ...signIn,
    hasPassword: false,
    providers: providers(
      'GitHub',
      'Atlassian',
      'Clerk',
      'Google',
      'Microsoft',
      'Okta',
      'Auth0',
      'Keycloak',
      'login.example.com',
    ),
    forApp: { client: consent.client, redirect: consent.redirect },
  }),
  'sign-in-nine-ways-and-password': signInPage({
    ...signIn,
    returnTo: '/',
    providers: providers(
      'GitHub',
      'Atlassian',
      'Clerk',
      'Google',
      'Microsoft',
      'Okta',
      'Auth0',
      'Keycloak',
      'login.example.com',
    ),
    signUpHref: '/sign-up',
  }),
  'sign-in-ways-right-to-left': signInPage({
    ...signIn,
    look: { name: 'بوابة السجلات' },
    providers: providers('تسجيل الدخول الموحد', 'GitHub'),
    forApp: {
      client: { name: 'المساعد الذكي \u202e🤖 example.com' },
      redirect: { kind: 'web', host: 'xn--mgbh0fb.example.org' },
    },
  }),
  'sign-in-long': signInPage({
    ...signIn,
    look: { name: 'The Very Long Name Of A Department Of An Organisation With Many Departments' },
    forClient:
      'An Extraordinarily Long Client Name That Somebody Typed Without Thinking Of Small Screens 🚀🚀🚀',
    email: 'a.very.long.address.without.any.break.in.the.middle@subdomain.of.a.subdomain.example.com',
    signUpHref: '/sign-up',
  }),
  'sign-in-again': signInPage({
    ...signIn,
    forClient: 'Claude',
    email: 'ada@example.com',
    isAgain: true,
    signUpHref: '/sign-up',
  }),
  'sign-in-again-alone': signInPage({ ...signIn, email: 'ada@example.com', isAgain: true }),
  'sign-in-ways': signInPage({
    ...signIn,
    providers: providers('GitHub', 'Google'),
    forApp: { client: consent.client, redirect: consent.redirect },
    signUpHref: '/sign-up',
  }),
  'sign-in-ways-password-first': signInPage({
    ...signIn,
    returnTo: '/',
    providers: providers('GitHub', 'Google', 'Atlassian'),
    isPasswordFirst: true,
  }),
  'sign-in-one-provider': signInPage({
    ...signIn,
    hasPassword: false,
    providers: providers('GitHub'),
    forApp: { client: { name: 'Cursor' }, redirect: { kind: 'loopback', host: '127.0.0.1:49152' } },
  }),
  'sign-in-one-provider-alone': signInPage({
    ...signIn,
    hasPassword: false,
    providers: providers('login.example.com'),
    otherWaysHref: '/sign-in',
  }),
  'sign-in-provider-failed': signInPage({
    ...signIn,
    providers: [{ ...providers('GitHub')[0]!, after: 'failure' }, ...providers('Google')],
    problemTitle: 'GitHub did not sign you in',
    problem: 'You did not allow it there, so nobody was signed in here.',
    forApp: { client: { name: 'Raycast' }, redirect: { kind: 'app', host: 'raycast' } },
    forClient: 'Raycast',
  }),
  'sign-in-not-invited': signInPage({
    ...signIn,
    hasPassword: false,
    providers: [{ ...providers('GitHub')[0]!, after: 'wrong_account' }, ...providers('Google')],
    problemTitle: 'You need an invitation',
    problem:
      'Accounts here are for those who were invited. Ask whoever runs this server to invite the e-mail address of the account that you chose; it must be verified there.',
    cameAs: { title: 'GitHub', who: 'ada@example.org', isUnverified: true },
    forApp: { client: consent.client, redirect: consent.redirect },
    forClient: 'Claude',
  }),
  'sign-in-ways-called-like': signInPage({
    ...signIn,
    hasPassword: false,
    providers: providers('GitHub'),
    forApp: {
      client: {
        name: 'Claude',
        calledLike: { name: 'Claude', maker: 'Anthropic', goesTo: 'elsewhere' },
      },
      redirect: { kind: 'web', host: 'claude.example.net' },
    },
  }),
  'sign-in-ways-long': signInPage({
    ...signIn,
    hasPassword: false,
    providers: providers(
      'The identity provider of a department with a rather long name',
      'login.a-very-long-name-without-any-break-in-the-middle.example.com',
    ),
    forApp: {
      client: { name: 'An Extraordinarily Long Client Name That Somebody Typed Without Thinking 🚀🚀' },
      redirect: { kind: 'web', host: 'callbacks.a-very-long-name-without-any-break.subdomain.example.com' },
    },
    isAgain: true,
  }),
  'choose-account': chooseAccountPage(chooseAccount),
  'choose-account-expected': chooseAccountPage({
    ...chooseAccount,
    person: { name: '', email: 'ada@example.com' },
    expected: 'grace.with.a.very.long.address.without.any.break@subdomain.of.a.subdomain.example.com',
    notice: 'The page was out of date. Please choose once more.',
  }),
  'sign-up': signUpPage(signUp),
  'sign-up-first': signUpPage({ ...signUp, first: true, setup: 'abc', signInHref: undefined }),
  'sign-up-first-ways': signUpPage({
    ...signUp,
    first: true,
    setup: 'abc',
    signInHref: undefined,
    providers: providers('GitHub'),
  }),
  'sign-up-first-one-provider': signUpPage({
    ...signUp,
    first: true,
    setup: 'abc',
    signInHref: undefined,
    providers: providers('GitHub'),
    hasPassword: false,
  }),
  'sign-up-problem': signUpPage({
    ...signUp,
    name: 'Ada Example',
    email: 'ada@example.com',
    problem: 'The password is too short: it needs at least 8 characters.',
    problemField: 'password',
  }),
  'consent-web': consentPage(consent),
  'consent-loopback': consentPage(desktop),
  'consent-loopback-verified': consentPage(verifiedDesktop),
  'consent-known-hosted': consentPage({
    ...consent,
    client: {
      ...consent.client,
      name: 'My assistant',
      verifiedDomain: undefined,
      known: { name: 'Claude', maker: 'Anthropic', by: 'redirect' },
    },
    redirect: { kind: 'web', host: 'claude.ai' },
  }),
  'consent-known-document': consentPage({
    ...verifiedDesktop,
    client: {
      ...verifiedDesktop.client,
      name: 'Claude Code',
      verifiedDomain: 'claude.ai',
      known: { name: 'Claude Code', maker: 'Anthropic', by: 'document' },
    },
  }),
  'consent-called-like': consentPage({
    ...consent,
    client: {
      client_id: 'c_1',
      name: 'CIaude',
      calledLike: { name: 'Claude', maker: 'Anthropic', goesTo: 'elsewhere' },
    },
    redirect: { kind: 'web', host: 'claude.ai.example.net' },
  }),
  'consent-called-like-document': consentPage({
    ...consent,
    client: {
      client_id: 'https://apps.example.net/client.json',
      name: 'ChatGPT',
      verifiedDomain: 'apps.example.net',
      calledLike: { name: 'ChatGPT', maker: 'OpenAI', goesTo: 'elsewhere' },
    },
    redirect: { kind: 'web', host: 'apps.example.net' },
  }),
  'consent-called-like-desktop': consentPage({
    ...desktop,
    client: {
      client_id: 'c_2',
      name: 'Claude Code (records)',
      calledLike: { name: 'Claude Code', maker: 'Anthropic', goesTo: 'computer' },
    },
  }),
  'consent-called-like-platform': consentPage({
    ...consent,
    client: {
      client_id: 'c_3',
      name: 'n8n',
      calledLike: { name: 'n8n', maker: 'n8n', goesTo: 'platform' },
    },
    redirect: { kind: 'web', host: 'oauth.n8n.cloud' },
  }),
  'consent-app': consentPage({
    ...desktop,
    client: { name: 'Cursor', client_id: 'c_9rTz', client_uri: 'https://cursor.example.com' },
    redirect: { kind: 'app', host: 'cursor' },
    notice: 'You signed in with another account. Look again before you decide.',
  }),
  'consent-no-name': consentPage({
    ...consent,
    client: { client_id: 'c_7Qm2vT1bYw' },
    redirect: { kind: 'web', host: 'xn--pple-43d.example.org' },
    person: { name: '', email: 'ada@example.com' },
    scopes: [],
  }),
  'consent-right-to-left': consentPage({
    ...consent,
    client: {
      name: 'المساعد الذكي \u202e🤖 example.com',
      client_id: 'c_Zk3',
      client_uri: 'https://example.org/ar',
    },
    person: { name: 'نورة 👩🏽‍🚀', email: 'nora@example.com' },
    resource: { title: 'سجلات', url: 'https://mcp.example.com/mcp' },
  }),
  'consent-long': consentPage({
    ...consent,
    client: {
      name: 'An Extraordinarily Long Client Name That Somebody Typed Without Thinking Of Small Screens, And Which Then Goes On And On',
      client_id: `https://client.example.com/${'deep/'.repeat(20)}client.json`,
    },
    redirect: { kind: 'web', host: `${'accounts-example-com.'.repeat(5)}example.org` },
    person: {
      name: 'Ada',
      email: 'a.very.long.address.without.any.break@subdomain.of.a.subdomain.example.com',
    },
    resource: { title: 'Quarterly Sales Figures Of All Regions', url: 'https://mcp.example.com/mcp/sales' },
  }),
  problem: problemPage({
    ...common,
    title: 'This request has expired',
    sentence: 'You took longer than ten minutes, so the request is no longer valid.',
    nextStep: 'Go back to the app and connect again.',
    links: [{ label: 'How to connect', href: '/' }],
  }),
  'problem-of-an-app': problemPage({
    ...common,
    title: 'This app could not be checked',
    sentence:
      'The document at the app’s address contains a secret or asks for a shared one, and everybody can read it there. Its maker has to take it out, and to replace what was published.',
    app: 'https://a-rather-long-name-of-a-host.example.com/oauth/with/a/long/path/8f14e45fceea167a5a36dedd4bea2543/client.json',
  }),
  'problem-plain': problemPage({
    ...common,
    title: 'Page not found',
    sentence: 'There is no page at this address.',
  }),
  home: homePage({
    ...common,
    servers: [{ title: 'Records', url: 'http://localhost:8000/mcp' }],
    signInHref: '/sign-in',
    signUpHref: '/sign-up',
  }),
  'home-signing-in-elsewhere': homePage({
    ...common,
    servers: [{ title: 'Records', url: 'https://mcp.example.com/mcp' }],
    signInAt: 'https://login.example.com',
  }),
  'home-before-the-first-account': homePage({
    ...common,
    servers: [{ title: 'Records', url: 'http://localhost:8000/mcp' }],
    signInHref: '/sign-in',
    signUpHref: '/sign-up',
    firstAccountMissing: true,
  }),
  'home-signed-in': homePage({
    ...common,
    person: { name: 'Ada Example', email: 'ada@example.com' },
    servers: [
      { title: 'Records', url: 'https://mcp.example.com/mcp' },
      { title: 'Sales figures', url: 'https://mcp.example.com/mcp/sales' },
    ],
    signInHref: '/sign-in',
    accountHref: '/account',
    signOut: { action: '/sign-out', csrf },
  }),
  account: accountPage({ ...account, notice: 'Code Helper can no longer use Records for you.' }),
  'account-new': accountPage({ ...account, apps: [], sessions: account.sessions.slice(0, 1) }),
  'account-problem': accountPage({
    ...account,
    problem: 'This form was open for too long, or cookies were cleared meanwhile. Send it once more.',
    passwordHref: undefined,
  }),
  'account-long': accountPage({
    ...account,
    person: {
      name: 'An Extraordinarily Long Name That Somebody Typed Without Thinking Of Small Screens',
      email: 'a.very.long.address.without.any.break.in.the.middle@subdomain.of.a.subdomain.example.com',
    },
    apps: account.apps.map((app) => ({
      ...app,
      client: { name: `المساعد الذكي 🚀 ${'Very'.repeat(30)}` },
      redirects: [{ kind: 'web', host: `${'accounts-example-com.'.repeat(5)}example.org` }],
      server: { title: 'Quarterly Sales Figures Of All Regions And Countries' },
      scopes: [...app.scopes, { name: 'x', description: 'x'.repeat(120) }],
    })),
  }),
  'account-ways': accountPage({
    ...account,
    passwordHref: undefined,
    ways: {
      all: [
        {
          title: 'GitHub',
          username: 'ada',
          email: 'ada@example.com',
          emailVerified: true,
          isInUse: true,
          since: account.now - 40 * 24 * 3600,
          lastUsedAt: account.now - 3 * 3600,
          unlinkHref: '/account/unlink?provider=github&subject=1',
        },
        {
          title: 'login.subdomain-of-a-company.example.com',
          username: 'A Very Long Name That A Company Gave To Somebody',
          email: 'a.very.long.address.without.any.break.in.the.middle@subdomain.example.com',
          emailVerified: false,
          isInUse: false,
          since: account.now - 90 * 24 * 3600,
          lastUsedAt: account.now - 80 * 24 * 3600,
          unlinkHref: '/account/unlink?provider=oidc&subject=2',
        },
      ],
      password: { isSet: true, href: '/account/password' },
      linkHref: '/account/link',
    },
  }),
  'account-one-way': accountPage({
    ...account,
    passwordHref: undefined,
    person: { name: 'Ada Example', email: 'github:583231' },
    apps: [],
    ways: {
      all: [
        {
          title: 'GitHub',
          username: 'ada',
          emailVerified: false,
          isInUse: true,
          since: account.now - 60,
          lastUsedAt: account.now - 60,
        },
      ],
      password: { isSet: false, href: '/account/password' },
      linkHref: '/account/link',
    },
  }),
  'link-way': linkWayPage({ ...common, buttons: providers('Google', 'Example ID'), cancelHref }),
  'unlink-way': unlinkWayPage({
    ...common,
    action: '/account/unlink',
    csrf,
    way: { title: 'GitHub', username: 'ada', emailVerified: true },
    cancelHref,
  }),
  'set-password': changePasswordPage({
    ...common,
    action: '/account/password',
    csrf,
    fields: {},
    email: 'ada@example.com',
    isFirst: true,
    cancelHref,
  }),
  'remove-access': removeAccessPage({
    ...common,
    action: '/account/remove-access',
    csrf,
    app: { client: { name: 'Code Helper' }, server: { title: 'Records' } },
    cancelHref,
  }),
  'new-token': newTokenPage(newToken),
  'new-token-problem': newTokenPage({
    ...newToken,
    problem: 'Choose at least one thing that it may do.',
    form: {
      ...newToken.form,
      name: 'Backup script',
      problemField: 'scope',
      scopes: newToken.form.scopes.map((scope) => ({ ...scope, isChosen: false })),
    },
  }),
  'new-token-server': newTokenPage({
    ...newToken,
    form: undefined,
    servers: [
      { title: 'Records', href: '/account/new-token?server=1' },
      { title: 'Quarterly Sales Figures Of All Regions And Countries', href: '/account/new-token?server=2' },
    ],
  }),
  'token-made': tokenMadePage(tokenMade),
  'token-made-long': tokenMadePage({
    ...tokenMade,
    name: 'x'.repeat(60),
    server: { title: 'سجلات', url: `https://mcp.example.com/mcp/${'deep-'.repeat(20)}` },
  }),
  'revoke-token': revokeTokenPage({
    ...common,
    action: '/account/revoke-token?token=1',
    csrf,
    name: 'Backup script',
    server: { title: 'Records' },
    cancelHref,
  }),
  'remove-all-access': removeAccessPage({
    ...common,
    tokenCount: 1,
    action: '/account/remove-all-access',
    csrf,
    cancelHref,
  }),
  'change-password': changePasswordPage(changePassword),
  'change-password-problem': changePasswordPage({
    ...changePassword,
    problem: 'That is not your password. Check it and try again.',
    problemField: 'current',
  }),
  'delete-account': deleteAccountPage(deleteAccount),
  'delete-account-problem': deleteAccountPage({
    ...deleteAccount,
    confirmBy: 'email',
    appCount: 0,
    problem: 'That is not the e-mail address of this account. Nothing was deleted.',
  }),
  'account-deleted': accountDeletedPage({ ...common, homeHref: '/' }),
  'signed-out': signedOutPage({ ...common, signInHref: '/sign-in' }),
  'return-to-app': returnToAppPage({
    ...common,
    client: { name: 'Cursor' },
    href: 'cursor://anysphere.cursor-mcp/oauth/callback?code=x&state=y',
    scheme: 'cursor',
  }),
  'return-to-site': returnToSitePage({
    ...common,
    sentence: refusals.code_challenge_missing.sentence,
    client: { name: 'Quarterly reports' },
    href: 'https://reports.example.com/callback?error=invalid_request',
  }),
  'return-to-site-long': returnToSitePage({
    ...common,
    sentence: refusals.resource_unknown.sentence,
    client: {
      name: 'An Extraordinarily Long Client Name \u202eThat Somebody Typed Without Thinking Of Small Screens',
      verifiedDomain: 'reports.a-very-long-name-of-a-department.example.com',
    },
    href: `https://reports.a-very-long-name-of-a-department.example.com/${'c'.repeat(120)}?error=invalid_target`,
  }),
  unadmitted: unadmittedPage({
    ...common,
    admission: 'waiting',
    sentence: refusals.client_waits.sentence,
    client: { name: 'Quarterly reports', client_id: 'hX3lUmWb0a9TqJx4ZpYc1w' },
    redirect: { kind: 'web', host: 'reports.example.com' },
  }),
  'unadmitted-verified': unadmittedPage({
    ...common,
    admission: 'waiting',
    sentence: refusals.client_waits.sentence,
    client: {
      name: 'Claude Code',
      client_id: 'https://claude.example.com/oauth/claude-code-client-metadata.json',
      verifiedDomain: 'claude.example.com',
    },
    redirect: { kind: 'loopback', host: 'localhost' },
  }),
  'unadmitted-refused': unadmittedPage({
    ...common,
    admission: 'refused',
    sentence: refusals.client_refused.sentence,
    client: {
      name: 'An Extraordinarily Long Client Name \u202eThat Somebody Typed Without Thinking Of Small Screens',
      client_id: 'c'.repeat(120),
    },
    redirect: { kind: 'app', host: 'com.example.extraordinarily-long-scheme-of-an-app' },
  }),
};
