// The numbers of the REST half, each with its reason.

/** The largest item with every character escaped is 700 KB of JSON. */
export const maxBodyBytes = 1024 * 1024;

/** Wrong tokens of one address that are told so one by one; an operator's own script with an old one stays below. */
export const wrongOperatorTokens = { points: 60, seconds: 60 } as const;

/** What is meant for longer is meant for good. */
export const mostExpiresInSeconds = 3650 * 24 * 3600;
export const mostUses = 999_999_999;

/** A description that changes with the version only. */
export const documentMaxAgeSeconds = 300;
