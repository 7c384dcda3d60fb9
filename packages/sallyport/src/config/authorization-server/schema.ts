// Somebody else's authorization server, in place of ours: what may be said of it.

import { clerk } from '@sallyport/resource-server';
import { z } from 'zod';
import { text, wholeNumber } from '../judged-text.ts';
import { bounds } from '../limits.ts';
import { isLoopbackHost } from '../public-url.ts';
import type { Judgement } from '../public-url.ts';

export const authorizationServer = z.strictObject({
  issuer: text(judgeIssuer)
    .optional()
    .meta({
      description:
        'Its issuer, exactly as its metadata says it (RFC 8414 or OpenID Connect Discovery). Ours is then not served: people sign in and clients register there.',
      examples: ['https://login.example.com'],
    }),
  audience: text((value) => (value === '' ? { what: 'is empty', instead: 'Remove the line.' } : undefined))
    .optional()
    .meta({
      description:
        'What its tokens name when they are for a server here. Default: the MCP URL, which is what clients ask for (RFC 8707).',
      examples: ['api://notes'],
    }),
  acceptTokensWithoutAudienceBecauseTheIssuerHasNone: z
    .boolean()
    .optional()
    .meta({
      description:
        'Also lets in tokens that name no server. Every other server that takes tokens of this issuer can then use here what it is shown. Default: false.',
      examples: [true],
    }),
  maxTokenAgeSeconds: wholeNumber(bounds.tokenAgeSeconds)
    .optional()
    .meta({
      description:
        'Refuses a JWT that was issued longer ago, so that its client gets another, which it does not where access has ended. Default: until it expires.',
      examples: [900],
    }),
  scopes: z
    .record(z.string(), z.array(z.string()).min(1))
    .optional()
    .meta({
      description:
        'The scopes that it knows, and those of the servers that each is enough for; clients are told to ask for these. Default: the scopes of the servers, which it must then know.',
      examples: [{ profile: ['read', 'write'] }],
    }),
  introspection: z
    .strictObject({
      clientId: text(judgeWord).meta({
        description: 'With which id it is asked about tokens that are no JWTs (RFC 7662).',
        examples: ['sallyport'],
      }),
      clientSecret: text(judgeWord).meta({
        description: 'The secret of that id.',
        examples: ['${INTROSPECTION_SECRET}'],
      }),
      endpoint: text(judgeAddress)
        .optional()
        .meta({
          description: 'Where it is asked. Default: what its metadata says, at its own host.',
          examples: ['https://login.example.com/introspect'],
        }),
      jwtsToo: z
        .boolean()
        .optional()
        .meta({
          description:
            'Whether it is asked about JWTs too, so that what was revoked is refused within 5 seconds. Default: false.',
          examples: [true],
        }),
    })
    .optional(),
  clerk: z
    .strictObject({
      publishableKey: text(judgePublishableKey).meta({
        description: 'In place of `issuer`: the publishable key of a Clerk instance.',
        examples: ['pk_test_bm90ZXMtMS5jbGVyay5hY2NvdW50cy5kZXYk'],
      }),
      secretKey: text(judgeSecretKey)
        .optional()
        .meta({
          description: 'Its secret key, where it issues opaque tokens (oat_…), which only Clerk can tell.',
          examples: ['${CLERK_SECRET_KEY}'],
        }),
    })
    .optional(),
});

function judgeAddress(value: string): Judgement | undefined {
  const url = URL.parse(value);
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (isFit && url !== null && url.hash === '' && url.username === '' && !/[\s\\]/.test(value))
    return undefined;
  return {
    what: 'must be an https address (http on this computer only)',
    instead: 'Write it exactly as its metadata says, for example: https://login.example.com',
  };
}

/** RFC 8414 §2 */
function judgeIssuer(value: string): Judgement | undefined {
  const isDocument = value.includes('?') || value.includes('/.well-known/');
  return isDocument
    ? {
        what: 'is where its metadata is, or has a query; an issuer is neither',
        instead: 'Write what the metadata calls issuer, for example: https://login.example.com',
      }
    : judgeAddress(value);
}

function judgeWord(value: string): Judgement | undefined {
  return /^[\x20-\x7e]+$/.test(value)
    ? undefined
    : { what: 'must be a text of ASCII characters', instead: 'Copy it again.' };
}

function judgePublishableKey(publishableKey: string): Judgement | undefined {
  return judgeClerk(
    { publishableKey },
    'is no publishable key of Clerk',
    'Copy it from "API keys" of its dashboard: pk_live_… or pk_test_…',
  );
}

function judgeSecretKey(secretKey: string): Judgement | undefined {
  const publishableKey = 'pk_test_bm90ZXMtMS5jbGVyay5hY2NvdW50cy5kZXYk';
  return judgeClerk(
    { publishableKey, secretKey },
    'is no secret key of Clerk',
    'Copy it from "API keys" of its dashboard: sk_live_… or sk_test_…',
  );
}

function judgeClerk(
  options: Parameters<typeof clerk>[0],
  what: string,
  instead: string,
): Judgement | undefined {
  try {
    clerk(options);
    return undefined;
  } catch {
    return { what, instead };
  }
}
