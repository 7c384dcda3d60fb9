// The authorization server for MCP clients: metadata, registration, authorize with consent, token, revoke,
// introspect.
import { jsonResponse, printDocument } from '@sallyport/protocol';
import { documentFetchLimits } from './authorize/document-limits.ts';
import { authorizeEndpoint } from './authorize/index.ts';
import { loginAt, type WaitingLogin } from './authorize/pause.ts';
import { answerBearer, answerJson, answerPage, door } from './door.ts';
import { introspectEndpoint } from './introspect.ts';
import { authorizationServerMetadata } from './metadata.ts';
import type { AuthorizationServerOptions, Handler, Room } from './options.ts';
import { limitedBy } from './rate-limits.ts';
import { manageEndpoint } from './registration/manage.ts';
import { registerEndpoint } from './registration/register.ts';
import { revokeEndpoint } from './revoke.ts';
import { clientKeys } from './token/client-keys.ts';
import { tokenEndpoint } from './token/index.ts';

export {
  addPreregisteredClient,
  addResourceServer,
  endFormerSecret,
  rotateClientSecret,
  shownAs,
  type NewClient,
} from './clients.ts';
export { keepConfiguredClients, WHILE_CONFIGURED, type ConfiguredClient } from './configured-clients.ts';
export { addMachineClient } from './machine-clients.ts';
export { defaultRateLimits } from './limits.ts';
export type { RateLimits } from './rate-limits.ts';
export { makePersonalToken, PERSONAL_TOKEN_PREFIX, type MadePersonalToken } from './personal-tokens.ts';
export { refusals } from './refusals.ts';
export { mustUsePkce } from './without-pkce.ts';
export { decideOnClient } from './registration/decide.ts';
export {
  addInitialAccessToken,
  initialAccessTokenName,
  type NewInitialAccessToken,
} from './registration/initial-access-tokens.ts';
export {
  describeMode,
  judgeAdmission,
  offersRegistration,
  registrationModes,
  type Admission,
  type AdmissionPolicy,
  type AdmissionRefusal,
  type Coming,
  type RegistrationMode,
} from './registration/policy.ts';
export type {
  AccessTokenFormat,
  AuthorizationServerOptions,
  Handler,
  Lifetimes,
  Recognition,
  Recognize,
} from './options.ts';

export interface AuthorizationServer {
  /** RFC 8414. */
  readonly metadata: Handler;
  /** RFC 7517. */
  readonly jwks: Handler;
  /** RFC 7591. */
  readonly register: Handler;
  /** RFC 7592: `/oauth/register/:client_id`. */
  readonly manageRegistration: Handler;
  /** RFC 6749 §3.1. */
  readonly authorize: Handler;
  /** `/oauth/authorize/resume`: where the browser comes back from signing in, and decides. */
  readonly resume: Handler;
  /** The login that goes on at `path`, a path of this origin; undefined when none does. Epoch seconds. */
  loginAt(path: string, now: number): Promise<WaitingLogin | undefined>;
  /** RFC 6749 §3.2. */
  readonly token: Handler;
  /** RFC 7009. */
  readonly revoke: Handler;
  /** RFC 7662. */
  readonly introspect: Handler;
}

/** Long enough that discovery costs nothing, short enough that a changed setting is noticed within minutes. */
const METADATA_MAX_AGE_SECONDS = 300;

export function authorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { rateLimits, storage } = options;
  const countFetch = documentFetchLimits(storage.openCounter);
  const room: Room = {
    ...options,
    limited: limitedBy(rateLimits, storage.openCounter),
    countFetch,
    findKeys: clientKeys(options, countFetch),
  };
  const { authorize, resume } = authorizeEndpoint(room);
  const page = answerPage(options);
  const read = ['GET', 'HEAD'];
  const metadata = authorizationServerMetadata(options);
  return {
    metadata: door(
      read,
      published(() => metadata),
      answerJson,
      options,
    ),
    jwks: door(
      read,
      published(() => options.keys.jwks),
      answerJson,
      options,
    ),
    register: door(['POST'], registerEndpoint(room), answerBearer, options),
    manageRegistration: door(['GET', 'PUT', 'DELETE'], manageEndpoint(room), answerBearer, options),
    authorize: door(['GET', 'HEAD', 'POST'], authorize, page, options),
    resume: door(['GET', 'HEAD', 'POST'], resume, page, options),
    loginAt: (path, now) => loginAt(path, options, now),
    token: door(['POST'], tokenEndpoint(room), answerJson, options),
    revoke: door(['POST'], revokeEndpoint(room), answerJson, options),
    introspect: door(['POST'], introspectEndpoint(room), answerJson, options),
  };
}

/** @param read gives the same object until there is something else to say; only then it is printed anew */
function published(read: () => object): Handler {
  const headers = { 'cache-control': `public, max-age=${METADATA_MAX_AGE_SECONDS}` };
  let printed = { document: read(), text: printDocument(read()) };
  return async () => {
    const document = read();
    if (document !== printed.document) printed = { document, text: printDocument(document) };
    return jsonResponse(printed.text, { headers });
  };
}
