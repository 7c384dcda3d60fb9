// The numbers of the configuration: what is used when nothing is said, and how far a setting may go.

import { defaultRateLimits } from '@sallyport/authorization-server';

export const defaults = {
  port: 8000,
  /** Long enough that a chat does not stop for a refresh, short enough to lose interest for a thief. */
  accessLifetimeSeconds: 3600,
  /** 30 days: a client that is used monthly stays connected. */
  refreshLifetimeSeconds: 2_592_000,
  /** A client that lost the answer of a refresh may ask again for five minutes. */
  refreshGraceSeconds: 300,
  /** RFC 6749 §4.1.2 recommends at most ten minutes. */
  codeLifetimeSeconds: 600,
  /** A year: what nobody renews by then, nobody remembers either. */
  personalLifetimeDays: 365,
  /** A provider may be away for five minutes before anybody notices. */
  refreshBeforeSeconds: 300,
  /** Eight instances fit into the hundred connections that PostgreSQL allows; one instance is not faster with more. */
  poolSize: 10,
  rateLimits: defaultRateLimits,
} as const;

export const bounds = {
  /** Below a minute clients refresh all the time; 90 days is what clients without refresh tokens were given elsewhere. */
  accessLifetimeSeconds: { min: 60, max: 7_776_000 },
  /** A JWT is believed wherever its key is known, so a stolen or revoked one must not live longer than a day. */
  jwtLifetimeSeconds: { min: 60, max: 86_400 },
  /** At least an hour, at most a year. */
  refreshLifetimeSeconds: { min: 3600, max: 31_536_000 },
  /** Zero switches repeats off; above an hour a stolen token could be used beside its owner. */
  refreshGraceSeconds: { min: 0, max: 3600 },
  /** A person's browser needs some seconds; RFC 6749 §4.1.2 sets the upper end. */
  codeLifetimeSeconds: { min: 10, max: 600 },
  /** Ten years is for machines that nobody visits; there is no "never". */
  personalLifetimeDays: { min: 1, max: 3650 },
  /** The job looks every few seconds, and three tries take some; most access tokens live for an hour, none for a day. */
  refreshBeforeSeconds: { min: 30, max: 86_400 },
  /** One is enough to work; each is a process of the server, which more than 200 of one instance would only slow down. */
  poolSize: { min: 1, max: 200 },
  /** Nobody is shut out by a slip; and a count must fit in what every store keeps it in, twenty times over. */
  rateLimit: { min: 1, max: 10_000_000 },
  /** Below a minute clients would do little but refresh; above a month it bounds nothing that anybody issues. */
  tokenAgeSeconds: { min: 60, max: 2_592_000 },
  /** A load balancer that takes longer than five minutes to notice takes no notice. */
  stopDelaySeconds: { min: 0, max: 300 },
  /** Nobody guesses 16 characters that a program made. */
  tokenCharacters: 16,
  /** 128 bits in hexadecimal; a request with a longer one would only be slower. */
  clientSecretCharacters: { min: 32, max: 1024 },
  /** Of 32 random hexadecimal digits 14 are distinct, and fewer than 8 once in thirty million times. */
  clientSecretDistinctCharacters: 8,
  /** Shown in a page's heading. */
  lookNameCharacters: 60,
  /** Loaded with the first page, also over a telephone. */
  logoBytes: 131_072,
  titleCharacters: 80,
  serverNameCharacters: 63,
  /** Stands in a URL that people register at their provider by hand. */
  callbackPathCharacters: 200,
  /** A list that somebody keeps by hand; more belong in a group at the provider. */
  peopleNames: 1000,
  /** Names of groups may be paths. */
  peopleNameCharacters: 256,
  /** One value, such as a URL or a token, and never a whole document by mistake. */
  valueFileBytes: 65_536,
  /** One line of the consent page. */
  scopeDescriptionCharacters: 120,
  /** Clients repeat scopes in URLs, all of them at once. */
  scopeNameCharacters: 64,
  /** No configuration that a person wrote is larger. */
  fileBytes: 1_048_576,
} as const;
