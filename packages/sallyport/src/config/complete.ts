// From what was written to what holds: every default is filled in here, or in the folder of its subject.

import { join, resolve } from 'node:path';
import type { ConfiguredClient } from '@sallyport/authorization-server';
import type { LogoFile } from '@sallyport/pages';
import type { ScopeDefinition } from '@sallyport/protocol';
import { completeAuthorizationServer } from './authorization-server/complete.ts';
import { atResources } from './clients.ts';
import type { Config, ResourceConfig, ServerConfig } from './config.ts';
import type { ConfigFile } from './file.ts';
import { defaults } from './limits.ts';
import type { GivenPrivateKey } from './private-key.ts';
import type { Path } from './problem.ts';
import { shownOfPeople } from './schema.ts';
import type { Settings } from './schema.ts';
import type { SignInConfig } from './sign-in/complete.ts';

/** What was read of other files, or judged with more than one key in view. */
interface Found {
  readonly absolute: (path: Path, value: string) => string;
  readonly privateKey: GivenPrivateKey | undefined;
  readonly clients: readonly ConfiguredClient[];
  readonly signIn: readonly SignInConfig[];
  readonly logo: LogoFile | undefined;
  readonly file: ConfigFile | undefined;
}

export function complete(
  settings: Settings,
  { absolute, privateKey, clients, signIn, logo, file }: Found,
): Config {
  const { tokens } = settings;
  const { host, port, publicUrl } = placeOf(settings);
  const data = absolute(['data'], settings.data ?? 'data');
  const servers = completeServers(
    settings.servers ?? [{ name: 'records', path: '/mcp', toolset: 'records' }],
  );
  const resources = (settings.resources ?? []).map(completeResource);
  const places = [
    ...servers.map(({ name, path }) => ({ name, resource: `${publicUrl}${path}` })),
    ...resources,
  ];
  return {
    publicUrl,
    listen: { host, port, stopDelaySeconds: settings.listen?.stopDelaySeconds ?? 0 },
    allowedOrigins: settings.allowedOrigins ?? [],
    trustedProxies: settings.trustedProxies ?? [],
    data,
    secretsFile:
      settings.secretsFile === undefined
        ? join(data, 'secrets.json')
        : absolute(['secretsFile'], settings.secretsFile),
    storage: {
      url: storageUrl(settings.storage?.url ?? 'sqlite:sallyport.db', data),
      poolSize: settings.storage?.poolSize ?? defaults.poolSize,
      ...(settings.storage?.ephemeral !== undefined && { ephemeral: settings.storage.ephemeral }),
    },
    tokens: {
      access: {
        format: tokens?.access?.format ?? 'jwt',
        ...(tokens?.access?.alg !== undefined && { alg: tokens.access.alg }),
        ...(privateKey !== undefined && { privateKey }),
        lifetimeSeconds: tokens?.access?.lifetimeSeconds ?? defaults.accessLifetimeSeconds,
      },
      refresh: {
        lifetimeSeconds: tokens?.refresh?.lifetimeSeconds ?? defaults.refreshLifetimeSeconds,
        graceSeconds: tokens?.refresh?.graceSeconds ?? defaults.refreshGraceSeconds,
      },
      codeLifetimeSeconds: tokens?.codeLifetimeSeconds ?? defaults.codeLifetimeSeconds,
      personal: {
        enabled: tokens?.personal?.enabled ?? true,
        maxLifetimeDays: tokens?.personal?.maxLifetimeDays ?? defaults.personalLifetimeDays,
      },
    },
    registration: completeRegistration(settings.registration),
    ...completeKnownClients(settings.knownClients, (file) => absolute(['knownClients', 'file'], file)),
    clients: clients.map((client) => atResources(client, places)),
    rateLimits: completeRateLimits(settings.rateLimits ?? {}),
    ...completeForeign(settings.authorizationServer),
    signIn,
    servers,
    resources,
    vault: {
      refreshBeforeSeconds: settings.vault?.refreshBeforeSeconds ?? defaults.refreshBeforeSeconds,
    },
    look: {
      name: settings.look?.name ?? 'Sallyport',
      ...(logo !== undefined && { logo }),
      ...(settings.look?.accent !== undefined && { accent: settings.look.accent.toLowerCase() }),
    },
    log: {
      level: settings.log?.level ?? 'warn',
      calls: settings.log?.calls ?? true,
      people: settings.log?.people ?? shownOfPeople,
    },
    admin: settings.admin?.token === undefined ? {} : { token: settings.admin.token },
    metrics: settings.metrics?.token === undefined ? {} : { token: settings.metrics.token },
    ...(file === undefined ? {} : { file: file.path }),
  };
}

function completeForeign(settings: Settings['authorizationServer']): Pick<Config, 'authorizationServer'> {
  const authorizationServer = settings && completeAuthorizationServer(settings);
  return authorizationServer === undefined ? {} : { authorizationServer };
}

function completeKnownClients(
  { file, publicKey }: NonNullable<Settings['knownClients']> = {},
  absolute: (file: string) => string,
): Pick<Config, 'knownClients'> {
  return file === undefined || publicKey === undefined
    ? {}
    : { knownClients: { file: absolute(file), publicKey } };
}

function completeRegistration({
  accessToken,
  mode = accessToken === undefined ? 'open' : 'token',
  privateUseSchemes = 'allow',
  metadataDocuments,
}: NonNullable<Settings['registration']> = {}): Config['registration'] {
  const token =
    accessToken === undefined
      ? {}
      : { accessToken: { name: 'registration.accessToken', token: accessToken } };
  const {
    // Where the operator vouches for each client or adds it, nobody else comes in unless that was said.
    enabled = mode !== 'token' && mode !== 'closed',
    allowedHosts,
    allowLoopbackForDevelopment = false,
    pinnedCopies = false,
  } = metadataDocuments ?? {};
  if (!enabled) return { mode, privateUseSchemes, ...token };
  const hosts = allowedHosts === undefined ? {} : { allowedHosts };
  return {
    mode,
    privateUseSchemes,
    ...token,
    metadataDocuments: { allowLoopbackForDevelopment, pinnedCopies, ...hosts },
  };
}

function completeServers(servers: NonNullable<Settings['servers']>): ServerConfig[] {
  return servers.map((server) => ({
    name: server.name,
    title: server.title ?? titleOf(server.name),
    path: server.path ?? `/mcp/${server.name}`,
    toolset: server.toolset,
    ...(server.defaultScopes !== undefined && { defaultScopes: server.defaultScopes }),
    ...(server.scopeAliases !== undefined && { scopeAliases: server.scopeAliases }),
    default: server.default ?? servers.length === 1,
  }));
}

function completeResource(given: NonNullable<Settings['resources']>[number]): ResourceConfig {
  const { name, resource, title = titleOf(name) } = given;
  const scopes = Object.entries(given.scopes).map(([scope, said]) =>
    typeof said === 'string' ? { name: scope, description: said } : definitionOf(scope, said),
  );
  const defaultScopes = given.defaultScopes ?? scopes.slice(0, 1).map((scope) => scope.name);
  const aliases = given.scopeAliases === undefined ? {} : { scopeAliases: given.scopeAliases };
  return { name, resource, title, scopes, defaultScopes, ...aliases };
}

function definitionOf(
  name: string,
  { description, includes }: Exclude<NonNullable<Settings['resources']>[number]['scopes'][string], string>,
): ScopeDefinition {
  return { name, description, ...(includes !== undefined && { includes }) };
}

const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function completeRateLimits(asked: NonNullable<Settings['rateLimits']>): Config['rateLimits'] {
  const own = defaults.rateLimits;
  return {
    enabled: asked.enabled ?? true,
    registrationsPerMinute: asked.registrationsPerMinute ?? own.registrationsPerMinute,
    authorizationsPerMinute: asked.authorizationsPerMinute ?? own.authorizationsPerMinute,
    tokenRequestsPerMinute: asked.tokenRequestsPerMinute ?? own.tokenRequestsPerMinute,
    refusalsPerMinute: asked.refusalsPerMinute ?? own.refusalsPerMinute,
  };
}

/** Where it listens, and what it is called from outside. */
export function placeOf({ listen, publicUrl }: Settings) {
  const host = listen?.host ?? 'localhost';
  const port = listen?.port ?? defaults.port;
  // Through URL, because a default port is not part of an origin.
  return { host, port, publicUrl: publicUrl ?? new URL(`http://localhost:${port}`).origin };
}

function storageUrl(url: string, data: string): string {
  if (!url.startsWith('sqlite:')) return url;
  const path = url.slice('sqlite:'.length);
  return path === ':memory:' ? url : `sqlite:${resolve(data, path)}`;
}
