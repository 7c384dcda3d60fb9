// The numbers of the list of known clients, each with its reason.

export const limits = {
  /** Ten times what is shipped; a name is compared with every row. */
  clients: 300,
  /** Redirect URIs, quirks and names of one client; the longest list so far has 7. */
  listLength: 40,
  /** A sentence or a URL. */
  textCharacters: 600,
  /** 20 clients are 70 KB. */
  fileBytes: 1_048_576,
  /** Clients whose recognition is remembered until there are more: some 3 MB at the most. */
  keptRecognitions: 1_000,
  /** How often an instance looks whether the file has changed: one call of `stat`. */
  lookMilliseconds: 5_000,
  /** A list from further in the future would keep every later one out. */
  clockSkewSeconds: 24 * 60 * 60,
} as const;
