// The numbers of the configuration: what is used when nothing is said, and how far a setting may go.

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
  /** A load balancer that takes longer than five minutes to notice takes no notice. */
  stopDelaySeconds: { min: 0, max: 300 },
  /** Nobody guesses 16 characters that a program made. */
  metricsTokenCharacters: 16,
  /** Shown in a page's heading. */
  lookNameCharacters: 60,
  titleCharacters: 80,
  serverNameCharacters: 63,
  /** No configuration that a person wrote is larger. */
  fileBytes: 1_048_576,
} as const;
