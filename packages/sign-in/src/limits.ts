// Every number of this room, with its reason.

export const limits = {
  /** argon2id by the OWASP password storage cheat sheet: 19 MiB, two passes, one lane; about 8 ms of one core. */
  hash: { memoryCost: 19_456, timeCost: 2, parallelism: 1 },
  /** 57 MiB at most; leaves one of libuv's four threads for name look-ups and files. */
  simultaneousHashes: 3,
  /** About a third of a second of waiting; whoever comes after is told to come back. */
  waitingHashes: 100,
  /** What a full waiting line asks for: it is empty again long before. */
  busyRetrySeconds: 5,

  /** In characters (code points). NIST SP 800-63B §5.1.1.2: at least 8, and no other rule of composition. */
  passwordMin: 8,
  /** Far above any password manager's; a bound on the work that a stranger can ask for. */
  passwordMax: 1024,
  /** A line on a narrow page. */
  nameMax: 100,
  /** Longer than any page of this origin needs; the authorization that waits is named by an id, not repeated. */
  returnToMax: 2048,
  /** The longest password in the costliest encoding (4 bytes, each as %XX) and the other fields. */
  formBytes: 16_384,
  /** A session token is 43 characters; anything much longer is not worth a digest. */
  sessionTokenMax: 128,

  /** NIST SP 800-63B §4.1.3: who they are is to be proven again after 30 days at most, whatever they did meanwhile. */
  sessionSeconds: 30 * 24 * 3600,

  /** How often a session is marked as seen: people look for days, not minutes, and each mark is a write. */
  seenEverySeconds: 3600,

  /** A person's slips of the finger at one place; the sixth waits. */
  guessesPerPlace: { points: 5, seconds: 900 },
  /** The first wait; each further one at that place within a day is twice as long … */
  firstBlockSeconds: 60,
  /** … up to an hour: five guesses an hour are no attack, and a person is never shut out for a day. */
  longestBlockSeconds: 3600,
  /** How long the waits are remembered. */
  blockMemorySeconds: 24 * 3600,
  /** One account from everywhere together; a place where its owner has signed in is exempt. */
  guessesPerAccount: { points: 100, seconds: 3600 },
  /** One address whatever the account: an office behind one address has room, spraying has not. */
  guessesPerAddress: { points: 50, seconds: 900 },
  /** How long a place counts as the owner's. Timers of Node cannot hold more than 24 days. */
  knownPlaceSeconds: 14 * 24 * 3600,
  /** A class or an office that begins together; too few to fill the list of accounts or to try names. */
  signUpsPerAddress: { points: 20, seconds: 3600 },

  /** Sign-up answers no sooner: an account that is written takes a disk's time, one that is refused does not. */
  signUpAnswerMilliseconds: 250,
} as const;
