// The grant types of the token endpoint. The metadata and the registration endpoint list these and no others.
import type { Arrival, Parameters, ProtectedResource } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import type { AuthorizationServerOptions } from '../../options.ts';
import { authorizationCode } from './authorization_code.ts';
import { refreshToken } from './refresh_token.ts';

/** What a grant type decided: everything that tokens are made of. */
export interface Issue {
  readonly grantId: string;
  readonly sub: string;
  /** Of the login that the grant came from. */
  readonly traceId: string;
  readonly client: Client;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly refresh_token?: string;
}

export interface GrantType {
  readonly grant_type: string;
  /** Parameters without which it refuses. */
  readonly parameters: readonly string[];
  handle(
    client: Client,
    form: Parameters,
    options: AuthorizationServerOptions,
    arrival: Arrival,
  ): Promise<Issue>;
}

export const grantTypes: readonly GrantType[] = [authorizationCode, refreshToken];

export type Resources = readonly ProtectedResource[];
