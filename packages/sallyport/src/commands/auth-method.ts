// How a client that is added proves who it is: the options that say so, and its public keys.

import { resolve } from 'node:path';
import { readJwksFile } from '../config/jwks-file.ts';
import { exitCodes, Failure } from './failure.ts';
import type { Io } from './io.ts';
import { printable } from './table.ts';

export interface AuthMethodOptions {
  readonly confidential?: boolean;
  readonly authMethod?: string;
  /** A file. */
  readonly jwks?: string;
  readonly jwksUri?: string;
}

const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

interface AuthMethodMembers {
  readonly token_endpoint_auth_method: string;
  readonly jwks?: unknown;
  readonly jwks_uri?: string;
}

/** @returns the members of its metadata (RFC 7591 §2) */
export function authMethodMembers(options: AuthMethodOptions, io: Io): AuthMethodMembers {
  const { jwks, jwksUri } = options;
  const token_endpoint_auth_method = authMethodOf(options);
  const hasKeys = jwks !== undefined || jwksUri !== undefined;
  if (token_endpoint_auth_method !== 'private_key_jwt') {
    if (hasKeys) throw usage('--jwks and --jwks-uri go with --auth-method private_key_jwt.');
    return { token_endpoint_auth_method };
  }
  if (!hasKeys) {
    throw usage('A client with private_key_jwt needs its public keys.', [
      'Add --jwks <file> with a JWK Set, or --jwks-uri <url> where it publishes one',
    ]);
  }
  if (jwks !== undefined && jwksUri !== undefined) {
    throw usage('--jwks and --jwks-uri contradict each other: keys have one place.');
  }
  if (jwks === undefined) return { token_endpoint_auth_method, jwks_uri: httpsUrl(jwksUri ?? '') };
  return { token_endpoint_auth_method, jwks: readKeys(jwks, io) };
}

function authMethodOf({ confidential, authMethod }: AuthMethodOptions): string {
  if (authMethod === undefined) return confidential === true ? 'client_secret_basic' : 'none';
  if (confidential === true && authMethod === 'none') {
    throw usage('--confidential and --auth-method none contradict each other.');
  }
  if ((methods as readonly string[]).includes(authMethod)) return authMethod;
  throw usage(`--auth-method ${printable(authMethod)} is not supported.`, [
    `Use one of: ${methods.join(', ')}`,
  ]);
}

function httpsUrl(text: string): string {
  if (URL.parse(text)?.protocol === 'https:') return text;
  throw usage(
    `--jwks-uri ${printable(text)} is no https URL: keys that anybody could replace prove nothing.`,
  );
}

function readKeys(file: string, io: Io): unknown {
  const read = readJwksFile(resolve(io.cwd, file), printable(file));
  if ('jwks' in read) return read.jwks;
  throw usage(`--jwks ${read.what}.`, [read.instead]);
}

const usage = (what: string, next: readonly string[] = []): Failure =>
  new Failure(what, { next: [...next], exitCode: exitCodes.usage });
