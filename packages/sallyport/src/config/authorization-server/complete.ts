// Somebody else's authorization server, as the guard takes it.

import { clerk, type ForeignAuthorizationServer } from '@sallyport/resource-server';
import type { z } from 'zod';
import type { authorizationServer } from './schema.ts';

export interface AuthorizationServerConfig {
  /** May hold a secret. */
  readonly server: ForeignAuthorizationServer;
  /** Its scopes, and ours that each is enough for; absent: they are the same. */
  readonly scopes?: Readonly<Record<string, readonly string[]>>;
}

/** @param settings agree with each other */
export function completeAuthorizationServer(
  settings: z.infer<typeof authorizationServer>,
): AuthorizationServerConfig | undefined {
  const { issuer, scopes, introspection, clerk: instance, audience, maxTokenAgeSeconds } = settings;
  const { acceptTokensWithoutAudienceBecauseTheIssuerHasNone } = settings;
  const rules = {
    ...(audience !== undefined && { audience }),
    ...(maxTokenAgeSeconds !== undefined && { maxTokenAgeSeconds }),
    ...(acceptTokensWithoutAudienceBecauseTheIssuerHasNone === true && {
      acceptTokensWithoutAudienceBecauseTheIssuerHasNone,
    }),
  };
  const server =
    instance === undefined
      ? issuer && { issuer, ...rules, ...(introspection && { introspection: asking(introspection) }) }
      : clerkOf(instance, rules);
  if (!server) return undefined;
  return { server, ...(scopes !== undefined && { scopes }) };
}

function asking({ clientId, clientSecret, endpoint, jwtsToo }: Introspection) {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    ...(endpoint !== undefined && { endpoint }),
    ...(jwtsToo !== undefined && { jwtsToo }),
  };
}

type Introspection = NonNullable<z.infer<typeof authorizationServer>['introspection']>;
type Instance = NonNullable<z.infer<typeof authorizationServer>['clerk']>;

function clerkOf({ publishableKey, secretKey }: Instance, rules: object): ForeignAuthorizationServer {
  return clerk({ publishableKey, ...(secretKey !== undefined && { secretKey }), ...rules });
}
