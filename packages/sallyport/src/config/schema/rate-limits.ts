// How often one address may ask.

import { z } from 'zod';
import { wholeNumber } from '../judged-text.ts';
import { bounds, defaults } from '../limits.ts';

export const rateLimits = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .meta({
        description:
          'Whether the limits below apply. Guessing passwords is always slowed down. Default: true.',
        examples: [true],
      }),
    registrationsPerMinute: wholeNumber(bounds.rateLimit)
      .optional()
      .meta({
        description: `Registrations from one address. Default: ${defaults.rateLimits.registrationsPerMinute}.`,
        examples: [defaults.rateLimits.registrationsPerMinute],
      }),
    authorizationsPerMinute: wholeNumber(bounds.rateLimit)
      .optional()
      .meta({
        description: `Requests for access by one client from one address; all clients from there together have three times as many. Default: ${defaults.rateLimits.authorizationsPerMinute}.`,
        examples: [defaults.rateLimits.authorizationsPerMinute],
      }),
    tokenRequestsPerMinute: wholeNumber(bounds.rateLimit)
      .optional()
      .meta({
        description: `Token requests and revocations of one client from one address; introspections, twenty times as many. Default: ${defaults.rateLimits.tokenRequestsPerMinute}.`,
        examples: [defaults.rateLimits.tokenRequestsPerMinute],
      }),
    refusalsPerMinute: wholeNumber(bounds.rateLimit)
      .optional()
      .meta({
        description: `Failed client authentications from one address, and tokens that are none. Default: ${defaults.rateLimits.refusalsPerMinute}.`,
        examples: [defaults.rateLimits.refusalsPerMinute],
      }),
  })
  .optional()
  .meta({ description: 'How often one address may ask.' });
