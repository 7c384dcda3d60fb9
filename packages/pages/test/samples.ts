// Every page with data as it really comes: plain, long, empty, right-to-left, refused. Tests and pictures share them.
import {
  consentPage,
  homePage,
  problemPage,
  returnToAppPage,
  signedOutPage,
  signInPage,
  signUpPage,
} from '@sallyport/pages';
import type { ConsentPageData, Html } from '@sallyport/pages';

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
};
const desktop: ConsentPageData = {
  ...consent,
  client: { name: 'Code Helper', client_id: 'c_7Qm2vT1bYw' },
  redirect: { kind: 'loopback', host: '127.0.0.1:33418' },
  resource: { title: 'Records', url: 'http://localhost:8000/mcp' },
};

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
  'sign-in-long': signInPage({
    ...signIn,
    look: { name: 'The Very Long Name Of A Department Of An Organisation With Many Departments' },
    forClient:
      'An Extraordinarily Long Client Name That Somebody Typed Without Thinking Of Small Screens 🚀🚀🚀',
    email: 'a.very.long.address.without.any.break.in.the.middle@subdomain.of.a.subdomain.example.com',
    signUpHref: '/sign-up',
  }),
  'sign-up': signUpPage(signUp),
  'sign-up-first': signUpPage({ ...signUp, first: true, setup: 'abc', signInHref: undefined }),
  'sign-up-problem': signUpPage({
    ...signUp,
    name: 'Ada Example',
    email: 'ada@example.com',
    problem: 'The password is too short: it needs at least 8 characters.',
    problemField: 'password',
  }),
  'consent-web': consentPage(consent),
  'consent-loopback': consentPage(desktop),
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
  'home-signed-in': homePage({
    ...common,
    person: { name: 'Ada Example', email: 'ada@example.com' },
    servers: [
      { title: 'Records', url: 'https://mcp.example.com/mcp' },
      { title: 'Sales figures', url: 'https://mcp.example.com/mcp/sales' },
    ],
    signInHref: '/sign-in',
    signOut: { action: '/sign-out', csrf },
  }),
  'signed-out': signedOutPage({ ...common, signInHref: '/sign-in' }),
  'return-to-app': returnToAppPage({
    ...common,
    client: { name: 'Cursor' },
    href: 'cursor://anysphere.cursor-mcp/oauth/callback?code=x&state=y',
    scheme: 'cursor',
  }),
};
