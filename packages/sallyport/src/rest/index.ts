// The product over REST: only translated here, every operation is a function of another room. The list of its paths.

import type { Arrival, Log } from '@sallyport/protocol';
import type { ResourceServer } from '@sallyport/resource-server';
import type { Storage } from '@sallyport/storage';
import { clientInfo } from './client-info.ts';
import { restDoor } from './door.ts';
import { endpoints, paths } from './endpoints.ts';
import { openApiDocument } from './openapi.ts';
import { recordsAt } from './records.ts';
import { operatorGuard } from './operator.ts';
import { operatorEndpoints } from './registrations.ts';
import { published } from './respond.ts';
import { validateToken } from './validate-token.ts';

export interface RestOptions {
  readonly publicUrl: string;
  readonly storage: Storage;
  readonly servers: readonly {
    readonly guard: ResourceServer;
    readonly toolset: { readonly id: string };
  }[];
  readonly log: Log;
  /** Of the operator's API; without it there is none. */
  readonly operatorToken?: string | undefined;
  /** Whether people get their tokens from somebody else, who has the clients then. */
  readonly isDelegated: boolean;
}

export type RestHandle = (request: Request, arrival: Arrival) => Promise<Response>;

interface RestPath {
  /** With `:name` where a part is somebody's to fill in. */
  readonly path: string;
  readonly handle: RestHandle;
  /** About clients, which are somebody else's where their issuer is. */
  readonly isOfOurClients?: true;
}

export function restPaths({
  publicUrl,
  storage,
  servers,
  log,
  operatorToken,
  isDelegated,
}: RestOptions): readonly RestPath[] {
  const at = (path: string, handles: Readonly<Record<string, RestHandle>>): RestPath => ({
    path,
    handle: restDoor(handles, log),
  });
  const guard = recordsGuard(servers);
  return [
    at('/oauth/validate', { POST: validateToken(servers.map((server) => server.guard)) }),
    { ...at('/api/oauth/client-info/:client_id', { GET: clientInfo(storage) }), isOfOurClients: true },
    ...(guard === undefined ? [] : ofRecords(guard)),
    ...(operatorToken === undefined ? [] : ofOperator(operatorToken)),
  ];

  function ofOperator(token: string): readonly RestPath[] {
    const guarded = operatorGuard(token, storage.openCounter);
    return [...new Set(operatorEndpoints.map(({ path }) => path))].map((path) => {
      const here = operatorEndpoints.filter((endpoint) => endpoint.path === path);
      const handles = here.map(({ method, handle }) => [method, guarded(handle(storage))] as const);
      return { ...at(path, Object.fromEntries(handles)), isOfOurClients: true as const };
    });
  }

  function ofRecords(records: ResourceServer): readonly RestPath[] {
    const document = openApiDocument(publicUrl, records.resource, {
      hasOperator: operatorToken !== undefined && !isDelegated,
      isDelegated,
    });
    return [
      at('/api/v1/openapi.json', { GET: published(document) }),
      ...paths.map((path) => {
        const here = endpoints.filter((endpoint) => endpoint.path === path);
        const handles = here.map((endpoint) => [endpoint.method, recordsAt(endpoint, records, storage)]);
        return at(path, Object.fromEntries(handles) as Record<string, RestHandle>);
      }),
    ];
  }
}

/** Of several records servers the default one, otherwise the first: one address can only take one server's tokens. */
function recordsGuard(servers: RestOptions['servers']): ResourceServer | undefined {
  const candidates = servers.filter(({ toolset }) => toolset.id === 'records');
  return (candidates.find(({ guard }) => guard.resource.isDefault) ?? candidates[0])?.guard;
}
