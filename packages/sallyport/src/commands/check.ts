// sallyport check: everything that could keep the server from starting or from being safe, looked at without starting it.

import { access, constants, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { describeMode } from '@sallyport/authorization-server';
import { openKeyRing } from '@sallyport/crypto';
import { readForeignMetadata, type ForeignAuthorizationServer } from '@sallyport/resource-server';
import { inspectRedis, mayEvict, openStorage } from '@sallyport/storage';
import type { Client, User } from '@sallyport/storage';
import { hasDatabase, inspectSecrets, isLoopbackHost, SecretsUnusable } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { foreseeConfiguredClients, insteadOfTaken, sayTaken } from '../configured-clients.ts';
import { isSqlite } from '../config/secrets.ts';
import type { OpenedSecrets } from '../config/secrets.ts';
import { belongs } from '../keys/at-start.ts';
import { KeyFileUnusable, readGivenKey } from '../keys/given-key.ts';
import { checkProviders } from './check-providers.ts';
import { wayOut } from '../delegated/way-out.ts';
import { commandLine, configOf, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes } from './failure.ts';
import { paint, print } from './io.ts';
import { listInUse } from './known-clients.ts';
import type { Command, Io } from './io.ts';

export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly next?: string;
}

export const check: Command = {
  name: 'check',
  summary: 'Check the configuration, the data, the port and the providers, without starting',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('check', check.summary, io, [
        ['check', 'what `serve` would meet'],
        ['check --config production.yaml --json', 'for a script'],
      ]),
    );
    let findings: readonly Finding[] = [];
    line.option('--json', 'print JSON').action(async (options: CommonOptions & { json?: boolean }) => {
      findings = await inspect(configOf(options, io), io);
      print(io, options.json === true ? JSON.stringify(findings, null, 2) : printed(findings, io));
    });
    await parse(line, args, io);
    return findings.some(({ state }) => state === 'fail') ? exitCodes.failed : exitCodes.done;
  },
};

/** Changes nothing, but brings an existing database up to this version's schema, as `serve` would. */
async function inspect(config: Config, io: Io): Promise<Finding[]> {
  const folder = await judgeFolder(config);
  return [
    ok('configuration', config.file === undefined ? 'no file, so the defaults apply' : config.file),
    judgeIssuer(config),
    ...judgeExposure(config),
    ...(config.authorizationServer === undefined
      ? [ok('registration', describeMode(config.registration))]
      : await judgeAuthorizationServer(config.authorizationServer.server)),
    ...judgePkce(config),
    await judgePort(config),
    folder,
    ...(await judgeKeyFile(config)),
    ...(folder.state === 'fail' ? [] : await judgeStore(config, io)),
    ...(await judgeEphemeral(config)),
    ...(await judgeKnownClients(config, io)),
    ...(await checkProviders(config, io)),
  ];
}

function judgeIssuer({ publicUrl }: Config): Finding {
  if (publicUrl.startsWith('https:')) return ok('publicUrl', publicUrl);
  return warn(
    'publicUrl',
    `${publicUrl} works on this machine only`,
    'For others, and for Claude and ChatGPT on the web, set publicUrl to an https address.',
  );
}

/** Whether clients would find their way by what it publishes now. */
async function judgeAuthorizationServer(server: ForeignAuthorizationServer): Promise<Finding[]> {
  const about = 'authorizationServer';
  const next =
    'Look at its metadata in a browser; `authorizationServer.issuer` must be its `issuer` to the letter.';
  let metadata: Readonly<Record<string, unknown>>;
  try {
    metadata = await readForeignMetadata(server, {
      now: Math.floor(Date.now() / 1000),
      fetch: wayOut(server, undefined),
    });
  } catch (error) {
    return [fail(about, (error as Error).message, next)];
  }
  const { code_challenge_methods_supported: pkce, jwks_uri, introspection_endpoint: asked } = metadata;
  const findings = [ok(about, `${server.issuer} publishes its metadata`)];
  const say = (says: string, then: string): void => void findings.push(warn(about, says, then));
  if (!(Array.isArray(pkce) && pkce.includes('S256')))
    say(
      'its metadata does not offer PKCE with S256, and MCP clients refuse to go on without',
      'Switch PKCE on there.',
    );
  if (
    metadata['registration_endpoint'] === undefined &&
    metadata['client_id_metadata_document_supported'] !== true
  )
    say(
      'it lets no client register itself, so people have to be given a client id for each app',
      'Switch on client ID metadata documents or dynamic client registration there.',
    );
  if (jwks_uri === undefined) findings.push(fail(about, 'its metadata names no keys (jwks_uri)', next));
  const asks = typeof server.introspection === 'object' && server.introspection.endpoint === undefined;
  if (asks && asked === undefined)
    findings.push(
      fail(about, 'its metadata names no introspection endpoint', 'Write: introspection.endpoint'),
    );
  if (server.acceptTokensWithoutAudienceBecauseTheIssuerHasNone === true)
    say(
      'tokens that name no server are let in: whoever runs another server of this issuer can use here what it is shown',
      'Have it name an audience, if it can, and remove acceptTokensWithoutAudienceBecauseTheIssuerHasNone.',
    );
  return findings;
}

function judgeExposure({
  publicUrl,
  listen,
  signIn,
  trustedProxies,
  authorizationServer,
}: Config): Finding[] {
  const findings: Finding[] = [];
  const isLocal = publicUrl.startsWith('http:');
  if (isLocal && !isLoopbackHost(listen.host.toLowerCase()) && listen.host !== '::1') {
    findings.push(
      warn(
        'listen',
        `${listen.host} is reachable from other machines, while publicUrl is of this machine`,
        'Write listen.host: localhost, unless a container or proxy stands between.',
      ),
    );
  }
  if (!isLocal && trustedProxies.length === 0) {
    findings.push(
      warn(
        'trustedProxies',
        'is empty, so behind the proxy that ends TLS everybody has one address, and shares its limits',
        "Write the proxy's address; on this machine: trustedProxies: [127.0.0.1, '::1']",
      ),
    );
  }
  if (
    !isLocal &&
    authorizationServer === undefined &&
    signIn.some((way) => way.provider === 'password' && way.signUp)
  ) {
    findings.push(
      warn(
        'signIn',
        'anybody who can reach the server may make an account',
        'Write signUp: false, unless that is what you want.',
      ),
    );
  }
  return findings;
}

async function judgePort({ listen, publicUrl, authorizationServer }: Config): Promise<Finding> {
  const { host, port } = listen;
  const peer = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (!(await answers(peer, port))) return ok('port', `${port} on ${host} is free`);
  const issuer = await issuerAt(peer, port);
  if (issuer === (authorizationServer?.server.issuer ?? publicUrl))
    return ok('port', `${port} on ${host}: this server is running there`);
  return fail(
    'port',
    `${port} on ${host} is used by another program`,
    'Stop it, or set SALLYPORT_LISTEN_PORT.',
  );
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

async function issuerAt(host: string, port: number): Promise<unknown> {
  const authority = host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${authority}:${port}/.well-known/oauth-authorization-server`, {
      redirect: 'error',
      signal: AbortSignal.timeout(2000),
    });
    return ((await response.json()) as { issuer?: unknown }).issuer;
  } catch {
    return undefined;
  }
}

/** The folder, or where it would be made, must be writable. */
async function judgeFolder({ data }: Config): Promise<Finding> {
  let folder = data;
  for (;;) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) {
      return fail('data', `${folder} is not a folder`, 'Set `data` (SALLYPORT_DATA) to another folder.');
    }
    if (found !== undefined) break;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch {
    return fail('data', `${folder} cannot be written`, 'Let this user write it, or set SALLYPORT_DATA.');
  }
  return ok('data', folder === data ? data : `${data} will be made at the first start`);
}

async function judgeStore(config: Config, io: Io): Promise<Finding[]> {
  let opened: OpenedSecrets | undefined;
  try {
    opened = await inspectSecrets(config);
  } catch (error) {
    if (!(error instanceof SecretsUnusable)) throw error;
    return [fail('secrets', error.message, error.instead)];
  }
  const secrets = opened && judgeSecrets(opened);
  const isThere = !isSqlite(config.storage.url) || (await hasDatabase(config.storage.url));
  if (isThere && opened === undefined && isSqlite(config.storage.url)) return [secretsMissing(config)];
  if (isThere) return judgeDatabase(config, { opened, secrets }, io);
  const database = ok('database', 'will be made at the first start');
  return [secrets ?? ok('secrets', 'will be made at the first start'), database];
}

function judgeSecrets({ path, isReadableByOthers }: OpenedSecrets): Finding {
  if (!isReadableByOthers) return ok('secrets', path);
  return warn('secrets', `${path} can be read by other users of this machine`, `chmod 600 ${path}`);
}

interface FoundSecrets {
  readonly opened: OpenedSecrets | undefined;
  readonly secrets: Finding | undefined;
}

async function judgeDatabase(config: Config, { opened, secrets }: FoundSecrets, io: Io): Promise<Finding[]> {
  const { url } = config.storage;
  const known = secrets === undefined ? [] : [secrets];
  try {
    const storage = await openStorage(url);
    try {
      const keys = await storage.listSigningKeys();
      if (opened === undefined && keys.length > 0) return [secretsMissing(config)];
      if (keys.length > 0 && !belongs(openKeyRing(keys, opened?.secrets.sealing.keys ?? []), io.now())) {
        const says = 'its signing key was sealed with another secrets.json';
        return [...known, fail('database', says, 'Restore the secrets.json that belongs to it.')];
      }
      return [
        secrets ?? ok('secrets', 'will be made at the first start'),
        ok('database', isSqlite(url) ? url.replace(/^sqlite:/, '') : 'PostgreSQL'),
        // Where people sign in elsewhere, accounts and clients come by themselves.
        ...(config.authorizationServer === undefined
          ? [
              judgeAccounts(await storage.listUsers(), io),
              ...judgeClients(config, await storage.listClients(), io),
            ]
          : []),
      ];
    } finally {
      await storage.close();
    }
  } catch (error) {
    return [...known, fail('database', error instanceof Error ? error.message : String(error))];
  }
}

function secretsMissing({ secretsFile }: Config): Finding {
  return fail(
    'secrets',
    `${secretsFile} is missing, but there is a database that was sealed with it`,
    'Restore it from your backup, or copy it from an instance that works.',
  );
}

/** The operator's own signing key, where there is one. */
async function judgeKeyFile({ tokens }: Config): Promise<Finding[]> {
  const { privateKey, alg } = tokens.access;
  if (privateKey === undefined) return [];
  try {
    const key = await readGivenKey(privateKey, alg);
    return [ok('signing key', `${privateKey.from}, for ${key.alg}`)];
  } catch (error) {
    if (!(error instanceof KeyFileUnusable)) throw error;
    return [fail('signing key', error.message, error.instead)];
  }
}

async function judgeEphemeral({ storage: { ephemeral } }: Config): Promise<Finding[]> {
  if (ephemeral === undefined) return [];
  try {
    const found = await inspectRedis(ephemeral);
    const says = `${found.where}, ${found.server}, maxmemory-policy ${found.evictionPolicy ?? 'unknown'}`;
    if (!mayEvict(found)) return [ok('redis', says)];
    return [
      warn(
        'redis',
        `${says}: when its memory is full it forgets logins that are under way`,
        'In its configuration, write: maxmemory-policy noeviction',
      ),
    ];
  } catch (error) {
    return [fail('redis', error instanceof Error ? error.message : String(error))];
  }
}

/** A list that is refused keeps nobody out, so it is a warning; but names would be older than the operator believes. */
async function judgeKnownClients(config: Config, io: Io): Promise<Finding[]> {
  if (config.knownClients === undefined) return [];
  const { list, file, refused } = await listInUse(config, io.now());
  if (refused !== undefined) {
    const says = `${config.knownClients.file} ${refused.message}; the list of this version is used`;
    return [warn('known clients', says, refused.instead)];
  }
  return [ok('known clients', `${file}, ${list.clients.length} clients, issued ${list.issuedAt}`)];
}

function judgeAccounts(users: readonly User[], io: Io): Finding {
  // Nobody signs in to the account of a client.
  const people = users.filter(({ clientId }) => clientId === undefined);
  if (people.length > 0) return ok('accounts', String(people.length));
  return warn(
    'accounts',
    'there is none, so nobody can sign in',
    `${io.program} users add <email>, or open the link that \`serve\` prints`,
  );
}

/** The one exception from the rule, so that nobody forgets it is there. */
function judgePkce({ clients }: Config): Finding[] {
  return clients
    .filter(({ requirePkce }) => requirePkce === false)
    .map(({ client_id }) => withoutPkce(client_id));
}

function withoutPkce(client_id: string): Finding {
  return ok('clients', `${client_id} may do without PKCE; its secret and state stand in for it`);
}

/** What a start would meet that another configuration, or a command, left in the store. */
function judgeClients(config: Config, known: readonly Client[], io: Io): Finding[] {
  const foreseen = foreseeConfiguredClients(config, known);
  const { taken, withdrawn } = foreseen;
  return [
    ...foreseen.withoutPkce.map(withoutPkce),
    ...(taken.length === 0 ? [] : [fail('clients', sayTaken(taken), insteadOfTaken(taken))]),
    ...withdrawn.map((client_id) =>
      warn(
        'clients',
        `${client_id} is not in the configuration any more, so it is refused from the next start on`,
        `Put it back, or end its access for good after that start: ${io.program} clients remove ${client_id}`,
      ),
    ),
  ];
}

function printed(findings: readonly Finding[], io: Io): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
  return findings
    .map(({ about, state, says, next }) => {
      const head = `${paint(io.stdout, styles[state], state.padEnd(4))}  ${about.padEnd(width)}  ${says}`;
      return next === undefined ? head : `${head}\n      ${' '.repeat(width)}  → ${next}`;
    })
    .join('\n');
}

function ok(about: string, says: string): Finding {
  return { about, state: 'ok', says };
}

function warn(about: string, says: string, next: string): Finding {
  return { about, state: 'warn', says, next };
}

function fail(about: string, says: string, next?: string): Finding {
  return { about, state: 'fail', says, ...(next === undefined ? {} : { next }) };
}
