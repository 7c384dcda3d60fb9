// The numbers of the keys, each with its reason.

export const limits = {
  /**
   * A signing key is published for so long before it signs: twice what clients may remember /oauth/jwks for (five
   * minutes), so that clocks may differ by the rest.
   */
  publishSigningKeySeconds: 600,
  /** A key in secrets.json is known for so long before it is used; instances look at the file every second. */
  knowSecretSeconds: 60,
  /** `--after`, at most: a month, for secrets that people carry around. */
  longestDelaySeconds: 30 * 24 * 60 * 60,
  /** How often an instance looks whether secrets.json was changed: one call of `stat`. */
  lookAtSecretsMilliseconds: 1_000,
  /** Between two looks at the signing keys, whoever asks for them: tokens of strangers may name keys that nobody has. */
  lookAtSigningKeysPauseMilliseconds: 100,
  /** How long one command waits for another that changes secrets.json. */
  lockPatienceMilliseconds: 5_000,
  /** Sealed values that are read at once when they are sealed anew. */
  resealPageRows: 100,
  /** How often whoever waits at a terminal is told how far it is. */
  progressMilliseconds: 1_000,
  /** A PEM file is smaller. */
  keyFileBytes: 64 * 1024,
} as const;
