// The operator's word: one YAML file, the environment over it, defaults under it. The story file of this folder.

import { join, resolve } from 'node:path';
import type { ConfiguredClient, RegistrationMode } from '@sallyport/authorization-server';
import type { SigningAlg } from '@sallyport/crypto';
import type { ScopeDefinition } from '@sallyport/protocol';
import { judgeAgreement } from './agree.ts';
import { completeAuthorizationServer } from './authorization-server/complete.ts';
import type { AuthorizationServerConfig } from './authorization-server/complete.ts';
import { atResources, completeClients } from './clients.ts';
import { readConfigFile } from './file.ts';
import type { ConfigFile } from './file.ts';
import { interpolate } from './interpolate.ts';
import { judgeKeys, judgeShape } from './judge.ts';
import { isMap, mergeLayers, ownVariables } from './layers.ts';
import type { Environment } from './layers.ts';
import { defaults } from './limits.ts';
import { privateKeyOf } from './private-key.ts';
import type { GivenPrivateKey } from './private-key.ts';
import { ConfigInvalid, printPath } from './problem.ts';
import type { Path, Place, Problem } from './problem.ts';
import { isLoopbackHost } from './public-url.ts';
import { settings as settingsSchema, shownOfPeople } from './schema.ts';
import type { Settings } from './schema.ts';
import { completeSignIn } from './sign-in/complete.ts';
import type { SignInConfig } from './sign-in/complete.ts';
import { foundAt } from './sign-in/judge.ts';

export { ConfigInvalid } from './problem.ts';
export type { Problem } from './problem.ts';
export { isLoopbackHost } from './public-url.ts';
export { nearest } from './nearest.ts';
export { toolsetScopes } from './toolset-scopes.ts';
export { reservedWords } from './reserved-words.ts';
export { configJsonSchema } from './json-schema.ts';
export type { GivenPrivateKey } from './private-key.ts';
export { isUpstream } from './sign-in/complete.ts';
export { describePeople, namesAny } from './sign-in/people.ts';
export { kindOf as providerKindOf } from './sign-in/kinds.ts';
export type { SignInConfig, UpstreamConfig } from './sign-in/complete.ts';
export { hasDatabase, inspectSecrets, openSecrets, SecretsUnusable } from './secrets.ts';

/** Every setting, with its default filled in; paths are absolute. */
export interface Config {
  /** The issuer, without a slash at the end. */
  readonly publicUrl: string;
  readonly listen: { readonly host: string; readonly port: number; readonly stopDelaySeconds: number };
  /** Exact, as a browser sends them. */
  readonly allowedOrigins: readonly string[];
  /** IP addresses and CIDR networks. */
  readonly trustedProxies: readonly string[];
  /** Absolute folder. */
  readonly data: string;
  /** Absolute path; by default in the data folder. */
  readonly secretsFile: string;
  readonly storage: {
    /** `sqlite:<absolute path>`, `sqlite::memory:` or `postgres://…`, which may hold a password. */
    readonly url: string;
    readonly poolSize: number;
    /** `redis:` or `rediss:`, which may hold a password; without it, all is kept in the one store. */
    readonly ephemeral?: string;
  };
  readonly tokens: {
    readonly access: {
      readonly format: 'jwt' | 'opaque';
      /** As configured; absent: whatever the newest key is made for. */
      readonly alg?: SigningAlg;
      /** The key that tokens are signed with, where it is not made here. */
      readonly privateKey?: GivenPrivateKey;
      readonly lifetimeSeconds: number;
    };
    readonly refresh: { readonly lifetimeSeconds: number; readonly graceSeconds: number };
    readonly codeLifetimeSeconds: number;
    /** Those that people make themselves. */
    readonly personal: { readonly enabled: boolean; readonly maxLifetimeDays: number };
  };
  readonly registration: {
    readonly mode: RegistrationMode;
    /** An initial access token, by the name of its key. */
    readonly accessToken?: { readonly name: string; readonly token: string };
    readonly privateUseSchemes: 'allow' | 'deny';
    /** Absent: no metadata documents. */
    readonly metadataDocuments?: {
      /** Absent: any host. */
      readonly allowedHosts?: readonly string[];
      readonly allowLoopbackForDevelopment: boolean;
      /** Whether the list of known clients stands in for what cannot be fetched. */
      readonly pinnedCopies: boolean;
    };
  };
  /** A signed list of known clients in place of the shipped one, while it is newer; absent: the shipped one. */
  readonly knownClients?: { readonly file: string; readonly publicKey: string };
  /** With their secrets in the clear: never to be printed. */
  readonly clients: readonly ConfiguredClient[];
  readonly rateLimits: {
    readonly enabled: boolean;
    readonly registrationsPerMinute: number;
    readonly authorizationsPerMinute: number;
    readonly tokenRequestsPerMinute: number;
    readonly refusalsPerMinute: number;
  };
  /** Whose tokens are taken in place of ours; absent: ours. */
  readonly authorizationServer?: AuthorizationServerConfig;
  /** In the order in which people are offered them. */
  readonly signIn: readonly SignInConfig[];
  readonly servers: readonly ServerConfig[];
  /** MCP servers that run elsewhere. */
  readonly resources: readonly ResourceConfig[];
  readonly vault: { readonly refreshBeforeSeconds: number };
  readonly look: { readonly name: string };
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    /** Whether the calls of signed-in people are logged at every level. */
    readonly calls: boolean;
    /** What the line of a call says of the person, beside ids. */
    readonly people: readonly (typeof shownOfPeople)[number][];
  };
  /** The operator's API is served exactly when there is a token. */
  readonly admin: { readonly token?: string };
  /** `/metrics` is served exactly when there is a token. */
  readonly metrics: { readonly token?: string };
  /** The file it was read from, absolute; absent without one. */
  readonly file?: string;
}

export interface ServerConfig {
  readonly name: string;
  readonly title: string;
  /** `/mcp` or `/mcp/<name>`. */
  readonly path: string;
  readonly toolset: 'records';
  /** In place of the toolset's own. */
  readonly defaultScopes?: readonly string[];
  readonly scopeAliases?: ScopeAliases;
  /** What a request without `resource` means. */
  readonly default: boolean;
}

export interface ResourceConfig {
  readonly name: string;
  /** The exact resource identifier. */
  readonly resource: string;
  readonly title: string;
  readonly scopes: readonly ScopeDefinition[];
  readonly defaultScopes: readonly string[];
  readonly scopeAliases?: ScopeAliases;
}

/** Other words for scopes, and the scopes that each stands for. */
type ScopeAliases = Readonly<Record<string, readonly string[]>>;

export interface ConfigSource {
  /** The path of `--config`. */
  readonly file?: string | undefined;
  readonly profile?: string | undefined;
  readonly environment: Environment;
  readonly cwd: string;
}

/** @throws ConfigInvalid with every problem at once */
export function loadConfig(source: ConfigSource): Config {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const { environment } = source;
  const profile = source.profile ?? (environment[ownVariables.profile] || undefined);

  const file = readConfigFile(source.file ?? (environment[ownVariables.config] || undefined), source.cwd);
  judgeProfiles(file, profile, report);
  const layers = mergeLayers(file, profile, environment, source.cwd, report);
  const values = interpolate(layers, environment, report, (path) => foundAt(layers.values, path));
  const settings = judgeShape(values, settingsSchema, layers.place, report);
  judgeAgreement(values, layers.place, report);

  if (settings === undefined) throw new ConfigInvalid(inOrder(problems));
  const absolute = (path: Path, value: string): string =>
    resolve(layers.isFromEnvironment(path) ? source.cwd : (file?.folder ?? source.cwd), value);
  const { privateKeyFile } = settings.tokens?.access ?? {};
  const privateKey = privateKeyOf(
    privateKeyFile && absolute(['tokens', 'access', 'privateKeyFile'], privateKeyFile),
    environment,
    (path) => resolve(source.cwd, path),
  );
  const say = (path: Path, what: string, instead: string): void =>
    report({ key: printPath(path), place: layers.place(path), what, instead });
  const clients = completeClients(settings.clients ?? [], absolute, say);
  const signIn = completeSignIn(settings.signIn ?? [{ provider: 'password' }], {
    // Nobody gets an account on a server that others can reach unless the operator said so.
    signUpByDefault: isOnlyThisMachine(placeOf(settings)),
    absolute,
    say,
  });
  if (problems.length > 0) throw new ConfigInvalid(inOrder(problems));
  return complete(settings, { absolute, privateKey, clients, signIn, file });
}

/** The settings of a profile that was not chosen are read too, so that a slip in it is found today. */
function judgeProfiles(
  file: ConfigFile | undefined,
  chosen: string | undefined,
  report: (problem: Problem) => void,
): void {
  if (file === undefined || !Object.hasOwn(file.values, 'profiles')) return;
  const { profiles } = file.values;
  const place = (path: Path): Place => file.place(path);
  if (!isMap(profiles)) {
    report({
      key: 'profiles',
      place: place(['profiles']),
      what: 'must be a map of profile names',
      instead: 'Write, for example: profiles: { production: { publicUrl: https://mcp.example.com } }',
    });
    return;
  }
  for (const [name, profile] of Object.entries(profiles)) {
    const path = ['profiles', name];
    if (!isMap(profile)) {
      report({
        key: `profiles.${name}`,
        place: place(path),
        what: 'must be a map of keys',
        instead: 'Write the keys that this profile changes.',
      });
    } else if (name !== chosen) {
      judgeKeys(profile, path, settingsSchema, place, report);
    }
  }
}

interface Found {
  readonly absolute: (path: Path, value: string) => string;
  readonly privateKey: GivenPrivateKey | undefined;
  readonly clients: readonly ConfiguredClient[];
  readonly signIn: readonly SignInConfig[];
  readonly file: ConfigFile | undefined;
}

function complete(settings: Settings, { absolute, privateKey, clients, signIn, file }: Found): Config {
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
    look: { name: settings.look?.name ?? 'Sallyport' },
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
function placeOf({ listen, publicUrl }: Settings) {
  const host = listen?.host ?? 'localhost';
  const port = listen?.port ?? defaults.port;
  // Through URL, because a default port is not part of an origin.
  return { host, port, publicUrl: publicUrl ?? new URL(`http://localhost:${port}`).origin };
}

function isOnlyThisMachine({ publicUrl, host }: { publicUrl: string; host: string }): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  const listens = host === '::1' || isLoopbackHost(host.toLowerCase());
  return protocol === 'http:' && isLoopbackHost(hostname) && listens;
}

function storageUrl(url: string, data: string): string {
  if (!url.startsWith('sqlite:')) return url;
  const path = url.slice('sqlite:'.length);
  return path === ':memory:' ? url : `sqlite:${resolve(data, path)}`;
}

/** As they stand in the file, so that they can be worked through from top to bottom. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const line = ({ place }: Problem): number => (place.kind === 'file' ? place.line * 1e6 + place.column : 0);
  return problems.toSorted((one, other) => line(one) - line(other));
}
