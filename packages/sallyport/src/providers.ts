// The ways to sign in, as the configuration has them: each provider with its way out to the network.
import { guardedFetch, type Network } from '@sallyport/guarded-fetch';
import type { Log } from '@sallyport/protocol';
import { atlassianProvider, githubProvider, openIdProvider, openIdRows, tellEnded } from '@sallyport/sign-in';
import type {
  GitHubSettings,
  KeptTokens,
  Registering,
  UpstreamProvider,
  UpstreamWay,
} from '@sallyport/sign-in';
import type { Ending, Refresher, Revoker, Vault } from '@sallyport/vault';
import { type Config, isUpstream, namesAny, type UpstreamConfig } from './config/index.ts';

interface Parts {
  readonly log: Log;
  /** In place of this machine's own. */
  readonly network?: Network | undefined;
  /** Absent where nobody signs in. */
  readonly registering?: Registering | undefined;
}

/** In the order in which they are offered. */
export function waysOf({ signIn }: Config, parts: Parts): readonly ('password' | UpstreamWay)[] {
  return signIn.map((way) =>
    isUpstream(way) ? { provider: providerOf(way, parts), policy: way.people } : way.provider,
  );
}

export function providerOf(way: UpstreamConfig, { log, network, registering }: Parts): UpstreamProvider {
  // The operator named the provider; what only the provider's metadata names is a stranger's address.
  const fetch = {
    operator: guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, network }),
    stranger: guardedFetch({ network }),
  };
  const { provider, clientId = '', clientSecret = '', storeTokens } = way;
  if (provider === 'github')
    return githubProvider(githubSettings({ ...way, clientId, clientSecret }), { fetch });
  if (provider === 'atlassian')
    return atlassianProvider({ ...way, clientId, clientSecret, scopes: scopesOf(way) }, { fetch });
  const row = openIdRows.find(({ kind }) => kind === provider);
  if (row === undefined) throw new RangeError(`no provider ${provider}`);
  return openIdProvider(row, { ...way, offlineAccess: storeTokens }, { fetch, log, registering });
}

/** The exact issuer; undefined for what has none. */
export function issuerOf(way: UpstreamConfig): string | undefined {
  return openIdRows.find(({ kind }) => kind === way.provider)?.issuerOf(way)?.issuer;
}

/** Whose organizations are asked for by a rule, is asked for the scope that tells them. */
function githubSettings(way: UpstreamConfig & GitHubSettings): GitHubSettings {
  const asksOrganizations = namesAny(way.people, 'organizations');
  const { scopes } = way;
  const written =
    asksOrganizations && scopes?.includes('read:org') === false ? [...scopes, 'read:org'] : scopes;
  return { ...way, asksOrganizations, scopes: written };
}

/** Who keeps no tokens asks for none that last. */
function scopesOf({ scopes, storeTokens }: UpstreamConfig): readonly string[] | undefined {
  return scopes ?? (storeTokens ? undefined : ['read:me']);
}

/** Who can make new tokens of old ones, by the id of the provider: it knows how this server is registered there. */
export function refreshersOf(ways: ReturnType<typeof waysOf>): Readonly<Record<string, Refresher>> {
  const refreshers = ways.flatMap((way) => {
    if (way === 'password') return [];
    const { id, refresh } = way.provider;
    return refresh === undefined ? [] : [[id, { refresh }] as const];
  });
  return Object.fromEntries(refreshers);
}

/** Who can tell a provider that something is not wanted any more. */
export function revokersOf(ways: ReturnType<typeof waysOf>): Readonly<Record<string, Revoker>> {
  const revokers = ways.flatMap((way) => {
    if (way === 'password') return [];
    const { id, revoke } = way.provider;
    return revoke === undefined ? [] : [[id, { revoke }] as const];
  });
  return Object.fromEntries(revokers);
}

/** Of which providers a person's access ends with what they have there; told as any other end of it. */
export function endingOf({ signIn }: Config, log: Log): Ending {
  const ids = signIn.flatMap((way) => (isUpstream(way) && way.endsWithProvider === true ? [way.id] : []));
  return {
    providers: new Set(ids),
    tell({ role, ...ended }, about) {
      tellEnded(ended, about, log);
      if (role === 'unchanged') return;
      const { userId, provider } = about;
      log(role === 'last_operator' ? 'warn' : 'info', 'role_by_rule', { userId, provider, outcome: role });
    },
  };
}

/** What signing in brings goes to the vault; where the operator does not want it any more, what was there goes too. */
export function keeperOf({ signIn }: Config, vault: Vault): (kept: KeptTokens) => Promise<void> {
  const kinds = new Set(signIn.flatMap((way) => (isUpstream(way) && way.storeTokens ? [way.id] : [])));
  return async (kept) => {
    if (kinds.has(kept.provider)) await vault.keep({ ...kept, isOfIdentity: true });
    else await vault.remove(kept);
  };
}
