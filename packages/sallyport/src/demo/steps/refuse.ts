// What must not work: too small a scope, tokens that were changed or sent in a URL, what was revoked, what was used.

import { readChallenge, readScope } from '@sallyport/protocol';
import type { Scene, Step } from '../play.ts';
import type { Answer } from '../wire.ts';
import type { Code } from './authorize.ts';
import { createItem, legacyCall } from './mcp.ts';
import type { Registered } from './register.ts';
import { checkIsAccepted, sendCode, sendRefreshToken } from './token.ts';
import type { Tokens } from './token.ts';

type WithTokens = { readonly client: Registered; readonly tokens: Tokens };

/** @returns the scopes to ask for next: those of the token with those that are missing */
export const writeWithoutScope: Step<WithTokens, readonly string[]> = {
  headline: 'A tool that writes needs more than was granted',
  means: 'The 403 is no dead end: it names the scopes to come back with (step-up, RFC 6750 §3.1).',
  async play(scene, { client: { mcpUrl }, tokens: { access_token, scope } }) {
    const answer = await scene.send(createItem({ mcpUrl, access_token }));
    scene.equal('refused: 403', answer.status, 403);
    const challenge = readChallenge(answer.headers.get('www-authenticate'));
    scene.equal('because of insufficient_scope', challenge?.error, 'insufficient_scope');
    scene.present('the challenge names resource_metadata again', challenge?.resource_metadata);
    const needed = readScope(scene.present('and the scopes that the tool needs', challenge?.scope));
    scene.holds(
      'among them one that is missing',
      needed.some((name) => !scope.includes(name)),
      'a new scope',
      needed,
    );
    return [...new Set([...scope, ...needed])];
  },
};

export const tamper: Step<WithTokens, void> = {
  headline: 'A token that was changed, or sent in a URL, is refused',
  means: 'URLs end up in logs and histories, so a token there is not even looked at (RFC 6750 §2.3).',
  async play(scene, { client: { mcpUrl }, tokens: { access_token } }) {
    const at = access_token.length - 4;
    const changed = `${access_token.slice(0, at)}${access_token[at] === 'A' ? 'B' : 'A'}${access_token.slice(at + 1)}`;
    const tampered = await scene.send(legacyCall({ mcpUrl, access_token: changed }, 'tools/list'));
    checkRefusal(scene, tampered, { what: 'one character changed', status: 401, error: 'invalid_token' });
    const url = new URL(mcpUrl);
    url.searchParams.set('access_token', access_token);
    const inQuery = await scene.send(legacyCall({ mcpUrl: url.href }, 'tools/list'));
    checkRefusal(scene, inQuery, { what: 'a good token in the URL', status: 400, error: 'invalid_request' });
  },
};

export const revoke: Step<WithTokens, void> = {
  headline: 'The client signs out, and its tokens stop at once',
  means: 'Revoking either token ends the whole grant: refresh token and access tokens (RFC 7009 §2.1).',
  async play(scene, { client, tokens }) {
    const { client_id, mcpUrl, revocation_endpoint } = client;
    await checkIsAccepted(scene, client, tokens.access_token, 'before, the access token works');
    const form = { token: tokens.refresh_token, token_type_hint: 'refresh_token', client_id };
    const revoked = await scene.send({ url: revocation_endpoint, form });
    scene.equal('revoked: 200', revoked.status, 200);
    const { access_token } = tokens;
    const next = await scene.send(legacyCall({ mcpUrl, access_token }, 'tools/list'));
    checkRefusal(scene, next, { what: 'the very next call', status: 401, error: 'invalid_token' });
    const refreshed = await sendRefreshToken(scene, client, tokens.refresh_token);
    checkRefusal(scene, refreshed, { what: 'and a refresh', status: 400, error: 'invalid_grant' });
  },
};

type Replay = WithTokens & { readonly code: Code };

export const replayCode: Step<Replay, void> = {
  headline: 'A code that was used before is refused, and ends what it gave',
  means: 'Somebody has a copy. One of the two is a thief, so neither keeps access (OAuth 2.1 §4.1.3).',
  async play(scene, { client, code, tokens: { access_token } }) {
    const { mcpUrl } = client;
    await checkIsAccepted(scene, client, access_token, 'before, the token of the first code works');
    const replayed = await sendCode(scene, client, code);
    checkRefusal(scene, replayed, { what: 'the code once more', status: 400, error: 'invalid_grant' });
    const next = await scene.send(legacyCall({ mcpUrl, access_token }, 'tools/list'));
    checkRefusal(scene, next, { what: 'the token that it gave', status: 401, error: 'invalid_token' });
  },
};

interface Refused {
  readonly what: string;
  readonly status: number;
  readonly error: string;
}

function checkRefusal(scene: Scene, answer: Answer, { what, status, error }: Refused): void {
  scene.equal(`${what}: ${status}`, answer.status, status);
  scene.equal(`because of ${error}`, answer.document['error'], error);
  scene.equal(
    'nothing else is given away',
    JSON.stringify(Object.keys(answer.document)),
    '["error","error_description"]',
  );
}
