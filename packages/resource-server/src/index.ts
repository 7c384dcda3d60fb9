// Guards one MCP server with the tokens of a Sallyport: beside its store, or elsewhere. `delegatedResourceServer` guards it
// with those of any other authorization server.
import { admission, type AskedOfIssuer, type JudgedHere } from './admission.ts';
import { guardOf, type GuardOptions, type ResourceServer } from './guard.ts';

export { believeRevokedTokensUntilTheyExpire, type AskedOfIssuer, type JudgedHere } from './admission.ts';
export { clerk, type ClerkOptions } from './delegated/clerk.ts';
export { delegatedResourceServer, readForeignMetadata, type DelegatedOptions } from './delegated/index.ts';
export type { ForeignAuthorizationServer, ForeignTokens } from './delegated/issuer.ts';
export { sharedIssuer } from './delegated/shared.ts';
export type { ResourceServer } from './guard.ts';
export { introspection, type Asking, type Introspect, type IntrospectionOptions } from './introspection.ts';
export type {
  Arrival,
  Caller,
  ForeignIdentity,
  ProtectedResource,
  ScopeDefinition,
} from '@sallyport/protocol';
export { anyOrigin, corsHeaders, exposedHeaders } from './cors.ts';
export type { FindOpaque } from './judge.ts';
export { protect, type AuthInfo, type Door, type Passed, type ProtectOptions } from './protect.ts';
export { refusals } from './refusals.ts';
export { unavailable as issuerUnavailable } from './well-known.ts';
export { AuthorizationServerUnavailable, IntrospectionUnavailable } from './unavailable.ts';

export type ResourceServerOptions = Guarded & (JudgedHere | AskedOfIssuer);

export interface Guarded extends GuardOptions {
  /** Exact issuer of the tokens (`iss`), as in its metadata. */
  readonly issuer: string;
  /** Exact audience of the tokens, where `resource` is an alias of what they are issued for. Default: the resource. */
  readonly audience?: string;
}

/** @throws TypeError when scopes include one that there is none of, or each other in a circle */
export function resourceServer(options: ResourceServerOptions): ResourceServer {
  const { issuer, resource, audience = resource.resource, traceOf } = options;
  const judge = admission(options, { issuer, resource: audience });
  return guardOf(options, { issuer, judge, traceOf });
}
