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

  /** In place of the time of a proof that was not asked for: longer ago than anything that asks for one. */
  notAskedAt: 1,

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

  /** As long as an app's login waits: whoever must find a phone first, or set a new password there, has the time. */
  upstreamSignInSeconds: 30 * 60,
  /** An office behind one address, and those who press the button twice. */
  leavingPerAddress: { points: 120, seconds: 900 },
  /** A person who tries again and again. */
  leavingPerBrowser: { points: 30, seconds: 900 },
  /** In bytes, of the whole query: codes and ID tokens' worth of parameters are far below; servers cut URLs at 8 KB. */
  upstreamQueryBytes: 16_384,
  /** In parameters; the standards together know a dozen. */
  upstreamParameters: 40,
  /** How far the clocks of a provider and of instances may be apart. */
  clocksApartSeconds: 60,
  /** In characters, of the error word that came back: a registered one is shorter, and the log is no place for more. */
  upstreamErrorShown: 64,

  /** Metadata, keys or UserInfo of a provider: the largest of the field has some 20 KB of keys. */
  upstreamDocumentBytes: 64 * 1024,
  /** Of an endpoint or a picture; browsers and servers agree on about 2000. */
  upstreamUrlMax: 2048,
  /** Of a claim that is shown or kept; a name of 200 characters is real, one of 300 is not. */
  upstreamClaimMax: 256,
  /** Entra sends 200 at most, Okta 100; who is in more has a reference in place of them, or is let in by nobody's list. */
  upstreamGroupsMax: 1000,
  /** Of an API: a hundred organizations of GitHub are some 120 KB. */
  upstreamApiBytes: 512 * 1024,
  /** Entries of a list that are asked for at once; the most that GitHub gives. */
  upstreamPage: 100,
  /** Nobody is in more than a thousand organizations, and each page is a wait for whoever signs in. */
  upstreamPagesMax: 10,
  /** Of what stands in a document or token in place of what should, for the log. */
  upstreamValueShown: 200,
  /** Clocks differ by seconds where they are looked after; tokens live for minutes, so a minute is no gift. */
  upstreamSkewSeconds: 60,
  /** For how long metadata is not fetched again, by what its headers say; endpoints hardly ever move. */
  upstreamMetadataFreshSeconds: { least: 60, most: 24 * 3600, unsaid: 3600 },
  /** While it cannot be fetched: its token endpoint may well work, and people want in. */
  upstreamMetadataStaleSeconds: 24 * 3600,
  /** At most: a key that was withdrawn signs nobody in after an hour. New keys need not wait for it. */
  upstreamKeysFreshSeconds: { least: 60, most: 3600, unsaid: 600 },
  /** While keys cannot be fetched: long enough for an outage, short for a key that was lost. */
  upstreamKeysStaleSeconds: 4 * 3600,
  /** A key that is not there may have been published just now, and a server that was away may be back: looked for this often. */
  upstreamAgainSeconds: 10,

  /** Whoever says that it does not know a client that it registered this short a while ago is not asked for another one. */
  registrationTrustedSeconds: 600,

  /** Whoever finds a browser open must not link a way of theirs: as for access tokens, and the time that a page is read. */
  linkSignInSeconds: 30 * 60,
  /** How often an arrival is judged anew because somebody else was faster: each time only one of them can be. */
  arrivalTurns: 4,
} as const;
