// What is issued, and how long it is good for.

import { signingAlgs } from '@sallyport/crypto';
import { z } from 'zod';
import { judgeFile, wholeNumber, text } from '../judged-text.ts';
import { bounds, defaults } from '../limits.ts';

export const tokens = z
  .strictObject({
    access: z
      .strictObject({
        format: z
          .enum(['jwt', 'opaque'])
          .optional()
          .meta({
            description:
              'jwt: RFC 9068 tokens that anybody with the public key can check. opaque: random text that only this server can tell. Default: jwt.',
            examples: ['jwt'],
          }),
        alg: z
          .enum(signingAlgs)
          .optional()
          .meta({
            description:
              'How they are signed: ES256, EdDSA (Ed25519) or RS256. A change adds a key that signs ten minutes later. Default: ES256, or what the newest key is made for.',
            examples: ['ES256'],
          }),
        privateKeyFile: text(judgeFile)
          .optional()
          .meta({
            description:
              'A private key in PEM that tokens are signed with, in place of one that is made here; relative to this file.',
            examples: ['oauth-private-key.pem'],
          }),
        lifetimeSeconds: wholeNumber(bounds.accessLifetimeSeconds)
          .optional()
          .meta({
            description: `How long an access token lives. Default: ${defaults.accessLifetimeSeconds}.`,
            examples: [defaults.accessLifetimeSeconds],
          }),
      })
      .optional(),
    refresh: z
      .strictObject({
        lifetimeSeconds: wholeNumber(bounds.refreshLifetimeSeconds)
          .optional()
          .meta({
            description: `How long an unused refresh token lives. Default: ${defaults.refreshLifetimeSeconds}.`,
            examples: [defaults.refreshLifetimeSeconds],
          }),
        graceSeconds: wholeNumber(bounds.refreshGraceSeconds)
          .optional()
          .meta({
            description: `How long a rotated token may be repeated while its successor is unused. Default: ${defaults.refreshGraceSeconds}.`,
            examples: [defaults.refreshGraceSeconds],
          }),
      })
      .optional(),
    codeLifetimeSeconds: wholeNumber(bounds.codeLifetimeSeconds)
      .optional()
      .meta({
        description: `How long an authorization code lives. Default: ${defaults.codeLifetimeSeconds}.`,
        examples: [defaults.codeLifetimeSeconds],
      }),
    personal: z
      .strictObject({
        enabled: z
          .boolean()
          .optional()
          .meta({
            description:
              'Whether people may make access tokens on their account page, for programs that cannot do OAuth. With false, none that was made works any more. Default: true.',
            examples: [true],
          }),
        maxLifetimeDays: wholeNumber(bounds.personalLifetimeDays)
          .optional()
          .meta({
            description: `How many days such a token may live at most. Default: ${defaults.personalLifetimeDays}.`,
            examples: [defaults.personalLifetimeDays],
          }),
      })
      .optional(),
  })
  .optional();
