// The authorization server for MCP clients: metadata, registration, authorize with consent, token, revoke.
import { jsonResponse, printDocument } from '@sallyport/protocol';
import { authorizeEndpoint } from './authorize/index.ts';
import { loginAt, type WaitingLogin } from './authorize/pause.ts';
import { answerJson, answerPage, door } from './door.ts';
import { authorizationServerMetadata } from './metadata.ts';
import type { AuthorizationServerOptions, Handler } from './options.ts';
import { registerEndpoint } from './register.ts';
import { revokeEndpoint } from './revoke.ts';
import { tokenEndpoint } from './token/index.ts';

export { addPreregisteredClient, rotateClientSecret, type NewClient } from './clients.ts';
export { refusals } from './refusals.ts';
export type { AccessTokenFormat, AuthorizationServerOptions, Handler, Lifetimes } from './options.ts';

export interface AuthorizationServer {
  /** RFC 8414. */
  readonly metadata: Handler;
  /** RFC 7517. */
  readonly jwks: Handler;
  /** RFC 7591. */
  readonly register: Handler;
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
}

/** Long enough that discovery costs nothing, short enough that a changed setting is noticed within minutes. */
const METADATA_MAX_AGE_SECONDS = 300;

export function authorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { authorize, resume } = authorizeEndpoint(options);
  const page = answerPage(options);
  const read = ['GET', 'HEAD'];
  return {
    metadata: door(read, published(authorizationServerMetadata(options)), answerJson, options),
    jwks: door(read, published(options.keys.jwks), answerJson, options),
    register: door(['POST'], registerEndpoint(options), answerJson, options),
    authorize: door(['GET', 'HEAD', 'POST'], authorize, page, options),
    resume: door(['GET', 'HEAD', 'POST'], resume, page, options),
    loginAt: (path, now) => loginAt(path, options, now),
    token: door(['POST'], tokenEndpoint(options), answerJson, options),
    revoke: door(['POST'], revokeEndpoint(options), answerJson, options),
  };
}

function published(document: object): Handler {
  const headers = { 'cache-control': `public, max-age=${METADATA_MAX_AGE_SECONDS}` };
  const text = printDocument(document);
  return async () => jsonResponse(text, { headers });
}
