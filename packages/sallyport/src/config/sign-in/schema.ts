// The shape of one of `signIn`: a union by `provider`. What is needed besides, judge.ts says in words of its own.

import { frontendApiOf } from '@sallyport/sign-in';
import { z } from 'zod';
import { judgeFile, shownText, text } from '../judged-text.ts';
import { bounds } from '../limits.ts';
import { isLoopbackHost } from '../public-url.ts';
import type { Judgement } from '../public-url.ts';
import { reservedWords } from '../reserved-words.ts';
import { groupsClaim, people } from './people.ts';

const password = z.strictObject({
  provider: z.literal('password').meta({ description: 'How people sign in.', examples: ['password'] }),
  signUp: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether anybody may make an account. Default: true only when both publicUrl and listen.host are this machine.',
      examples: [false],
    }),
});

const url = (description: string, example: string) =>
  text(judgeProviderUrl)
    .optional()
    .meta({ description, examples: [example] });

/** The app at the provider, and how its people come back. */
const app = {
  id: text(judgeProviderId)
    .optional()
    .meta({
      description:
        'What tells it from others of its kind, in paths and in what is stored; never to be changed. Default: the provider.',
      examples: ['acme'],
    }),
  title: shownText(bounds.titleCharacters)
    .optional()
    .meta({
      description: 'What its button says after "Continue with". Default: its own name.',
      examples: ['Acme'],
    }),
  clientId: text(judgeClientWord)
    .optional()
    .meta({
      description:
        'The id of your app at the provider. Left out, at clerk, keycloak and oidc: this server registers itself there.',
      examples: ['${GITHUB_CLIENT_ID}'],
    }),
  clientSecret: text(judgeClientWord)
    .optional()
    .meta({
      description: 'The secret of your app at the provider, from a variable.',
      examples: ['${GITHUB_CLIENT_SECRET}'],
    }),
  clientSecretFile: text(judgeFile)
    .optional()
    .meta({
      description: 'A file with that secret, in place of clientSecret; relative to this file.',
      examples: ['/run/secrets/github-client-secret'],
    }),
  scopes: z
    .array(text(judgeScope).meta({ examples: ['openid'] }))
    .min(1)
    .max(100)
    .optional()
    .meta({
      description: 'What the provider is asked for, in place of what signing in needs.',
      examples: [['openid', 'email', 'profile']],
    }),
  callbackPath: text(judgeCallbackPath)
    .optional()
    .meta({
      description: 'Where people come back to. Default: /<id>/callback.',
      examples: ['/github/callback'],
    }),
  endsWithProvider: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether what somebody came to by this provider, their sessions and the access of their apps, ends when it refuses their kept tokens for good. Default: false.',
      examples: [true],
    }),
  storeTokens: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether the tokens that signing in brings are kept, sealed, and refreshed. Default: true.',
      examples: [false],
    }),
  authorizationUrl: url(
    'Where people are sent, in place of what the provider says itself.',
    'https://login.example.com/authorize',
  ),
  tokenUrl: url(
    'Where codes become tokens, in place of what the provider says itself.',
    'https://login.example.com/token',
  ),
};

/** The same in the words of MXCP. */
const inWordsOfMxcp = {
  client_id: app.clientId.unwrap().optional().meta({ description: 'MXCP’s word for clientId.' }),
  client_secret: app.clientSecret.unwrap().optional().meta({ description: 'MXCP’s word for clientSecret.' }),
  scope: text(judgeScopes)
    .optional()
    .meta({
      description: 'MXCP’s word for scopes, with spaces between them.',
      examples: ['user:email'],
    }),
  callback_path: app.callbackPath.unwrap().optional().meta({ description: 'MXCP’s word for callbackPath.' }),
  auth_url: app.authorizationUrl
    .unwrap()
    .optional()
    .meta({ description: 'MXCP’s word for authorizationUrl.' }),
  token_url: app.tokenUrl.unwrap().optional().meta({ description: 'MXCP’s word for tokenUrl.' }),
};

const apiUrl = url(
  'Where its API answers, in place of its own address.',
  'https://github.example.com/api/v3',
);

/** For what speaks OpenID Connect. */
const openid = {
  groupsClaim,
  issuer: text(judgeProviderUrl)
    .optional()
    .meta({
      description:
        'The issuer, exactly as the provider writes it; its /.well-known/openid-configuration says the rest. Needed for oidc; follows from other keys elsewhere.',
      examples: ['https://login.example.com'],
    }),
  authMethod: z
    .enum(['client_secret_basic', 'client_secret_post', 'none'])
    .optional()
    .meta({
      description:
        'How your app proves itself to the provider; none for an app without a secret. Default: what the provider offers.',
      examples: ['client_secret_post'],
    }),
  userinfoUrl: url(
    'Where the provider tells about a person, in place of what it says itself.',
    'https://login.example.com/userinfo',
  ),
  authorizationParameters: z
    .record(text(judgeParameter), z.string().max(1024))
    .optional()
    .meta({
      description: 'What else people are sent there with, as the provider documents it.',
      examples: [{ organization: 'org_example' }],
    }),
  jwksUrl: url(
    'Where its public keys are, in place of what it says itself.',
    'https://login.example.com/jwks',
  ),
};

/** For those of them that servers can register themselves at. */
const registers = {
  registration: z
    .strictObject({
      initialAccessToken: text(judgeClientWord)
        .optional()
        .meta({
          description:
            'What the provider wants to see of who registers there (RFC 7591), from a variable. Default: nothing.',
          examples: ['${KEYCLOAK_INITIAL_ACCESS_TOKEN}'],
        }),
    })
    .optional()
    .meta({
      description:
        'Says that this server registers itself at the provider, as it does wherever clientId is left out.',
      examples: [{}],
    }),
};

const named = <Kind extends string>(kind: Kind) => ({
  provider: z.literal(kind).meta({ description: 'How people sign in.', examples: [kind] }),
});

const upstream = { ...app, ...people, ...inWordsOfMxcp };

export const signIn = z.discriminatedUnion('provider', [
  password,
  z.strictObject({
    ...named('github'),
    ...upstream,
    url: url('The address of a GitHub Enterprise of your own, or of Keycloak.', 'https://github.example.com'),
    apiUrl,
  }),
  z.strictObject({ ...named('atlassian'), ...upstream, apiUrl }),
  z.strictObject({
    ...named('clerk'),
    ...upstream,
    ...openid,
    ...registers,
    publishableKey: text(judgePublishableKey)
      .optional()
      .meta({
        description: 'Clerk’s publishable key, in which its address stands.',
        examples: ['${CLERK_PUBLISHABLE_KEY}'],
      }),
  }),
  z.strictObject({
    ...named('google'),
    ...upstream,
    ...openid,
    hostedDomain: text(judgeDomain)
      .optional()
      .meta({
        description: 'The domain of a Google Workspace; whoever is not of it is refused. Default: none.',
        examples: ['example.com'],
      }),
  }),
  z.strictObject({
    ...named('entra'),
    ...upstream,
    ...openid,
    tenant: text(judgeTenant)
      .optional()
      .meta({
        description:
          'The Directory (tenant) ID of Microsoft Entra; or organizations, consumers (personal accounts) or common (both).',
        examples: ['00000000-0000-0000-0000-000000000000'],
      }),
  }),
  z.strictObject({ ...named('okta'), ...upstream, ...openid, domain: domain() }),
  z.strictObject({
    ...named('auth0'),
    ...upstream,
    ...openid,
    domain: domain(),
    audience: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .meta({
        description: 'The API of Auth0 that the kept tokens are for. Default: none.',
        examples: ['https://api.example.com'],
      }),
  }),
  z.strictObject({
    ...named('keycloak'),
    ...upstream,
    ...openid,
    ...registers,
    url: url(
      'The address of a GitHub Enterprise of your own, or of Keycloak.',
      'https://keycloak.example.com',
    ),
    realm: text(judgeRealm)
      .optional()
      .meta({ description: 'The realm of Keycloak.', examples: ['example'] }),
  }),
  z.strictObject({ ...named('oidc'), ...upstream, ...openid, ...registers }),
]);

export type SignInSettings = z.infer<typeof signIn>;

function domain() {
  return text(judgeDomain)
    .optional()
    .meta({
      description: 'The host name of your Okta or Auth0.',
      examples: ['example.okta.com'],
    });
}

function judgeProviderId(value: string): Judgement | undefined {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(value) || value.length > bounds.serverNameCharacters)
    return {
      what: 'must be lower-case letters, digits and single hyphens between them',
      instead: 'Write, for example: id: acme',
    };
  if (reservedWords.includes(value) || value === 'password')
    return {
      what: `is "${value}", a word that Sallyport uses itself`,
      instead: `Choose another, for example: id: my-${value}`,
    };
  return undefined;
}

/** RFC 6749 Appendix A.1 and A.2, without spaces, which only a slip brings in. Never repeated: one of them is a secret. */
function judgeClientWord(value: string): Judgement | undefined {
  if (/^[\x21-\x7e]{1,2048}$/.test(value)) return undefined;
  return {
    what: value === '' ? 'is empty' : 'has other characters than those of ASCII without spaces',
    instead: 'Write it as the provider shows it, from a variable.',
  };
}

/** RFC 6749 §3.3 */
function judgeScope(value: string): Judgement | undefined {
  if (/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)) return undefined;
  return {
    what: 'is no name of a scope',
    instead: 'Write each scope as an entry of its own: [openid, email]',
  };
}

function judgeScopes(value: string): Judgement | undefined {
  const isEach = value.split(' ').every((one) => judgeScope(one) === undefined);
  return isEach
    ? undefined
    : {
        what: 'is no list of scopes with one space between them',
        instead: 'Write, for example: scope: user:email',
      };
}

function judgeCallbackPath(value: string): Judgement | undefined {
  const instead = 'Write, for example: callbackPath: /github/callback';
  if (!/^(?:\/[\w~-][\w.~-]*)+$/.test(value) || value.length > bounds.callbackPathCharacters)
    return { what: 'must be a path of letters, digits and -._~, without an end slash and query', instead };
  const [, first = ''] = value.split('/');
  if (reservedWords.includes(first))
    return { what: `begins with /${first}, where Sallyport answers itself`, instead };
  return undefined;
}

/** http is for this machine only, where nobody is on the way. */
function judgeProviderUrl(value: string): Judgement | undefined {
  const parsed = URL.parse(value);
  const isSafe =
    parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopbackHost(parsed.hostname));
  if (parsed !== null && isSafe && parsed.username === '' && parsed.password === '' && !/[?#\s]/.test(value))
    return undefined;
  return {
    what: 'is no https URL without user name, query and fragment (http is for this machine only)',
    instead: 'Write it as the provider does, for example: https://login.example.com',
  };
}

function judgeTenant(value: string): Judgement | undefined {
  if (/^(?:common|organizations|consumers)$/.test(value)) return undefined;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return undefined;
  return {
    what: 'is no tenant id, and none of organizations, consumers and common',
    instead:
      'Write the Directory (tenant) ID that the overview of your app shows; a domain name has no issuer.',
  };
}

function judgeDomain(value: string): Judgement | undefined {
  if (URL.parse(`https://${value}/`)?.host === value && !isLoopbackHost(value)) return undefined;
  return {
    what: 'is no host name in lower case, without scheme and path',
    instead: 'Write, for example: domain: example.okta.com',
  };
}

function judgeRealm(value: string): Judgement | undefined {
  if (/^[\w.~-]{1,255}$/.test(value) && !/^\.+$/.test(value)) return undefined;
  return { what: 'is no name of a realm', instead: 'Write, for example: realm: example' };
}

function judgePublishableKey(value: string): Judgement | undefined {
  if (frontendApiOf(value) !== undefined) return undefined;
  return {
    what: 'is no publishable key of Clerk (pk_live_… or pk_test_…)',
    instead: 'Copy it from https://dashboard.clerk.com, at API keys.',
  };
}

/** What the flow itself writes, and RFC 8707's `resource`, which no provider takes here. */
const ownParameters: readonly string[] = [
  'response_type',
  'response_mode',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
  'resource',
];

function judgeParameter(value: string): Judgement | undefined {
  if (/^[\w.-]{1,64}$/.test(value) && !ownParameters.includes(value)) return undefined;
  return {
    what: `names ${ownParameters.includes(value) ? `${value}, which the sign-in writes itself` : 'no parameter'}`,
    instead: 'Remove it; scopes have a key of their own.',
  };
}
