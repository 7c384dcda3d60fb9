// Where the rooms meet: storage and keys below, sign-in and authorization server introduced to each other, the servers
// behind the gate, and one handler over all of it.
import { authorizationServer } from '@sallyport/authorization-server';
import { guardedFetch, type Network } from '@sallyport/guarded-fetch';
import { gateway, toolsetUpstream } from '@sallyport/gateway';
import { browserRules, lookOf } from '@sallyport/pages';
import type { Log } from '@sallyport/protocol';
import { sharedIssuer } from '@sallyport/resource-server';
import { signIn } from '@sallyport/sign-in';
import type { Storage } from '@sallyport/storage';
import { outboundRegistrations, sealingUnder, vault, type Vault } from '@sallyport/vault';
import { paths as accountPaths } from './account/paths.ts';
import { readsChallengesInResults } from './challenge-forms.ts';
import type { AuthorizationServerConfig } from './config/authorization-server/complete.ts';
import type { Config } from './config/index.ts';
import { openConfiguredClients } from './configured-clients.ts';
import { wayOut } from './delegated/way-out.ts';
import { requestLine } from './door/index.ts';
import type { Answered, Handle } from './door/index.ts';
import { grantUses } from './grant-uses.ts';
import { openKnownClients, type LiveKnownClients } from './known-clients/live.ts';
import { openSigningKeys } from './keys/at-start.ts';
import { liveKeyRing } from './keys/live-ring.ts';
import type { LiveSecrets } from './keys/live-secrets.ts';
import { liveGrants } from './live-grants.ts';
import type { Metrics } from './metrics/index.ts';
import { restPaths } from './rest/index.ts';
import { endingOf, keeperOf, refreshersOf, revokersOf, waysOf } from './providers.ts';
import { routes } from './routes/index.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { refusedTokens } from './refused-tokens.ts';
import { serverOf } from './servers.ts';
import { version } from './version.ts';
import { whoCalls } from './who-calls.ts';

export interface Parts {
  readonly storage: Storage;
  readonly secrets: LiveSecrets;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
  /** Counts, where the configuration wants it. */
  readonly metrics?: Metrics | undefined;
  /** In place of this machine's own, for what strangers have us fetch. */
  readonly network?: Network | undefined;
}

export interface Assembled {
  readonly handle: Handle;
  /** What the door is to tell of every answer; undefined when nobody wants to know. */
  readonly answered: ((answered: Answered) => void) | undefined;
  /** What people paste into a client. */
  readonly servers: readonly { readonly name: string; readonly title: string; readonly url: string }[];
  /** What other parties gave for people: to be refreshed by a job. */
  readonly vault: Vault;
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
  const { storage, secrets, log, now, metrics, network } = parts;
  const { publicUrl, tokens, registration, authorizationServer: foreign } = config;
  const look = lookOf(config.look);
  const { sealing, cookies, derivation } = secrets;
  const rules = browserRules(publicUrl, cookies);
  const opened = await openSigningKeys({ config, storage, sealing, log, now: now() });
  const knownClients = await openKnownClients(config.knownClients, { log, now });
  await openConfiguredClients(config, { storage, log, now: now() });
  const keys = liveKeyRing(opened, { storage, secrets, log });
  const signUp = config.signIn.some((way) => way.provider === 'password' && way.signUp);
  const sealed = sealingUnder(sealing);
  const registrations = outboundRegistrations({ storage, sealing: sealed, log });
  const registering = { registrations, client_name: look.name };
  const ways = waysOf(config, { log, network, registering });
  const kept = vault({
    storage,
    sealing: sealed,
    log,
    refreshers: refreshersOf(ways),
    revokers: revokersOf(ways),
    ending: endingOf(config, log),
    refreshBeforeSeconds: config.vault.refreshBeforeSeconds,
  });
  const people = signIn({
    storage,
    rules,
    look,
    derivation,
    signUp,
    ways,
    keepTokens: keeperOf(config, kept),
    log,
    loginAt: (returnTo, at) => authorization.loginAt(returnTo, at),
  });
  const grants = liveGrants(storage);
  const uses = grantUses(storage, log);
  const rateLimits = rateLimitsOf(config);
  const waitSeconds =
    rateLimits === 'off'
      ? undefined
      : refusedTokens({
          perMinute: rateLimits.refusalsPerMinute,
          isExempt: rateLimits.isExempt,
          openCounter: storage.openCounter,
          log,
        });
  const elsewhere = foreign && openedOnce(foreign, network);
  const servers = config.servers.map((server) =>
    serverOf(server, { config, storage, keys, grants, uses, waitSeconds, log, elsewhere }),
  );
  const resourcesElsewhere = config.resources.map((resource) => ({ ...resource, isDefault: false }));
  const resources = [...servers.map(({ guard }) => guard.resource), ...resourcesElsewhere];

  const authorization = authorizationServer({
    issuer: publicUrl,
    storage,
    keys,
    derivation,
    resources,
    lifetimes: {
      accessTokenSeconds: tokens.access.lifetimeSeconds,
      refreshTokenSeconds: tokens.refresh.lifetimeSeconds,
      refreshGraceSeconds: tokens.refresh.graceSeconds,
      codeSeconds: tokens.codeLifetimeSeconds,
    },
    accessTokenFormat: tokens.access.format,
    personalTokens: tokens.personal.enabled,
    registration: registrationOf(registration, knownClients, network),
    recognize: knownClients.recognize,
    fetchKeys: keysOf(registration, network),
    rateLimits,
    rules,
    look,
    log,
    identify: (request, arrival) => people.identify(request, arrival),
    signInPath: (returnTo, options) => people.signInPath(returnTo, options),
    noteUse: (grantId, at) => uses.note(grantId, at),
    accountPath: accountPaths.overview,
  });

  // At a level that would not write them, the lines are not even made.
  const writesLines = config.log.level === 'debug' || config.log.level === 'info';
  const writesCalls = writesLines || config.log.calls;
  const gate = gateway({
    servers: servers.map(({ name, path, guard, streamDoors, toolset }) => ({
      name,
      path,
      resourceServer: guard,
      streamDoors,
      upstream: toolsetUpstream({
        toolset,
        serverInfo: { name: `sallyport-${name}`, title: toolset.title, version },
        scopesToAskFor: (needed) => guard.scopesToAskFor(needed),
      }),
    })),
    log,
    ...(writesCalls && { whoCalls: whoCalls({ storage, grants, shown: config.log.people, log }) }),
    readsChallengesInResults: readsChallengesInResults({ storage, knownClients, log }),
    streams: {
      now,
      isLive: (grantId, at) => grants.isLive(grantId, at),
      onChange: (listener) => grants.onChange(listener),
    },
  });

  metrics?.countStreams(() => gate.streamCount());
  const { token } = config.metrics;
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
      recognize: knownClients.recognize,
      people,
      authorization,
      gate,
      servers,
      resources,
      ...(foreign !== undefined && { foreignIssuer: foreign.server.issuer }),
      rest: restPaths({
        publicUrl,
        storage,
        servers,
        log,
        operatorToken: config.admin.token,
        isDelegated: foreign !== undefined,
      }),
      derivation,
      ...(tokens.personal.enabled && { personalTokens: tokens.personal }),
      isStopping: () => isStopping,
      ...(metrics !== undefined && token !== undefined && { metrics: { metrics, token } }),
    }),
    answered: watchers.length === 0 ? undefined : (each) => watchers.forEach((watch) => watch(each)),
    servers: servers.map(({ name, guard }) => ({
      name,
      title: guard.resource.title,
      url: guard.resource.resource,
    })),
    vault: kept,
    setupPath: async () =>
      foreign !== undefined || (await storage.hasUsers()) ? undefined : people.setupPath(),
    announceStop() {
      isStopping = true;
    },
    endStreams: () => gate.endStreams(),
    async close() {
      gate.endStreams();
      grants.close();
      keys.close();
      knownClients.close();
      await uses.close();
      await kept.close();
    },
  };
}

/** Its documents and keys are fetched once, whichever server asks. */
function openedOnce(
  { server, ...said }: AuthorizationServerConfig,
  network: Network | undefined,
): AuthorizationServerConfig {
  return { ...said, server: sharedIssuer(server, { fetch: wayOut(server, network) }) };
}

function keysOf({ metadataDocuments }: Config['registration'], network: Network | undefined) {
  const { allowLoopbackForDevelopment } = metadataDocuments ?? {};
  return {
    stranger: guardedFetch({ allowLoopbackForDevelopment, network }).fetchDocument,
    operator: guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, network }).fetchDocument,
  };
}

function registrationOf(
  { metadataDocuments, ...rest }: Config['registration'],
  { documentOf }: LiveKnownClients,
  network: Network | undefined,
) {
  if (metadataDocuments === undefined) return rest;
  const { pinnedCopies, ...documents } = metadataDocuments;
  const { fetchDocument } = guardedFetch({ ...documents, network });
  const pinnedCopyOf = pinnedCopies ? documentOf : undefined;
  return { ...rest, metadataDocuments: { ...documents, fetchDocument, pinnedCopyOf } };
}
