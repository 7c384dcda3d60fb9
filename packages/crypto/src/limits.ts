// Every number of this room, with its reason.

/** AES-256 and HMAC-SHA-256 keys, in secrets.json. */
export const SECRET_KEY_BYTES = 32;
/** RFC 7518 §3.3 asks for 2048 bits or more; it is also what is made here, since each bit is paid at every signature. */
export const MIN_RSA_BITS = 2048;
/** Signing stops the event loop: 4096 bits take 1.5 ms here, and 8192 take 28. */
export const MAX_RSA_BITS = 4096;
/** 65537 has 17; a verification takes as long as the exponent is, and who verifies did not choose it. */
export const MAX_RSA_EXPONENT_BITS = 32;
/** The longest honest PEM file, an RSA key of 4096 bits with text around it, is under 8 KB. */
export const MAX_PEM_CHARACTERS = 64 * 1024;
