// An MCP server of the configuration as the gate serves it: its toolset, and a guard at each of its doors that knows which
// grants still stand.
import { signingAlgs } from '@sallyport/crypto';
import type { Arrival, GrantedCaller, Log, ProtectedResource, Refusal, Toolset } from '@sallyport/protocol';
import { resourceServer, type ResourceServer } from '@sallyport/resource-server';
import { PERSONAL_ACCESS_TOKENS, type Storage } from '@sallyport/storage';
import { recordsToolset } from '@sallyport/toolsets';
import type { AuthorizationServerConfig } from './config/authorization-server/complete.ts';
import type { Config, ServerConfig } from './config/index.ts';
import { foreignGuard } from './delegated/guard.ts';
import { foreignPeople } from './delegated/people.ts';
import type { GrantUses } from './grant-uses.ts';
import type { LiveKeyRing } from './keys/live-ring.ts';
import type { LiveGrants } from './live-grants.ts';
import type { refusedTokens } from './refused-tokens.ts';

interface Knowing {
  readonly config: Config;
  readonly storage: Storage;
  readonly keys: LiveKeyRing;
  readonly grants: LiveGrants;
  readonly uses: GrantUses;
  /** What the guards ask before they refuse a token. */
  readonly waitSeconds: ReturnType<typeof refusedTokens> | undefined;
  readonly log: Log;
  /** Somebody else's, whose tokens are taken in place of ours; opened once for all servers. */
  readonly elsewhere: AuthorizationServerConfig | undefined;
}

/** The toolsets that a configuration may name. */
const toolsets: Readonly<Record<ServerConfig['toolset'], (storage: Storage) => Toolset>> = {
  records: recordsToolset,
};

export function serverOf(
  { name, path, title, default: isDefault, toolset: id, defaultScopes: asked, scopeAliases }: ServerConfig,
  { config, storage, keys, grants, uses, waitSeconds, log, elsewhere }: Knowing,
) {
  const { publicUrl } = config;
  const toolset = toolsets[id](storage);
  const { scopes } = toolset;
  const defaultScopes = asked ?? toolset.defaultScopes;
  const isPrimary = isDefault || config.servers.length === 1;
  const resource: ProtectedResource = {
    resource: `${publicUrl}${path}`,
    // Clients compare the URL they were given with the resource that its challenge names (RFC 9728 §3.3).
    ...(isPrimary && { aliases: [`${publicUrl}/sse`] }),
    title,
    scopes,
    defaultScopes,
    ...(scopeAliases !== undefined && { scopeAliases }),
    isDefault,
  };
  const identifiers = [resource.resource, ...(resource.aliases ?? [])];
  const common = {
    allowedOrigins: config.allowedOrigins,
    ...(waitSeconds !== undefined && { waitSeconds }),
    onRefusal: logRefusal,
  };
  const accountOf = foreignPeople(storage, log);
  const guardAs = (identifier: string): ResourceServer =>
    elsewhere === undefined
      ? ownGuard(identifier)
      : foreignGuard(
          elsewhere,
          { ...common, resource: { ...resource, resource: identifier, isDefault: isPrimary }, identifiers },
          { accountOf, log },
        );
  const guard = guardAs(resource.resource);
  const streamDoors = (resource.aliases ?? []).map((alias) => ({
    path: '/sse',
    messagePaths: ['/messages', '/message'] as const,
    guard: guardAs(alias),
  }));
  for (const each of [guard, ...streamDoors.map((door) => door.guard)])
    keys.onRemoved(() => each.forgetTokens());
  return { name, path, guard, streamDoors, toolset };

  function ownGuard(identifier: string): ResourceServer {
    return resourceServer({
      ...common,
      issuer: publicUrl,
      resource: { ...resource, resource: identifier },
      audience: resource.resource,
      keys: keys.verifyKey,
      algorithms: signingAlgs,
      findOpaque: (tokenDigest) => findOpaqueCaller(storage, tokenDigest, config.tokens.personal),
      isLive: (grantId, at) => grants.isLive(grantId, at),
      traceOf: (grantId) => grants.traceOf(grantId),
      onAdmission({ grantId }, at) {
        if (grantId !== undefined) uses.note(grantId, at);
      },
    });
  }

  function logRefusal({ reason, facts }: Refusal, arrival: Arrival | undefined): void {
    const { grantId } = facts;
    const traceId = arrival?.traceId ?? (typeof grantId === 'string' ? grants.traceOf(grantId) : undefined);
    const whence = { traceId, address: arrival?.address };
    log('info', 'refused', { room: 'resource-server', server: name, reason, ...facts, ...whence });
  }
}

async function findOpaqueCaller(
  storage: Storage,
  tokenDigest: string,
  personal: Config['tokens']['personal'],
): Promise<GrantedCaller | undefined> {
  const found = await storage.findAccessToken(tokenDigest);
  if (found === undefined) return undefined;
  const { token, grant } = found;
  if (!personal.enabled && grant.clientId === PERSONAL_ACCESS_TOKENS) return undefined;
  const { userId: sub, clientId: client_id, resource, id: grantId } = grant;
  return { sub, client_id, scope: token.scope, resource, grantId, expiresAt: token.expiresAt };
}
