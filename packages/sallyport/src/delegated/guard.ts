// A guard that takes the tokens of somebody else's authorization server, for a server behind the gate: as ours, but whom it
// lets in is an account here, and an issuer that is away is a 503 that the log explains.
import {
  learn,
  type Arrival,
  type Log,
  type ProtectedResource,
  type ScopeDefinition,
} from '@sallyport/protocol';
import {
  AuthorizationServerUnavailable,
  delegatedResourceServer,
  issuerUnavailable,
  type DelegatedOptions,
  type ResourceServer,
} from '@sallyport/resource-server';
import type { AuthorizationServerConfig } from '../config/authorization-server/complete.ts';
import type { foreignPeople } from './people.ts';

interface Knowing {
  readonly accountOf: ReturnType<typeof foreignPeople>;
  readonly log: Log;
}

type Options = Omit<DelegatedOptions, 'authorizationServer' | 'resource' | 'scopes'> & {
  readonly resource: ProtectedResource;
  /** What its tokens name, where `resource` is an alias of it. */
  readonly identifiers: readonly string[];
};

export function foreignGuard(
  { server, scopes }: AuthorizationServerConfig,
  { resource, identifiers, ...options }: Options,
  { accountOf, log }: Knowing,
): ResourceServer {
  const inWords = scopes === undefined ? { resource } : translated(resource, scopes);
  const guard = delegatedResourceServer({
    ...options,
    ...inWords,
    authorizationServer: { audience: identifiers, ...server },
  });
  return { ...guard, admit, hasScopes };

  /** What the configuration does not translate means something else there, though it be spelled as one of ours. */
  function hasScopes(...[needed, caller]: Parameters<ResourceServer['hasScopes']>): boolean {
    if (scopes === undefined) return guard.hasScopes(needed, caller);
    const scope = caller.scope.filter((name) => Object.hasOwn(scopes, name));
    return guard.hasScopes(needed, { ...caller, scope });
  }

  async function admit(...[request, now, arrival]: Parameters<ResourceServer['admit']>) {
    try {
      const caller = await guard.admit(request, now, arrival);
      if (caller instanceof Response) return caller;
      const sub = await accountOf(caller, now);
      if (arrival !== undefined) learn(arrival, { userId: sub });
      return { ...caller, sub };
    } catch (error) {
      if (!(error instanceof AuthorizationServerUnavailable)) throw error;
      log('warn', 'authorization_server_unavailable', factsOf(error, arrival));
      return issuerUnavailable();
    }
  }
}

function factsOf({ message }: Error, arrival: Arrival | undefined): Readonly<Record<string, unknown>> {
  return { message, traceId: arrival?.traceId };
}

/** The issuer's scopes beside the server's own, each enough for what it stands for; clients are told of the issuer's. */
function translated(
  resource: ProtectedResource,
  words: Readonly<Record<string, readonly string[]>>,
): { readonly resource: ProtectedResource; readonly advertisedScopes: readonly string[] } {
  const own = resource.scopes;
  const isOwn = (name: string): boolean => own.some((scope) => scope.name === name);
  const advertisedScopes = Object.keys(words);
  const named = advertisedScopes
    .filter((name) => !isOwn(name))
    .map((name): ScopeDefinition => ({
      name,
      description: name,
      includes: words[name]?.filter(isOwn) ?? [],
    }));
  const enough = (name: string) =>
    advertisedScopes.find((word) => word === name || words[word]?.includes(name));
  const defaultScopes = [...new Set(resource.defaultScopes.flatMap((name) => enough(name) ?? []))];
  return { resource: { ...resource, scopes: [...own, ...named], defaultScopes }, advertisedScopes };
}
