// The shape of one of `clients`, with what can be said of each of its texts alone.

import { readRegisteredRedirectUri } from '@sallyport/protocol';
import type { RedirectFault } from '@sallyport/protocol';
import { z } from 'zod';
import { judgeFile, shownText, text } from './judged-text.ts';
import { bounds } from './limits.ts';
import type { Judgement } from './public-url.ts';

export const secretAdvice = 'Make one with, for example: openssl rand -hex 32';

export const configuredClient = z.strictObject({
  clientId: text(judgeClientId).meta({
    description: 'What the client is called in requests: letters, digits and -._~',
    examples: ['chatgpt'],
  }),
  name: shownText(bounds.titleCharacters)
    .optional()
    .meta({ description: 'Name shown to people on the consent page.', examples: ['ChatGPT'] }),
  redirectUris: z
    .array(text(judgeRedirectUri).meta({ examples: ['https://app.example.com/callback'] }))
    .min(1)
    .max(32)
    .optional()
    .meta({
      description:
        'Where the browser may return to, each exactly as the client sends it. Needed without ownScope.',
      examples: [['https://app.example.com/callback']],
    }),
  authMethod: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional()
    .meta({
      description:
        'How it proves itself at the token endpoint. Default: client_secret_basic with a secret, private_key_jwt with keys, and none without either.',
      examples: ['client_secret_post'],
    }),
  clientSecret: text(judgeClientSecret)
    .optional()
    .meta({
      description: 'Its secret, from a variable, of 32 characters or more. Only a hash of it is stored.',
      examples: ['${APP_CLIENT_SECRET}'],
    }),
  clientSecretFile: text(judgeFile)
    .optional()
    .meta({
      description: 'A file with its secret in place of clientSecret; relative to this file.',
      examples: ['/run/secrets/app-client-secret'],
    }),
  formerClientSecret: text(judgeClientSecret)
    .optional()
    .meta({
      description: 'The secret before, which works too for as long as it is written here.',
      examples: ['${APP_FORMER_CLIENT_SECRET}'],
    }),
  formerClientSecretFile: text(judgeFile)
    .optional()
    .meta({
      description: 'A file with the secret before, in place of formerClientSecret; relative to this file.',
      examples: ['/run/secrets/app-former-client-secret'],
    }),
  jwksFile: text(judgeFile)
    .optional()
    .meta({
      description: 'A file with its public keys, a JWK Set, for private_key_jwt; relative to this file.',
      examples: ['app-keys.json'],
    }),
  jwksUri: text(judgeJwksUri)
    .optional()
    .meta({
      description:
        'Where it publishes its public keys, for private_key_jwt: an https URL, in your own network too.',
      examples: ['https://app.example.com/jwks.json'],
    }),
  accessTokenFormat: z
    .enum(['jwt', 'opaque'])
    .optional()
    .meta({
      description: 'How its access tokens are made. Default: tokens.access.format.',
      examples: ['opaque'],
    }),
  requirePkce: z
    .boolean()
    .optional()
    .meta({
      description:
        'false for GPT Actions, which send no PKCE: only with a secret and https redirect URIs; people are then asked each time. Default: true.',
      examples: [false],
    }),
  ownScope: z
    .record(z.string(), z.array(z.string()).min(1))
    .optional()
    .meta({
      description:
        'For a client that asks for itself, with no person in it: the scopes that it may have, by the name of the server.',
      examples: [{ records: ['read'] }],
    }),
});

export type ClientSettings = z.infer<typeof configuredClient>;

function judgeClientId(value: string): Judgement | undefined {
  if (/^[\w.~-]{1,128}$/.test(value)) return undefined;
  return {
    what: 'must be 1 to 128 letters, digits and -._~',
    instead: 'Write, for example: clientId: chatgpt',
  };
}

function judgeJwksUri(value: string): Judgement | undefined {
  const url = URL.parse(value);
  if (url?.protocol === 'https:' && url.username === '' && url.hash === '') return undefined;
  return {
    what: 'is no https URL without user name and fragment',
    instead: 'Write, for example: jwksUri: https://app.example.com/jwks.json',
  };
}

function judgeRedirectUri(value: string): Judgement | undefined {
  const read = readRegisteredRedirectUri(value, { privateUseSchemes: 'allow' });
  return typeof read === 'string' ? redirectFaults[read] : undefined;
}

const redirectAdvice =
  'Write https, http on localhost, 127.0.0.1 or [::1], or a private-use scheme, for example: https://app.example.com/callback';
const redirectFaults: Readonly<Record<RedirectFault, Judgement>> = {
  malformed: { what: 'is no redirect URI', instead: redirectAdvice },
  private_use_scheme: { what: 'has a private-use scheme', instead: redirectAdvice },
  forbidden_scheme: { what: 'has a scheme that must never receive a code', instead: redirectAdvice },
  fragment: { what: 'has a fragment (#)', instead: 'Remove it.' },
  credentials: { what: 'has a user name', instead: 'Remove it, up to the @.' },
  insecure_http: {
    what: 'is plain http to another machine, where the code could be read on the way',
    instead: 'Write https.',
  },
  wildcard: {
    what: 'has a * where none has a meaning',
    instead: 'For GPTs write exactly: https://chatgpt.com/aip/g-*/oauth/callback',
  },
};

/** What somebody could guess, or wrote to be replaced, is no secret; RFC 6749 Appendix A.2 says which characters. */
export function judgeClientSecret(value: string): Judgement | undefined {
  if (!/^[\x21-\x7e]*$/.test(value))
    return { what: 'has other characters than those of ASCII without spaces', instead: secretAdvice };
  if (value.length < bounds.clientSecretCharacters.min || value.length > bounds.clientSecretCharacters.max)
    return {
      what: `must be ${bounds.clientSecretCharacters.min} to ${bounds.clientSecretCharacters.max} characters`,
      instead: secretAdvice,
    };
  const isRepeated = /^(.{1,64}?)\1+.{0,8}$/.test(value);
  if (isRepeated || new Set(value).size < bounds.clientSecretDistinctCharacters)
    return { what: 'is too regular to be a secret', instead: secretAdvice };
  return undefined;
}
