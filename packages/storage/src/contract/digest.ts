// What stands here for every secret.

/** 32 bytes of SHA-256, in base64url. */
export type Digest = string;
