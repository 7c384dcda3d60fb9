// Where the rooms meet: storage and keys below, sign-in and authorization server introduced to each other, the servers
// behind the gate, and one handler over all of it.
import { authorizationServer } from '@sallyport/authorization-server';
import { createSigningKey, openKeyRing, type KeyRing, type Secrets } from '@sallyport/crypto';
import { gateway, toolsetUpstream } from '@sallyport/gateway';
import { browserRules } from '@sallyport/pages';
import type { Arrival, Caller, Log, ProtectedResource, Refusal, Toolset } from '@sallyport/protocol';
import { resourceServer } from '@sallyport/resource-server';
import { signIn } from '@sallyport/sign-in';
import type { Storage } from '@sallyport/storage';
import { recordsToolset } from '@sallyport/toolsets';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { paths as accountPaths } from './account/paths.ts';
import type { Config, ServerConfig } from './config/index.ts';
import { requestLine } from './door/index.ts';
import type { Answered, Handle } from './door/index.ts';
import { grantUses } from './grant-uses.ts';
import { liveGrants } from './live-grants.ts';
import type { Metrics } from './metrics/index.ts';
import { restPaths } from './rest/index.ts';
import { routes } from './routes/index.ts';
import { version } from './version.ts';

export interface Parts {
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
  /** Counts, where the configuration wants it. */
  readonly metrics?: Metrics | undefined;
}

export interface Assembled {
  readonly handle: Handle;
  /** What the door is to tell of every answer; undefined when nobody wants to know. */
  readonly answered: ((answered: Answered) => void) | undefined;
  /** What people paste into a client. */
  readonly servers: readonly { readonly name: string; readonly title: string; readonly url: string }[];
  /** Path of the link that makes the first account; undefined once there is one. */
  setupPath(): Promise<string | undefined>;
  /** From now on `/ready` says that this instance is going. */
  announceStop(): void;
  /** Ends what would otherwise go on for as long as its clients like; everything else is answered as before. */
  endStreams(): void;
  /** Writes what is left to be written and lets go of the storage; does not close it. */
  close(): Promise<void>;
}

export async function assemble(config: Config, parts: Parts): Promise<Assembled> {
  const { storage, secrets, log, now, metrics } = parts;
  const { publicUrl, tokens, registration, look } = config;
  const rules = browserRules(publicUrl, secrets.cookies.key);
  const keys = await openKeys(storage, secrets, now());
  const signUp = config.signIn.some((way) => way.signUp);
  const people = signIn({
    storage,
    rules,
    look,
    derivation: secrets.derivation,
    signUp,
    log,
    loginAt: (returnTo, at) => authorization.loginAt(returnTo, at),
  });
  const grants = liveGrants(storage);
  const uses = grantUses(storage, log);
  const servers = config.servers.map((server) => serverOf(server));

  const authorization = authorizationServer({
    issuer: publicUrl,
    storage,
    keys,
    derivation: secrets.derivation,
    resources: servers.map(({ guard }) => guard.resource),
    lifetimes: {
      accessTokenSeconds: tokens.access.lifetimeSeconds,
      refreshTokenSeconds: tokens.refresh.lifetimeSeconds,
      refreshGraceSeconds: tokens.refresh.graceSeconds,
      codeSeconds: tokens.codeLifetimeSeconds,
    },
    accessTokenFormat: tokens.access.format,
    registration,
    rules,
    look,
    log,
    identify: (request, arrival) => people.identify(request, arrival),
    signInPath: (returnTo, options) => people.signInPath(returnTo, options),
    accountPath: accountPaths.overview,
  });

  const gate = gateway({
    servers: servers.map(({ name, path, guard, streamDoors, toolset }) => ({
      name,
      path,
      resourceServer: guard,
      streamDoors,
      upstream: toolsetUpstream({
        toolset,
        serverInfo: { name: `sallyport-${name}`, title: toolset.title, version },
      }),
    })),
    log,
    streams: {
      now,
      isLive: (grantId, at) => grants.isLive(grantId, at),
      onChange: (listener) => grants.onChange(listener),
    },
  });

  metrics?.countStreams(() => gate.streamCount());
  const { token } = config.metrics;
  // At a level that would not write them, the lines are not even made.
  const writesLines = config.log.level === 'debug' || config.log.level === 'info';
  const watchers = [...(writesLines ? [requestLine(log)] : []), ...(metrics ? [metrics.answered] : [])];
  let isStopping = false;

  return {
    handle: routes({
      publicUrl,
      look,
      rules,
      signUp,
      storage,
      log,
      people,
      authorization,
      gate,
      servers,
      rest: restPaths({ publicUrl, storage, servers, log }),
      isStopping: () => isStopping,
      ...(metrics !== undefined && token !== undefined && { metrics: { metrics, token } }),
    }),
    answered: watchers.length === 0 ? undefined : (each) => watchers.forEach((watch) => watch(each)),
    servers: servers.map(({ name, guard }) => ({
      name,
      title: guard.resource.title,
      url: guard.resource.resource,
    })),
    setupPath: async () => ((await storage.hasUsers()) ? undefined : people.setupPath()),
    announceStop() {
      isStopping = true;
    },
    endStreams: () => gate.endStreams(),
    async close() {
      gate.endStreams();
      grants.close();
      await uses.close();
    },
  };

  function logRefusal(server: string, { reason, facts }: Refusal, arrival: Arrival | undefined): void {
    const { grantId } = facts;
    const traceId = arrival?.traceId ?? (typeof grantId === 'string' ? grants.traceOf(grantId) : undefined);
    const whence = { traceId, address: arrival?.address };
    log('info', 'refused', { room: 'resource-server', server, reason, ...facts, ...whence });
  }

  function serverOf({
    name,
    path,
    title,
    default: isDefault,
    toolset: id,
    defaultScopes: asked,
  }: ServerConfig) {
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
      isDefault,
    };
    const guardAs = (identifier: string) =>
      resourceServer({
        issuer: publicUrl,
        resource: { ...resource, resource: identifier },
        audience: resource.resource,
        keys: createLocalJWKSet(keys.jwks as JSONWebKeySet),
        algorithms: ['ES256'],
        allowedOrigins: config.allowedOrigins,
        findOpaque: (tokenDigest) => findOpaqueCaller(storage, tokenDigest),
        isLive(grantId, at) {
          uses.note(grantId, at);
          return grants.isLive(grantId, at);
        },
        traceOf: (grantId) => grants.traceOf(grantId),
        onRefusal: (refusal, arrival) => logRefusal(name, refusal, arrival),
      });
    const guard = guardAs(resource.resource);
    const streamDoors = (resource.aliases ?? []).map((alias) => ({
      path: '/sse',
      messagePaths: ['/messages', '/message'] as const,
      guard: guardAs(alias),
    }));
    return { name, path, guard, streamDoors, toolset };
  }
}

/** The toolsets that a configuration may name. */
const toolsets: Readonly<Record<ServerConfig['toolset'], (storage: Storage) => Toolset>> = {
  records: recordsToolset,
};

async function findOpaqueCaller(storage: Storage, tokenDigest: string): Promise<Caller | undefined> {
  const found = await storage.findAccessToken(tokenDigest);
  if (found === undefined) return undefined;
  const { token, grant } = found;
  const { userId: sub, clientId: client_id, resource, id: grantId } = grant;
  return { sub, client_id, scope: token.scope, resource, grantId, expiresAt: token.expiresAt };
}

async function openKeys(storage: Storage, secrets: Secrets, now: number): Promise<KeyRing> {
  const stored = await storage.listSigningKeys();
  // Several instances may start at once on an empty store: whoever comes first makes the key of all.
  const keys =
    stored.length > 0
      ? stored
      : await storage.addFirstSigningKey(await createSigningKey(secrets.sealing, now));
  return openKeyRing(keys, secrets.sealing);
}
