// Which clients are let in, and what is known of them.

import { registrationModes } from '@sallyport/authorization-server';
import { z } from 'zod';
import { publicKeyOf } from '../../known-clients/signed.ts';
import { judgeFile, judgeToken, text } from '../judged-text.ts';
import type { Judgement } from '../public-url.ts';

export const registration = z
  .strictObject({
    mode: z
      .enum(registrationModes)
      .optional()
      .meta({
        description:
          'Which clients are let in. open: all that register themselves. token: those that register with an initial access token. metadata-documents: those with a metadata document on an allowed host. approval: all, once the operator has approved them. closed: those that the operator adds. Default: open, or token where there is an accessToken.',
        examples: ['open'],
      }),
    privateUseSchemes: z
      .enum(['allow', 'deny'])
      .optional()
      .meta({
        description:
          'Whether a client may return to an app by a scheme of its own, such as cursor://. Schemes that run code are refused either way. Default: allow.',
        examples: ['deny'],
      }),
    accessToken: text(judgeToken)
      .optional()
      .meta({
        description:
          'An initial access token (RFC 7591 §3) that never expires, besides those of `sallyport registration tokens`.',
        examples: ['a-long-random-text'],
      }),
    metadataDocuments: z
      .strictObject({
        enabled: z
          .boolean()
          .optional()
          .meta({
            description:
              'Whether clients may name themselves by the https URL of their metadata document. Default: true unless registration.mode is token or closed.',
            examples: [true],
          }),
        allowedHosts: z
          .array(text(judgeHostName).meta({ examples: ['claude.ai'] }))
          .min(1)
          .max(100)
          .optional()
          .meta({
            description:
              'Host names whose documents are accepted, and no others. Default: any; mode metadata-documents needs them.',
            examples: [['claude.ai', 'chatgpt.com']],
          }),
        pinnedCopies: z
          .boolean()
          .optional()
          .meta({
            description:
              'Whether a document of a known client that cannot be fetched is taken from the list of known clients. Default: false.',
            examples: [true],
          }),
        allowLoopbackForDevelopment: z
          .boolean()
          .optional()
          .meta({
            description:
              'Whether documents may be on this machine too, on any port; only while publicUrl is. Default: false.',
            examples: [true],
          }),
      })
      .optional(),
  })
  .optional();

export const knownClients = z
  .strictObject({
    file: text(judgeFile)
      .optional()
      .meta({
        description:
          'A signed list of known clients, used in place of the one that this version has while it is newer; relative to this file. Read again when it changes.',
        examples: ['known-clients.jws'],
      }),
    publicKey: text(judgeListKey)
      .optional()
      .meta({
        description:
          'The Ed25519 public key that its signature is checked with, as `sallyport known-clients sign` prints it.',
        examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
      }),
  })
  .optional()
  .meta({ description: 'Where names of known clients on the consent page come from.' });

function judgeHostName(value: string): Judgement | undefined {
  if (URL.parse(`https://${value}/`)?.hostname === value) return undefined;
  const meant = URL.parse(value)?.hostname || URL.parse(`https://${value}/`)?.hostname || 'claude.ai';
  return {
    what: 'is no host name in lower case, without scheme, port and path',
    instead: `Write, for example: ${meant}`,
  };
}

function judgeListKey(value: string): Judgement | undefined {
  if (publicKeyOf(value) !== undefined) return undefined;
  return {
    what: 'is no Ed25519 public key in base64url (43 characters)',
    instead: 'Write what `sallyport known-clients sign` printed beside "publicKey".',
  };
}
