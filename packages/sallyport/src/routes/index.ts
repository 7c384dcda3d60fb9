// Every path of the product and the room that answers it. Rooms are `Request → Response`; only the way there is here.
import { refusals, type AuthorizationServer, type Recognize } from '@sallyport/authorization-server';
import type { Keychain } from '@sallyport/crypto';
import type { Gateway } from '@sallyport/gateway';
import { assetResponse, type BrowserRules, type Look } from '@sallyport/pages';
import { jsonResponse, learn, type Arrival, type Log, type ProtectedResource } from '@sallyport/protocol';
import { anyOrigin, exposedHeaders, type ResourceServer } from '@sallyport/resource-server';
import type { SignIn } from '@sallyport/sign-in';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { accountPages } from '../account/index.ts';
import { doneElsewhere, pathsElsewhere } from '../delegated/elsewhere.ts';
import type { Handle } from '../door/index.ts';
import type { restPaths } from '../rest/index.ts';
import { health } from './health.ts';
import { home } from './home.ts';
import { live } from './live.ts';
import { showMetrics, type MetricsDoor } from './metrics.ts';
import { notFound } from './not-found.ts';
import { isOpenedInBrowser, openedInBrowser } from './opened-in-browser.ts';
import { ready } from './ready.ts';
import { unavailable } from './unavailable.ts';

export interface Rooms {
  readonly publicUrl: string;
  readonly look: Look;
  readonly rules: BrowserRules;
  /** Whether strangers may make themselves an account. */
  readonly signUp: boolean;
  readonly storage: Storage;
  readonly log: Log;
  /** Who is behind a client, as far as anybody knows. */
  readonly recognize: Recognize;
  readonly people: SignIn;
  readonly derivation: Keychain;
  /** Absent: nobody may make any. */
  readonly personalTokens?: { readonly maxLifetimeDays: number };
  readonly authorization: AuthorizationServer;
  readonly gate: Gateway;
  readonly servers: readonly ServedServer[];
  /** The issuer whose tokens are taken; absent: our own. */
  readonly foreignIssuer?: string;
  /** All that tokens can be for: those servers, and others elsewhere. */
  readonly resources: readonly ProtectedResource[];
  readonly rest: ReturnType<typeof restPaths>;
  /** Whether this instance was told to stop. */
  readonly isStopping: () => boolean;
  /** Served only where the operator gave it a token. */
  readonly metrics?: MetricsDoor;
}

interface ServedServer {
  readonly path: string;
  readonly guard: ResourceServer;
  /** Where else clients of the deprecated HTTP+SSE transport reach it. */
  readonly streamDoors: readonly { readonly path: string; readonly guard: ResourceServer }[];
}

interface Called {
  readonly req: { readonly raw: Request };
  readonly env: { readonly arrival: Arrival };
}

type Room = (request: Request, arrival: Arrival) => Response | Promise<Response>;

export function routes(rooms: Rooms): Handle {
  const { authorization, people, gate, servers, metrics, foreignIssuer } = rooms;
  const app = new Hono<{ Bindings: { arrival: Arrival } }>();
  const answer = (route: string, room: Room) => (c: Called) => {
    learn(c.env.arrival, { route });
    return room(c.req.raw, c.env.arrival);
  };
  const at = (path: string, room: Room): void => void app.all(path, answer(path, room));
  const get = (path: string, room: Room): void => void app.get(path, answer(path, room));
  // A preflight is answered before it comes to the room.
  const allowPreflight = (path: string): void =>
    void app.options(path, (c, next) => {
      learn(c.env.arrival, { route: path });
      return preflight(c, next);
    });
  // Clients run in web pages too: what they read or send may come from anywhere, preflight and errors included.
  const open = (path: string, room: Room): void => {
    allowPreflight(path);
    at(path, readableAnywhere(room));
  };

  const paths = servers.map(({ path }) => path);
  const primary =
    servers.find(({ guard }) => guard.resource.isDefault) ?? (servers.length === 1 ? servers[0] : undefined);

  const guarded = servers.flatMap((server) => [server, ...server.streamDoors]);
  for (const { path, guard } of guarded)
    open(`/.well-known/oauth-protected-resource${path}`, resourceMetadata(guard));
  if (primary) open('/.well-known/oauth-protected-resource', resourceMetadata(primary.guard));
  // Of our own authorization server; beside somebody else's, each of these says where it is done in its place.
  const elsewhere = foreignIssuer === undefined ? undefined : doneElsewhere(foreignIssuer, rooms.look);
  const ours =
    (opening: typeof at): typeof at =>
    (path, room) =>
      elsewhere === undefined ? opening(path, room) : open(path, elsewhere);
  if (foreignIssuer === undefined) ownDiscovery();
  else issuersDiscovery();

  ownAuthorization(ours(open), ours(at));

  // Each server's path, with `/sse` and `/messages` below it for the deprecated HTTP+SSE transport; of the primary one
  // also /sse, /messages and /message.
  for (const path of gate.paths)
    open(path, async (request, arrival) => {
      const response = await gate.handle(request, arrival);
      return response.status === 401 && isOpenedInBrowser(request)
        ? openedInBrowser(rooms, response, arrival)
        : response;
    });

  // Records, and what other programs ask about tokens and clients.
  for (const { path, handle, isOfOurClients } of rooms.rest)
    (isOfOurClients === true ? ours(open) : open)(path, handle);
  if (elsewhere !== undefined) for (const path of pathsElsewhere) open(path, elsewhere);

  get('/', (request, arrival) => home(rooms, request, arrival));
  get(
    '/assets/*',
    (request, arrival) =>
      assetResponse(new URL(request.url).pathname, rooms.look) ?? notFound(rooms, request, arrival),
  );
  get('/live', live);
  for (const path of ['/health', '/api/health']) get(path, () => health(rooms));
  get('/ready', () => ready(rooms));
  if (metrics !== undefined) get('/metrics', (request) => showMetrics(metrics, request));
  // No route of theirs, or Hono would find two for every document that there is.
  const otherDocuments = '/.well-known/*';
  allowPreflight(otherDocuments);
  const answerOther = answer(otherDocuments, readableAnywhere(noDocument));
  app.notFound((c) =>
    c.req.path.startsWith('/.well-known/') ? answerOther(c) : notFound(rooms, c.req.raw, c.env.arrival),
  );
  app.onError((error, c) => {
    if (error instanceof StorageUnavailable) return unavailable(rooms, error, c.req.raw, c.env.arrival);
    // What else no room caught is the door's to answer.
    throw error;
  });

  return (request, arrival) => app.fetch(request, { arrival });

  // Inserted, appended, and at the root for clients of the 2025-03-26 revision.
  function ownDiscovery(): void {
    for (const path of ['', ...paths]) {
      open(`/.well-known/oauth-authorization-server${path}`, authorization.metadata);
      if (path !== '') open(`${path}/.well-known/oauth-authorization-server`, authorization.metadata);
    }
  }

  /** The same for somebody else's, whom those clients do not know how to look for. */
  function issuersDiscovery(): void {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      if (primary) open(`/.well-known/${name}`, issuersMetadata(primary.guard));
      for (const { path, guard } of guarded) {
        open(`/.well-known/${name}${path}`, issuersMetadata(guard));
        open(`${path}/.well-known/${name}`, issuersMetadata(guard));
      }
    }
  }

  function ownAuthorization(toAll: typeof open, toPeople: typeof at): void {
    toAll('/oauth/jwks', authorization.jwks);
    for (const prefix of ['/oauth', '']) {
      toAll(`${prefix}/register`, authorization.register);
      toAll(`${prefix}/register/:client_id`, authorization.manageRegistration);
      toAll(`${prefix}/token`, authorization.token);
      toAll(`${prefix}/revoke`, authorization.revoke);
      toAll(`${prefix}/introspect`, authorization.introspect);
      toPeople(`${prefix}/authorize`, authorization.authorize);
    }
    toPeople('/oauth/authorize/resume', authorization.resume);

    toPeople('/sign-in', people.pages.signIn);
    toPeople('/auth', people.pages.signIn);
    toPeople('/sign-up', people.pages.signUp);
    toPeople('/sign-out', people.pages.signOut);
    for (const [path, handler] of people.upstreamPages) toPeople(path, handler);
    for (const [path, handler] of accountPages(rooms)) toPeople(path, handler);
  }
}

const noDocument: Room = () => jsonResponse({ error: 'not_found' }, { status: 404 });

function issuersMetadata(guard: ResourceServer): Room {
  return async (request, { now }) =>
    (await guard.wellKnown(request, now)) ?? jsonResponse({ error: 'not_found' }, { status: 404 });
}

function resourceMetadata(guard: ResourceServer): Room {
  const { error, sentence, status } = refusals.method_not_allowed;
  return ({ method }) =>
    method === 'GET' || method === 'HEAD'
      ? guard.metadata()
      : jsonResponse({ error, error_description: sentence }, { status, headers: { allow: 'GET, HEAD' } });
}

const preflight = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  exposeHeaders: [...exposedHeaders],
  maxAge: 86_400,
});

// `cors` would do the rest as well, but it begins a response before there is one, and merging the two makes a stream of
// every answer; and any handler beside the room's own costs a few microseconds (docs/performance.md).
function readableAnywhere(room: Room): Room {
  return async (request, arrival) => anyOrigin(await room(request, arrival));
}
