// The shape of the configuration: only what this version enforces, each key with the sentence an editor shows.

import { isIP } from 'node:net';
import { registrationModes } from '@sallyport/authorization-server';
import { comparableResource } from '@sallyport/protocol';
import { signingAlgs } from '@sallyport/crypto';
import { readRedisUrl } from '@sallyport/storage';
import { z } from 'zod';
import { publicKeyOf } from '../known-clients/signed.ts';
import { authorizationServer } from './authorization-server/schema.ts';
import { configuredClient } from './client-schema.ts';
import { judgeFile, judgeShown, text } from './judged-text.ts';
import { bounds, defaults } from './limits.ts';
import { isLoopbackHost, judgePublicUrl } from './public-url.ts';
import type { Judgement } from './public-url.ts';
import { reservedWords } from './reserved-words.ts';
import { signIn } from './sign-in/schema.ts';

/** What the line of a call may say of the person. */
export const shownOfPeople = ['provider', 'name', 'email'] as const;

function wholeNumber({ min, max }: { min: number; max: number }) {
  return z.int().min(min).max(max);
}

const scopeAliases = z
  .record(z.string(), z.array(z.string()).min(1))
  .optional()
  .meta({
    description:
      'Other words that clients may ask for scopes with, and the scopes that each stands for. Default: none.',
    examples: [{ 'mcp:tools': ['read', 'write'] }],
  });

const server = z.strictObject({
  name: text(judgeServerName).meta({
    description: 'Short name of the server; part of its path. Lower-case letters, digits and hyphens.',
    examples: ['records'],
  }),
  title: text((value) => judgeShown(value, bounds.titleCharacters))
    .optional()
    .meta({ description: 'Name shown to people on the consent page.', examples: ['Records'] }),
  path: text(judgeServerPath)
    .optional()
    .meta({
      description: 'Where it answers: /mcp or /mcp/<name>. Default: /mcp/<name>.',
      examples: ['/mcp'],
    }),
  toolset: z
    .enum(['records'])
    .meta({ description: 'The ready-made tools that it offers.', examples: ['records'] }),
  defaultScopes: z
    .array(z.enum(['read', 'write']))
    .min(1)
    .optional()
    .meta({
      description:
        'What a client gets that asks for nothing, and is told to ask for first. Default: read. Add write for clients that cannot ask for more later.',
      examples: [['read', 'write']],
    }),
  scopeAliases,
  default: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether an authorization request without `resource` means this server. Default: true for an only server.',
      examples: [true],
    }),
});

const scopeDescription = text((value) => judgeShown(value, bounds.scopeDescriptionCharacters)).meta({
  examples: ['read your notes'],
});

const broaderScope = z.strictObject({
  description: scopeDescription.meta({
    description: 'What it lets a client do, as people read it after "It will be able to".',
    examples: ['change your notes'],
  }),
  includes: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({
      description:
        'Other scopes of this server that it is enough for too. Whoever was granted it has them from the next start on.',
      examples: [['read']],
    }),
});

/** Not behind the gate: tokens are issued for it, and it guards itself. */
const resource = z.strictObject({
  name: text(judgeServerName).meta({
    description: 'Short name of an MCP server that runs elsewhere, for commands.',
    examples: ['notes'],
  }),
  resource: text(judgeResource).meta({
    description: 'Its exact MCP URL, which its tokens name as their audience.',
    examples: ['https://notes.example.com/mcp'],
  }),
  title: text((value) => judgeShown(value, bounds.titleCharacters))
    .optional()
    .meta({ description: 'Name shown to people on the consent page.', examples: ['Notes'] }),
  scopes: z
    .record(z.string(), z.union([scopeDescription, broaderScope]).meta({ examples: ['read your notes'] }))
    .meta({
      description:
        'Each scope with what it lets a client do, as people read it after "It will be able to"; or with that and what it includes.',
      examples: [{ read: 'read your notes' }],
    }),
  defaultScopes: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({
      description: 'What a client gets that asks for nothing. Default: the first scope.',
      examples: [['read']],
    }),
  scopeAliases,
});

const settingsShape = {
  publicUrl: text(judgePublicUrl)
    .optional()
    .meta({
      description: 'The address people and clients use; the OAuth issuer. Default: http://localhost:<port>.',
      examples: ['https://mcp.example.com'],
    }),
  listen: z
    .strictObject({
      host: text(judgeListenHost)
        .optional()
        .meta({
          description: 'Address to listen on. Default: localhost, which is 127.0.0.1 and ::1.',
          examples: ['localhost'],
        }),
      port: wholeNumber({ min: 1, max: 65_535 })
        .optional()
        .meta({ description: `Port to listen on. Default: ${defaults.port}.`, examples: [8000] }),
      stopDelaySeconds: wholeNumber(bounds.stopDelaySeconds)
        .optional()
        .meta({
          description:
            'After SIGTERM, how long requests are still taken while /ready says 503, so that a load balancer can turn elsewhere. Default: 0.',
          examples: [10],
        }),
    })
    .optional()
    .meta({ description: 'Where the server listens.' }),
  trustedProxies: z
    .array(text(judgeNetwork).meta({ examples: ['10.0.0.0/8'] }))
    .max(100)
    .optional()
    .meta({
      description:
        'Addresses or CIDR networks of your proxies, whose X-Forwarded-For is believed. Default: none.',
      examples: [['10.0.0.0/8']],
    }),
  allowedOrigins: z
    .array(text(judgeOrigin).meta({ examples: ['https://inspector.example.com'] }))
    .max(100)
    .optional()
    .meta({
      description:
        'Origins of web pages that may call the MCP servers, besides our own and those on this computer. Default: none.',
      examples: [['https://inspector.example.com']],
    }),
  data: text((value) => (value === '' ? { what: 'is empty', instead: 'Write: data: ./data' } : undefined))
    .optional()
    .meta({
      description: 'Folder for the database and secrets.json; relative to this file. Default: ./data.',
      examples: ['./data'],
    }),
  secretsFile: text(judgeFile)
    .optional()
    .meta({
      description:
        'The keys of this deployment; relative to this file. Several machines share one, which may be read-only. Default: secrets.json in `data`.',
      examples: ['/run/secrets/sallyport/secrets.json'],
    }),
  storage: z
    .strictObject({
      url: text(judgeStorageUrl)
        .optional()
        .meta({
          description:
            'Where everything is kept: a SQLite file, relative to `data`, or a PostgreSQL database. Default: sqlite:sallyport.db.',
          examples: [
            'sqlite:sallyport.db',
            'postgres://sallyport:${DATABASE_PASSWORD}@db.example.com/sallyport',
          ],
        }),
      poolSize: wholeNumber(bounds.poolSize)
        .optional()
        .meta({
          description: `Connections to PostgreSQL that this instance uses at most, besides one that listens. Default: ${defaults.poolSize}.`,
          examples: [defaults.poolSize],
        }),
      ephemeral: text(judgeEphemeralUrl)
        .optional()
        .meta({
          description:
            'A Redis (redis:// or rediss://) for what is short-lived: authorizations that wait for the browser, and codes. Default: none; they are kept with everything else.',
          examples: ['redis://localhost:6379'],
        }),
    })
    .optional(),
  tokens: z
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
    .optional(),
  registration: z
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
    .optional(),
  knownClients: z
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
    .meta({ description: 'Where names of known clients on the consent page come from.' }),
  clients: z.array(configuredClient).max(1000).optional().meta({
    description:
      'OAuth clients that do not register themselves; who is taken out of this list is refused from the next start on.',
  }),
  rateLimits: z
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
    .meta({ description: 'How often one address may ask.' }),
  authorizationServer: authorizationServer.optional().meta({
    description: 'Whose tokens the servers take, where people sign in and clients register elsewhere.',
  }),
  signIn: z.array(signIn).min(1).max(20).optional().meta({ description: 'The ways to sign in.' }),
  servers: z.array(server).min(1).max(100).optional().meta({ description: 'What stands behind the gate.' }),
  resources: z
    .array(resource)
    .max(100)
    .optional()
    .meta({ description: 'MCP servers that run elsewhere and take the tokens that are issued here.' }),
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
  look: z
    .strictObject({
      name: text((value) => judgeShown(value, bounds.lookNameCharacters))
        .optional()
        .meta({
          description: 'The name at the head of every page. Default: Sallyport.',
          examples: ['Example'],
        }),
    })
    .optional(),
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

function judgeServerName(value: string): Judgement | undefined {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(value) || value.length > bounds.serverNameCharacters) {
    return {
      what: 'must be lower-case letters, digits and single hyphens between them',
      instead: 'Write, for example: name: records',
    };
  }
  if (reservedWords.includes(value)) {
    return {
      what: `is "${value}", a word that Sallyport's own paths use`,
      instead: `Choose another name, for example: name: my-${value}`,
    };
  }
  return undefined;
}

function judgeServerPath(value: string): Judgement | undefined {
  if (value === '/mcp' || /^\/mcp\/[a-z0-9-]+$/.test(value)) return undefined;
  return {
    what: 'must be /mcp or /mcp/<name>',
    instead: 'Write: path: /mcp, or leave it out for /mcp/<name>.',
  };
}

function judgeHostName(value: string): Judgement | undefined {
  if (URL.parse(`https://${value}/`)?.hostname === value) return undefined;
  const meant = URL.parse(value)?.hostname || URL.parse(`https://${value}/`)?.hostname || 'claude.ai';
  return {
    what: 'is no host name in lower case, without scheme, port and path',
    instead: `Write, for example: ${meant}`,
  };
}

function judgeResource(value: string): Judgement | undefined {
  const url = URL.parse(value);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url === null || !isSafe || comparableResource(value) === undefined) {
    return {
      what: 'is no https URL without user name and fragment (http is for this machine only)',
      instead: 'Write, for example: resource: https://notes.example.com/mcp',
    };
  }
  if (value === url.href || `${value}/` === url.href) return undefined;
  return {
    what: 'is not written in its one exact form',
    instead: `Write exactly: resource: ${url.href} (tokens name it character by character)`,
  };
}

function judgeListKey(value: string): Judgement | undefined {
  if (publicKeyOf(value) !== undefined) return undefined;
  return {
    what: 'is no Ed25519 public key in base64url (43 characters)',
    instead: 'Write what `sallyport known-clients sign` printed beside "publicKey".',
  };
}

function judgeListenHost(value: string): Judgement | undefined {
  if (isIP(value) !== 0 || /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value)) return undefined;
  return {
    what: 'is neither a host name nor an IP address',
    instead:
      'Write: host: localhost (this machine only) or host: 0.0.0.0 (every network); no port, no brackets.',
  };
}

function judgeNetwork(value: string): Judgement | undefined {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  if (family !== 0 && !address.includes('%') && rest.length === 0) {
    if (prefix === undefined) return undefined;
    if (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= widest) return undefined;
    if (prefix === '0') {
      return {
        what: 'would believe every address in the world',
        instead: "List only your own proxies' networks, for example: 10.0.0.0/8",
      };
    }
  }
  return { what: 'is neither an IP address nor a CIDR network', instead: 'Write, for example: 10.0.0.0/8' };
}

function judgeOrigin(value: string): Judgement | undefined {
  const url = URL.parse(value);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === value)
    return undefined;
  return {
    what: 'is not the origin of a web page',
    instead: 'Write scheme, host and port only, for example: https://inspector.example.com',
  };
}

function judgeToken(value: string): Judgement | undefined {
  if (/^[\w.~+/-]+=*$/.test(value) && value.length >= bounds.tokenCharacters) return undefined;
  return {
    what: `must be at least ${bounds.tokenCharacters} characters that a bearer token may have: letters, digits and -._~+/`,
    instead: 'Make one with, for example: openssl rand -hex 32',
  };
}

function judgeStorageUrl(value: string): Judgement | undefined {
  if (/^sqlite:./.test(value) && !/\p{Cc}/u.test(value)) return undefined;
  // What it says is judged when it is opened, with sentences that do not repeat it.
  if (/^postgres(?:ql)?:\/\/./.test(value) && !/\p{Cc}/u.test(value)) return undefined;
  return {
    what: 'is not a storage that this version knows',
    instead:
      'Write: url: sqlite:sallyport.db (a file in the data folder), or postgres://user:password@host:5432/database.',
  };
}

function judgeEphemeralUrl(value: string): Judgement | undefined {
  if (readRedisUrl(value) !== undefined) return undefined;
  return {
    what: 'is not the URL of a Redis',
    instead:
      'Write: ephemeral: redis://localhost:6379, or rediss:// for TLS; user, password and the number of a database may be given: redis://user:password@host:6379/0. Nothing behind a question mark.',
  };
}
