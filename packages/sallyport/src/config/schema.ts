// The shape of the configuration: only what this version enforces, each key with the sentence an editor shows.

import { z } from 'zod';
import { authorizationServer } from './authorization-server/schema.ts';
import { configuredClient } from './client-schema.ts';
import { judgeToken, text, wholeNumber } from './judged-text.ts';
import { bounds, defaults } from './limits.ts';
import { look } from './schema/look.ts';
import { allowedOrigins, listen, publicUrl, trustedProxies } from './schema/network.ts';
import { rateLimits } from './schema/rate-limits.ts';
import { knownClients, registration } from './schema/registration.ts';
import { resources, servers } from './schema/servers.ts';
import { data, secretsFile, storage } from './schema/storage.ts';
import { tokens } from './schema/tokens.ts';
import { signIn } from './sign-in/schema.ts';

/** What the line of a call may say of the person. */
export const shownOfPeople = ['provider', 'name', 'email'] as const;

const settingsShape = {
  publicUrl,
  listen,
  trustedProxies,
  allowedOrigins,
  data,
  secretsFile,
  storage,
  tokens,
  registration,
  knownClients,
  clients: z.array(configuredClient).max(1000).optional().meta({
    description:
      'OAuth clients that do not register themselves; who is taken out of this list is refused from the next start on.',
  }),
  rateLimits,
  authorizationServer: authorizationServer.optional().meta({
    description: 'Whose tokens the servers take, where people sign in and clients register elsewhere.',
  }),
  signIn: z.array(signIn).min(1).max(20).optional().meta({ description: 'The ways to sign in.' }),
  servers,
  resources,
  vault: z
    .strictObject({
      refreshBeforeSeconds: wholeNumber(bounds.refreshBeforeSeconds)
        .optional()
        .meta({
          description: `How long before their end the access tokens of providers are refreshed: once to twice as long, so that it is not all at once, and never in the first half of their life. Default: ${defaults.refreshBeforeSeconds}.`,
          examples: [defaults.refreshBeforeSeconds],
        }),
    })
    .optional()
    .meta({ description: 'What other parties gave for people, sealed.' }),
  look,
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .optional()
        .meta({
          description: 'The least level that is logged, as JSON lines on stderr. Default: warn.',
          examples: ['info'],
        }),
      calls: z
        .boolean()
        .optional()
        .meta({
          description:
            'Whether each call of a signed-in person to a server is logged, whatever the level. Default: true.',
          examples: [false],
        }),
      people: z
        .array(z.enum(shownOfPeople))
        .optional()
        .meta({
          description:
            'What the line of a call says of the person, beside ids: provider, name, email; none of it for an empty list. Default: all three.',
          examples: [['provider']],
        }),
    })
    .optional(),
  admin: z
    .strictObject({
      token: text(judgeToken)
        .optional()
        .meta({
          description:
            'Lets whoever presents this text as a bearer token use the operator’s API below /api/v1/registrations. Without it there is none.',
          examples: ['a-long-random-text'],
        }),
    })
    .optional(),
  metrics: z
    .strictObject({
      token: text(judgeToken)
        .optional()
        .meta({
          description:
            'Serves /metrics to whoever presents this text as a bearer token. Without it there are no metrics.',
          examples: ['a-long-random-text'],
        }),
    })
    .optional(),
};

/** What a profile may hold: everything but profiles. */
export const settings = z.strictObject(settingsShape);

export type Settings = z.infer<typeof settings>;

/** The whole file. */
export const configFile = z.strictObject({
  ...settingsShape,
  profiles: z
    .record(z.string(), settings)
    .optional()
    .meta({ description: 'Named overrides, chosen with --profile or SALLYPORT_PROFILE.' }),
});
