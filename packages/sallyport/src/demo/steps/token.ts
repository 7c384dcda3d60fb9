// The code becomes tokens, and a refresh token new ones: RFC 6749 §4.1.3 and §6, with the rotation of OAuth 2.1 §4.3.1.

import { readScope } from '@sallyport/protocol';
import type { Scene, Step } from '../play.ts';
import type { Answer } from '../wire.ts';
import type { Code } from './authorize.ts';
import { legacyCall } from './mcp.ts';
import type { Registered } from './register.ts';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: readonly string[];
}

type WithCode = { readonly client: Registered; readonly code: Code };
type WithTokens = { readonly client: Registered; readonly tokens: Tokens };

export const redeemCode: Step<WithCode, Tokens> = {
  headline: 'The code becomes tokens',
  means: 'It works once, and only with the verifier that the client kept (RFC 6749 §4.1.3, RFC 7636).',
  async play(scene, { client, code }) {
    return readTokens(scene, await sendCode(scene, client, code), code.scope);
  },
};

/** What the step-up was for. */
export const redeemWiderCode: Step<WithCode, Tokens> = {
  ...redeemCode,
  headline: 'The second code becomes tokens for both scopes',
  means: 'They are a grant of their own; the tokens of the first one live on beside them.',
};

export const refresh: Step<WithTokens, Tokens> = {
  headline: 'The client refreshes',
  means: 'Each refresh token is replaced when it is used, so a stolen one is noticed (OAuth 2.1 §4.3.1).',
  async play(scene, { client, tokens }) {
    const next = readTokens(scene, await sendRefreshToken(scene, client, tokens.refresh_token), tokens.scope);
    scene.equal('the refresh token is a new one', next.refresh_token !== tokens.refresh_token, true);
    await checkIsAccepted(scene, client, next.access_token, 'the new access token works');
    return next;
  },
};

type Repeat = WithTokens & { readonly successor: Tokens };

export const repeatRefresh: Step<Repeat, Tokens> = {
  headline: 'The same refresh once more, as after a lost answer',
  means: 'Until the successor is used the old token gives it again: no bad line signs a person out.',
  async play(scene, { client, tokens, successor }) {
    const again = readTokens(
      scene,
      await sendRefreshToken(scene, client, tokens.refresh_token),
      tokens.scope,
    );
    scene.equal('the refresh token is the same successor', again.refresh_token, successor.refresh_token);
    scene.equal('the access token is a fresh one', again.access_token !== successor.access_token, true);
    await checkIsAccepted(scene, client, again.access_token, 'and it works');
    return again;
  },
};

export function sendCode(scene: Scene, client: Registered, { code, code_verifier }: Code): Promise<Answer> {
  const { client_id, redirect_uri, mcpUrl: resource } = client;
  const form = { grant_type: 'authorization_code', code, code_verifier, client_id, redirect_uri, resource };
  return scene.send({ url: client.token_endpoint, form, show: { headers: ['cache-control'] } });
}

export function sendRefreshToken(scene: Scene, client: Registered, refresh_token: string): Promise<Answer> {
  const { client_id, mcpUrl: resource } = client;
  const form = { grant_type: 'refresh_token', refresh_token, client_id, resource };
  return scene.send({ url: client.token_endpoint, form, show: { headers: ['cache-control'] } });
}

export async function checkIsAccepted(scene: Scene, client: Registered, access_token: string, what: string) {
  const { status } = await scene.send(legacyCall({ mcpUrl: client.mcpUrl, access_token }, 'tools/list'));
  scene.equal(what, status, 200);
}

function readTokens(scene: Scene, { status, headers, document }: Answer, asked: readonly string[]): Tokens {
  scene.equal('the token endpoint answers 200', status, 200);
  scene.equal('and forbids to keep the answer', headers.get('cache-control') ?? undefined, 'no-store');
  scene.equal('token_type is Bearer', document['token_type'], 'Bearer');
  const { expires_in } = document;
  scene.holds(
    'the access token ends',
    typeof expires_in === 'number' && expires_in > 0,
    'expires_in in seconds',
    expires_in,
  );
  const scope = readScope(typeof document['scope'] === 'string' ? document['scope'] : undefined);
  const isAll = scope.length === asked.length && asked.every((name) => scope.includes(name));
  scene.holds(`scope is exactly what was asked: ${asked.join(' ')}`, isAll, asked.join(' '), scope.join(' '));
  return {
    access_token: scene.present('there is an access token', document['access_token']),
    refresh_token: scene.present('and a refresh token', document['refresh_token']),
    scope,
  };
}
