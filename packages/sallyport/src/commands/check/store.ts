// What is kept: the folder, the secrets and whether they belong together with the database, and Redis.

import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openKeyRing } from '@sallyport/crypto';
import { inspectRedis, mayEvict, openStorage } from '@sallyport/storage';
import type { User } from '@sallyport/storage';
import { hasDatabase, inspectSecrets, SecretsUnusable } from '../../config/index.ts';
import type { Config } from '../../config/index.ts';
import { isSqlite } from '../../config/secrets.ts';
import type { OpenedSecrets } from '../../config/secrets.ts';
import { belongs } from '../../keys/at-start.ts';
import { KeyFileUnusable, readGivenKey } from '../../keys/given-key.ts';
import type { Io } from '../io.ts';
import { judgeClients } from './clients.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import { judgeRegistrations } from './registrations.ts';

/** The folder, or where it would be made, must be writable. */
export async function judgeFolder({ data }: Config): Promise<Finding> {
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

export async function judgeStore(config: Config, io: Io): Promise<Finding[]> {
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
              ...judgeRegistrations(config, await storage.listOutboundRegistrations()),
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

/** The operator's own signing key, where there is one. */
export async function judgeKeyFile({ tokens }: Config): Promise<Finding[]> {
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

export async function judgeEphemeral({ storage: { ephemeral } }: Config): Promise<Finding[]> {
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
