// `clients`: OAuth clients that stand in the configuration instead of being added by a command: whether their keys agree,
// and their secrets, which may be in files.

import type { ConfiguredClient } from '@sallyport/authorization-server';
import { isGptWildcard, readRegisteredRedirectUri } from '@sallyport/protocol';
import { judgeClientSecret, secretAdvice } from './client-schema.ts';
import type { ClientSettings } from './client-schema.ts';
import { readJwksFile } from './jwks-file.ts';
import { isMap } from './layers.ts';
import { nearest } from './nearest.ts';
import type { Path } from './problem.ts';
import { toolsetScopes } from './toolset-scopes.ts';
import { readValue } from './value-file.ts';

type Say = (path: Path, what: string, instead: string) => void;

/** Works on values that may be wrong in other ways. */
export function judgeClients(values: Readonly<Record<string, unknown>>, say: Say): void {
  const { clients, registration } = values;
  const noSchemes = isMap(registration) && registration['privateUseSchemes'] === 'deny';
  const ids = new Map<unknown, number>();
  for (const [index, client] of (Array.isArray(clients) ? (clients as unknown[]) : []).entries()) {
    if (!isMap(client)) continue;
    const sayOf = (key: string, what: string, instead: string): void =>
      say(['clients', index, key], what, instead);
    const { clientId } = client;
    const other = ids.get(clientId);
    if (typeof clientId === 'string' && other !== undefined)
      sayOf(
        'clientId',
        `is "${clientId}", as is clients[${other}].clientId`,
        'Give each client an id of its own.',
      );
    else ids.set(clientId, index);
    judgeSecrets(client, sayOf);
    judgeKeys(client, sayOf);
    if (isThere(client, 'ownScope')) judgeMachine(client, scopesByServer(values), sayOf);
    else if (!isThere(client, 'redirectUris'))
      sayOf(
        'redirectUris',
        'is missing',
        'Write, for example: redirectUris: [https://app.example.com/callback]',
      );
    judgeRedirects(client, { noSchemes }, sayOf);
  }
}

type SayOf = (key: string, what: string, instead: string) => void;
type Entry = Readonly<Record<string, unknown>>;

const isThere = (client: Entry, key: string): boolean => client[key] !== undefined;
const hasSecret = (client: Entry): boolean =>
  isThere(client, 'clientSecret') || isThere(client, 'clientSecretFile');
const hasKeys = (client: Entry): boolean => isThere(client, 'jwksFile') || isThere(client, 'jwksUri');
const isPublic = (client: Entry): boolean =>
  client['authMethod'] === 'none' ||
  (client['authMethod'] === undefined && !hasSecret(client) && !hasKeys(client));

function judgeKeys(client: Entry, say: SayOf): void {
  const { authMethod = hasSecret(client) ? undefined : 'private_key_jwt' } = client;
  if (!hasKeys(client)) {
    if (client['authMethod'] === 'private_key_jwt')
      say(
        'jwksFile',
        'is missing',
        'Write jwksFile with its public keys, or jwksUri where it publishes them.',
      );
  } else if (authMethod !== 'private_key_jwt')
    say(
      isThere(client, 'jwksFile') ? 'jwksFile' : 'jwksUri',
      'is there, but keys are for authMethod: private_key_jwt, without a secret',
      'Remove one of the two.',
    );
  else if (isThere(client, 'jwksFile') && isThere(client, 'jwksUri'))
    say('jwksUri', 'is there beside jwksFile', 'Write one of them: keys have one place.');
}

function judgeSecrets(client: Entry, say: SayOf): void {
  for (const key of ['clientSecret', 'formerClientSecret'] as const)
    if (isThere(client, key) && isThere(client, `${key}File`))
      say(`${key}File`, `is there beside ${key}`, 'Write one of them.');
  const secrets = ['clientSecret', 'clientSecretFile', 'formerClientSecret', 'formerClientSecretFile'];
  const first = secrets.find((key) => isThere(client, key));
  const { authMethod } = client;
  if ((authMethod === 'none' || authMethod === 'private_key_jwt') && first !== undefined)
    say(
      first,
      `is there, but with authMethod: ${authMethod} no secret is ever asked for`,
      'Remove one of the two.',
    );
  else if (authMethod === 'private_key_jwt') return;
  else if (client['authMethod'] !== 'none' && client['authMethod'] !== undefined && !hasSecret(client))
    say('clientSecret', 'is missing', `Write: clientSecret: \${APP_CLIENT_SECRET}. ${secretAdvice}`);
  else if (first?.startsWith('former') === true)
    say(first, 'is there without a clientSecret', 'Write the secret that is to follow it as clientSecret.');
}

function judgeRedirects(client: Entry, { noSchemes }: { noSchemes: boolean }, say: SayOf): void {
  const list = Array.isArray(client['redirectUris']) ? (client['redirectUris'] as unknown[]) : [];
  const uris = list.filter((uri) => typeof uri === 'string');
  const kinds = uris.map((uri) => readRegisteredRedirectUri(uri, { privateUseSchemes: 'allow' }));
  const isOfKind = (kind: string) => kinds.some((read) => typeof read !== 'string' && read.kind === kind);
  if (noSchemes && isOfKind('app'))
    say(
      'redirectUris',
      'has a private-use scheme, while registration.privateUseSchemes is deny',
      'Write an https address, or remove that key.',
    );
  if (isPublic(client) && uris.some(isGptWildcard))
    say('redirectUris', 'has a *, which is for clients with a secret only', 'Write a clientSecret too.');
  if (client['requirePkce'] !== false) return;
  if (isPublic(client))
    say(
      'requirePkce',
      'is false for a client without a secret',
      'Write a clientSecret too, or remove the line.',
    );
  else if (isOfKind('app') || isOfKind('loopback'))
    say(
      'requirePkce',
      'is false for a client that returns to this computer, where another program could take the code',
      'Keep the https redirect URIs only, or remove the line.',
    );
}

/** A client that asks for itself: it proves who it is, and nobody's browser returns to it. */
function judgeMachine(client: Entry, servers: ScopesByServer, say: SayOf): void {
  for (const key of ['redirectUris', 'requirePkce'])
    if (isThere(client, key))
      say(
        key,
        'is there beside ownScope, where no browser is',
        'Add a second client for what signs people in.',
      );
  if (isPublic(client))
    say(
      'ownScope',
      'is there, and nothing by which it could prove who it is',
      `Write: clientSecret: \${APP_CLIENT_SECRET}. ${secretAdvice}`,
    );
  const { ownScope } = client;
  for (const [server, scopes] of Object.entries(isMap(ownScope) ? ownScope : {})) {
    const known = servers.get(server);
    const asked: readonly unknown[] = Array.isArray(scopes) ? scopes : [];
    const unknown = asked.find((name) => typeof name === 'string' && known?.includes(name) === false);
    if (known === undefined)
      say('ownScope', `names "${server}", which is no server here`, meant(server, servers.keys()));
    else if (typeof unknown === 'string')
      say('ownScope', `names "${unknown}", which ${server} has not`, meant(unknown, known));
  }
}

function meant(written: string, names: Iterable<string>): string {
  const known = [...names];
  const one = nearest(written, known);
  return one === undefined ? `Known here are: ${known.join(', ')}.` : `Did you mean \`${one}\`?`;
}

type ScopesByServer = ReadonlyMap<string, readonly string[]>;

/** Of what is written, which may be wrong in other ways; the server that is there by default counts. */
function scopesByServer({ servers, resources }: Readonly<Record<string, unknown>>): ScopesByServer {
  const here = servers === undefined ? [{ name: 'records', toolset: 'records' }] : entriesOf(servers);
  return new Map([
    ...here.map(({ name, toolset }) => [String(name), scopesOfToolset(toolset)] as const),
    ...entriesOf(resources).map(
      ({ name, scopes }) => [String(name), Object.keys(isMap(scopes) ? scopes : {})] as const,
    ),
  ]);
}

const entriesOf = (list: unknown): readonly Entry[] =>
  (Array.isArray(list) ? (list as unknown[]) : []).filter(isMap);

function scopesOfToolset(toolset: unknown): readonly string[] {
  const isKnown = typeof toolset === 'string' && Object.hasOwn(toolsetScopes, toolset);
  return isKnown ? (toolsetScopes[toolset] ?? []).map(({ name }) => name) : [];
}

/** Names of servers become what tokens name. @param known every server, by name and exact resource identifier */
export function atResources(
  client: ConfiguredClient,
  known: readonly { readonly name: string; readonly resource: string }[],
): ConfiguredClient {
  if (client.ownScope === undefined) return client;
  const byName = new Map(known.map(({ name, resource }) => [name, resource]));
  const entries = Object.entries(client.ownScope).map(([name, scope]) => [byName.get(name) ?? name, scope]);
  return { ...client, ownScope: Object.fromEntries(entries) as NonNullable<ConfiguredClient['ownScope']> };
}

/**
 * Reads the secrets that are in files.
 * @param absolute of a file in the configuration
 */
export function completeClients(
  clients: readonly ClientSettings[],
  absolute: (path: Path, value: string) => string,
  say: Say,
): readonly ConfiguredClient[] {
  return clients.map((client, index) => {
    const secretOf = (key: 'clientSecret' | 'formerClientSecret'): string | undefined => {
      const path = ['clients', index, `${key}File`];
      const file = client[`${key}File`];
      return file === undefined ? client[key] : readSecret(absolute(path, file), path, say);
    };
    const { clientId, name, redirectUris, jwksUri, accessTokenFormat, requirePkce, ownScope } = client;
    const [client_secret, formerClientSecret] = [secretOf('clientSecret'), secretOf('formerClientSecret')];
    if (client_secret !== undefined && client_secret === formerClientSecret)
      say(['clients', index], 'has the same secret as the one before it', 'Write a new clientSecret.');
    const keys = keysOf(client, ['clients', index, 'jwksFile'], absolute, say);
    return {
      client_id: clientId,
      metadata: {
        ...(redirectUris !== undefined && { redirect_uris: redirectUris }),
        token_endpoint_auth_method: methodOf(client),
        ...keys,
        ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
        ...(name !== undefined && { client_name: name }),
      },
      ...(client_secret !== undefined && { client_secret }),
      ...(formerClientSecret !== undefined && { formerClientSecret }),
      ...(accessTokenFormat !== undefined && { accessTokenFormat }),
      ...(requirePkce === false && { requirePkce }),
      // By name of the server, until it is known where that is.
      ...(ownScope !== undefined && { ownScope }),
    };
  });
}

function methodOf(client: ClientSettings): string {
  if (client.authMethod !== undefined) return client.authMethod;
  if (hasSecret(client)) return 'client_secret_basic';
  return hasKeys(client) ? 'private_key_jwt' : 'none';
}

function keysOf(
  { jwksFile }: ClientSettings,
  path: Path,
  absolute: (path: Path, value: string) => string,
  say: Say,
): { readonly jwks?: object } {
  if (jwksFile === undefined) return {};
  const read = readJwksFile(absolute(path, jwksFile));
  if ('jwks' in read) return read;
  say(path, read.what, read.instead);
  return {};
}

function readSecret(file: string, path: Path, say: Say): string | undefined {
  const read = readValue(file);
  const wrong = typeof read === 'string' ? judgeClientSecret(read) : read;
  if (wrong === undefined) return typeof read === 'string' ? read : undefined;
  const { what } = wrong;
  say(path, typeof read === 'string' ? `names ${file}, whose text ${what}` : what, wrong.instead);
  return undefined;
}
