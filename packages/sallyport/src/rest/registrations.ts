// /api/v1/registrations: the operator's word on clients, and the tokens that let them register, for programs.

import {
  addInitialAccessToken,
  decideOnClient,
  initialAccessTokenName,
} from '@sallyport/authorization-server';
import type { JsonObject } from '@sallyport/protocol';
import type { Client, InitialAccessToken, Storage } from '@sallyport/storage';
import type { RestHandle } from './index.ts';
import { mostExpiresInSeconds, mostUses } from './limits.ts';
import { lastSegment, readJsonObject } from './read-asked.ts';
import { refuse } from './refusals.ts';
import { respond } from './respond.ts';

interface OperatorEndpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  /** Of an answer; 204 has no body. */
  readonly status: 200 | 201 | 204;
  readonly query?: JsonObject;
  readonly body?: JsonObject;
  readonly handle: (storage: Storage) => RestHandle;
}

const admissions = ['waiting', 'refused', 'admitted'] as const;

/** The first that fits a path answers. */
export const operatorEndpoints: readonly OperatorEndpoint[] = [
  {
    method: 'GET',
    path: '/api/v1/registrations',
    summary: 'List the clients, the newest first',
    status: 200,
    query: { admission: { type: 'string', enum: admissions } },
    handle: listClients,
  },
  {
    method: 'GET',
    path: '/api/v1/registrations/tokens',
    summary: 'List the initial access tokens, without the tokens themselves',
    status: 200,
    handle: listTokens,
  },
  {
    method: 'POST',
    path: '/api/v1/registrations/tokens',
    summary: 'Make an initial access token; it is told once',
    status: 201,
    body: {
      type: 'object',
      properties: {
        name: { type: 'string', pattern: initialAccessTokenName.source },
        expiresInSeconds: { type: 'integer', minimum: 1, maximum: mostExpiresInSeconds },
        uses: { type: 'integer', minimum: 1, maximum: mostUses },
      },
      required: ['name'],
      additionalProperties: false,
    },
    handle: addToken,
  },
  {
    method: 'DELETE',
    path: '/api/v1/registrations/tokens/:name',
    summary: 'Revoke an initial access token; the clients that registered with it stay',
    status: 204,
    handle: revokeToken,
  },
  {
    method: 'POST',
    path: '/api/v1/registrations/:client_id/approve',
    summary: 'Let a client in',
    status: 200,
    handle: decide('approved'),
  },
  {
    method: 'POST',
    path: '/api/v1/registrations/:client_id/refuse',
    summary: 'Refuse a client, and end what was granted to it',
    status: 200,
    handle: decide('refused'),
  },
];

function listClients(storage: Storage): RestHandle {
  return async (request) => {
    const { searchParams } = new URL(request.url);
    const asked = searchParams.get('admission');
    const names = [...searchParams.keys()];
    if (names.length > 1 || (asked === null ? names.length > 0 : !admissions.some((one) => one === asked)))
      throw refuse('admission_unknown');
    const clients = await storage.listClients();
    const registrations = clients.map(shownClient);
    return respond(200, {
      registrations:
        asked === null ? registrations : registrations.filter(({ admission }) => admission === asked),
    });
  };
}

function decide(decision: 'approved' | 'refused'): (storage: Storage) => RestHandle {
  return (storage) =>
    async (request, { now }) => {
      const { pathname } = new URL(request.url);
      const client_id = lastSegment(pathname.slice(0, pathname.lastIndexOf('/')));
      const decided = await decideOnClient(storage, { client_id, decision, now });
      if (decided === 'not_found') throw refuse('client_not_found');
      if (decided === 'configured') throw refuse('client_configured', { client_id });
      return respond(200, shownClient(decided));
    };
}

function listTokens(storage: Storage): RestHandle {
  return async () => respond(200, { tokens: (await storage.listInitialAccessTokens()).map(shownToken) });
}

function addToken(storage: Storage): RestHandle {
  return async (request, { now }) => {
    const { name, expiresInSeconds, uses, ...others } = await readJsonObject(request);
    if (
      typeof name !== 'string' ||
      !initialAccessTokenName.test(name) ||
      !isWholeUpTo(expiresInSeconds, mostExpiresInSeconds) ||
      !isWholeUpTo(uses, mostUses) ||
      Object.keys(others).length > 0
    )
      throw refuse('token_description_refused');
    const made = await addInitialAccessToken(
      storage,
      {
        name,
        ...(expiresInSeconds !== undefined && { expiresAt: now + expiresInSeconds }),
        ...(uses !== undefined && { maxUses: uses }),
      },
      now,
    );
    if (made === 'taken') throw refuse('token_name_taken');
    const { token, initial_access_token } = made;
    return respond(201, { ...shownToken(token), initial_access_token });
  };
}

function revokeToken(storage: Storage): RestHandle {
  return async (request) => {
    const name = lastSegment(new URL(request.url).pathname);
    if ((await storage.removeInitialAccessToken(name)) === 'not_found') throw refuse('token_not_found');
    return respond(204, undefined);
  };
}

function isWholeUpTo(value: unknown, most: number): value is number | undefined {
  return value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most);
}

/** Nothing that proves who it is, as a digest neither. */
function shownClient(client: Client) {
  const { client_id, metadata, registeredBy, registeredWith, admission, approvedAt, createdAt, usedAt } =
    client;
  return {
    client_id,
    ...metadata,
    registeredBy,
    ...(registeredWith !== undefined && { registeredWith }),
    admission: admission ?? 'admitted',
    ...(approvedAt !== undefined && { approvedAt }),
    createdAt,
    ...(usedAt !== undefined && { usedAt }),
  };
}

function shownToken({ digest: _, ...token }: InitialAccessToken): Omit<InitialAccessToken, 'digest'> {
  return token;
}
