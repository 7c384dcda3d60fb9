// The grant types of the token endpoint. The metadata and the registration endpoint list these and no others.
import type { Arrival, Parameters, ProtectedResource } from '@sallyport/protocol';
import type { Grant } from '@sallyport/storage';
import type { AuthorizationServerOptions } from '../../options.ts';
import type { AuthenticatedClient } from '../client-auth/index.ts';
import { authorizationCode } from './authorization_code.ts';
import { clientCredentials } from './client_credentials.ts';
import { refreshToken } from './refresh_token.ts';

/** What a grant type gave. All of it is durable. */
export interface Issued {
  readonly grant: Grant;
  readonly access_token: string;
  readonly refresh_token?: string;
  /** As the client is told. */
  readonly scope: readonly string[];
  /** Whether the client had nothing of the kind before, where that is not plain from the grant type. */
  readonly isFirst?: boolean;
}

export interface GrantType {
  readonly grant_type: string;
  /** Whether only the operator can give it to a client: who registers, or publishes a document, does not get it. */
  readonly isGivenByOperator?: true;
  /** Parameters without which it refuses. */
  readonly parameters: readonly string[];
  handle(
    client: AuthenticatedClient,
    form: Parameters,
    options: AuthorizationServerOptions,
    arrival: Arrival,
  ): Promise<Issued>;
}

export const grantTypes: readonly GrantType[] = [authorizationCode, refreshToken, clientCredentials];

/** What a client can ask for about itself. */
export const grantTypesForAnybody = grantTypes.filter(({ isGivenByOperator = false }) => !isGivenByOperator);

export type Resources = readonly ProtectedResource[];
