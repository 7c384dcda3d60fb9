// What `--own-scope` names: `<server>:<scope>,<scope>`, as the exact resource that tokens name and its scopes.

import type { Client } from '@sallyport/storage';
import { unknownClient } from './client-secrets.ts';
import { configOf } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { nearest, toolsetScopes } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { onStorage } from './store.ts';
import { printable } from './table.ts';

type OwnScope = NonNullable<Client['ownScope']>;

/** @throws Failure for a server or a scope that is not in the configuration */
export function ownScopeNamed(texts: readonly string[], config: Config): OwnScope {
  const known = [
    ...config.servers.map(({ name, path, toolset }) => ({
      name,
      resource: `${config.publicUrl}${path}`,
      scopes: toolsetScopes[toolset] ?? [],
    })),
    ...config.resources,
  ];
  const meant = new Map<string, readonly string[]>();
  for (const text of texts) {
    // Names of servers have no colon; those of scopes may.
    const [server = '', ...rest] = text.split(':');
    const found = known.find(({ name }) => name === server);
    const names = rest.join(':').split(',');
    if (found === undefined || rest.length === 0) {
      const servers = known.map(({ name }) => name);
      throw unusable(
        found === undefined
          ? `${printable(text)} names no server of this configuration`
          : `${printable(text)} names no scope`,
        hint(server, servers, 'servers'),
      );
    }
    const scopes = found.scopes.map(({ name }) => name);
    const unknown = names.find((name) => !scopes.includes(name));
    if (unknown !== undefined)
      throw unusable(
        `${printable(text)} names "${printable(unknown)}", which ${found.name} has not`,
        hint(unknown, scopes, 'scopes'),
      );
    meant.set(found.resource, [...new Set([...(meant.get(found.resource) ?? []), ...names])]);
  }
  return Object.fromEntries(meant);
}

export interface OwnScopeOptions extends CommonOptions {
  readonly ownScope?: readonly string[];
  readonly none?: boolean;
}

export async function setOwnScope(client_id: string, options: OwnScopeOptions, io: Io): Promise<void> {
  if ((options.ownScope === undefined) !== (options.none === true)) {
    throw new Failure('Say either what it may ask for itself, or that it is nothing.', {
      next: ['Add, for example: --own-scope records:read', 'Or: --none'],
      exitCode: exitCodes.usage,
    });
  }
  const ownScope = options.ownScope && ownScopeNamed(options.ownScope, configOf(options, io));
  await onStorage(options, io, async (storage) => {
    const client = await storage.findClient(client_id);
    if (client === undefined) throw unknownClient(client_id, io);
    if (!client.metadata.grant_types.includes('client_credentials') || client.registeredBy !== 'operator') {
      throw new Failure(`${client_id} is no machine client that was added with \`clients add\`.`, {
        next: [`Add one: ${io.program} clients add --name <name> --own-scope <server>:<scope>`],
      });
    }
    const outcome = await storage.setOwnScope({ client_id, ownScope, now: io.now() });
    if (outcome === 'not_found') throw unknownClient(client_id, io);
    const may = ownScope === undefined ? 'nothing for itself any more' : printOwnScope(ownScope);
    print(
      io,
      `${paint(io.stdout, 'green', '✓')} ${client_id} may have ${may}. Tokens beyond that have stopped working.`,
    );
  });
}

/** For a list: `https://…/mcp: read write`. */
export function printOwnScope(ownScope: OwnScope | undefined): string {
  return Object.entries(ownScope ?? {})
    .map(([resource, scope]) => `${resource}: ${scope.join(' ')}`)
    .join('; ');
}

function hint(written: string, names: readonly string[], kind: string): string {
  const meant = nearest(written, names);
  return meant === undefined ? `The ${kind} are: ${names.join(', ')}` : `Did you mean ${meant}?`;
}

function unusable(what: string, instead: string): Failure {
  return new Failure(`--own-scope ${what}.`, {
    next: [instead, 'Write, for example: --own-scope records:read,write'],
    exitCode: exitCodes.usage,
  });
}
