// RFC 7636, method S256 only.
import { hash } from 'node:crypto';
import { equalInConstantTime } from './digest.ts';

/** What a client derives from its verifier (RFC 7636 §4.2). */
export function codeChallengeOf(code_verifier: string): string {
  return hash('sha256', code_verifier, 'base64url');
}

/** RFC 7636 §4.6. A verifier outside the grammar of §4.1 never matches. */
export function isCodeVerifier(code_verifier: string, code_challenge: string): boolean {
  return (
    /^[A-Za-z0-9\-._~]{43,128}$/.test(code_verifier) &&
    equalInConstantTime(codeChallengeOf(code_verifier), code_challenge)
  );
}
