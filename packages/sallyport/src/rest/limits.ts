// The numbers of the REST half, each with its reason.

/** The largest item with every character escaped is 700 KB of JSON. */
export const maxBodyBytes = 1024 * 1024;

/** A description that changes with the version only. */
export const documentMaxAgeSeconds = 300;
