// What the configuration says, once it is complete.

import type { ConfiguredClient, RegistrationMode } from '@sallyport/authorization-server';
import type { SigningAlg } from '@sallyport/crypto';
import type { LogoFile } from '@sallyport/pages';
import type { ScopeDefinition } from '@sallyport/protocol';
import type { AuthorizationServerConfig } from './authorization-server/complete.ts';
import type { GivenPrivateKey } from './private-key.ts';
import type { shownOfPeople } from './schema.ts';
import type { SignInConfig } from './sign-in/complete.ts';

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
  readonly look: {
    readonly name: string;
    readonly logo?: LogoFile;
    /** `#rrggbb` */
    readonly accent?: string;
  };
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
