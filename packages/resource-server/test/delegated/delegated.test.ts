// Tokens of somebody else's authorization server: what is let in, what is refused and why, and what happens while the
// issuer cannot be had.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { readChallenge, type Caller, type Refusal } from '@sallyport/protocol';
import {
  AuthorizationServerUnavailable,
  delegatedResourceServer,
  sharedIssuer,
  type DelegatedOptions,
  type ForeignAuthorizationServer,
  type ResourceServer,
} from '@sallyport/resource-server';
import { SignJWT } from 'jose';
import {
  CLOCK_SKEW_SECONDS,
  DOCUMENT_FRESH_SECONDS,
  KEYS_STALE_SECONDS,
  METADATA_STALE_SECONDS,
  RETRY_SECONDS,
  UNKNOWN_KEY_SECONDS,
} from '../../src/limits.ts';
import { claims, foreignIssuer, issuer, metadata, newKey, now, resource } from './issuer.ts';

const key = await newKey('one');
const rsa = await newKey('two', 'RS256');

function guardOf(
  fetch: typeof globalThis.fetch,
  server: Partial<ForeignAuthorizationServer> = {},
  options: Partial<DelegatedOptions> = {},
): ResourceServer {
  return delegatedResourceServer({
    resource,
    scopes: ['read', 'write'],
    defaultScopes: ['read'],
    authorizationServer: { issuer, ...server },
    fetch,
    ...options,
  });
}

const request = (token?: string): Request =>
  new Request(resource, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

/** The caller, or the reason for which it was refused. */
async function judged(
  token: string,
  {
    server = {},
    at = now,
    keys = [key, rsa],
  }: { server?: Partial<ForeignAuthorizationServer>; at?: number; keys?: (typeof key)[] } = {},
): Promise<Caller | Refusal> {
  let heard: Refusal | undefined;
  const { fetch } = foreignIssuer(keys);
  const guard = guardOf(fetch, server, { onRefusal: (refusal) => (heard = refusal) });
  const admitted = await guard.admit(request(token), at);
  if (!(admitted instanceof Response)) return admitted;
  assert.equal(admitted.status, 401);
  assert.equal(readChallenge(admitted.headers.get('www-authenticate'))?.error, 'invalid_token');
  assert.ok(heard !== undefined && !JSON.stringify(heard.facts).includes(token));
  return heard;
}

const reasonOf = async (...args: Parameters<typeof judged>): Promise<string> => {
  const outcome = await judged(...args);
  return 'reason' in outcome ? outcome.reason : 'let in';
};

describe("somebody else's token", () => {
  it('makes a caller, with what the issuer says of the person', async () => {
    const said = { ...claims, email: 'ann@example.com', email_verified: true, name: 'Ann', jti: 'x' };
    assert.deepEqual(await judged(await key.sign(said)), {
      sub: 'person',
      client_id: 'client',
      scope: ['read', 'write'],
      resource,
      expiresAt: now + 600,
      foreign: { issuer, email: 'ann@example.com', emailVerified: true, name: 'Ann', claims: said },
    });
  });

  it('may look as providers make them', async () => {
    const { client_id: _, scope: __, ...bare } = claims;
    const made: readonly [
      Record<string, unknown>,
      Record<string, unknown>,
      { client_id: string; scope: string[] },
    ][] = [
      [
        { ...bare, azp: 'app', scope: 'read', typ: 'Bearer', nonce: 'n' },
        { typ: 'JWT' },
        { client_id: 'app', scope: ['read'] },
      ],
      [
        { ...bare, cid: 'app', scp: ['read', 'write'] },
        { typ: undefined },
        { client_id: 'app', scope: ['read', 'write'] },
      ],
      [
        { ...bare, appid: 'app', scp: 'read write' },
        { typ: 'JWT' },
        { client_id: 'app', scope: ['read', 'write'] },
      ],
      [
        { ...bare, client_id: 'app', token_use: 'access' },
        { typ: 'application/at+jwt' },
        { client_id: 'app', scope: [] },
      ],
      [
        { ...bare, client_id: 'app', aud: ['x', resource] },
        { typ: 'AT+JWT' },
        { client_id: 'app', scope: [] },
      ],
    ];
    for (const [said, header, { client_id, scope }] of made) {
      const caller = await judged(await rsa.sign(said, header));
      assert.ok(!('reason' in caller), JSON.stringify(said));
      assert.deepEqual([caller.client_id, caller.scope], [client_id, scope]);
    }
  });

  const wrong: readonly [string, Record<string, unknown>, string, Record<string, unknown>?][] = [
    ['of another issuer', { iss: 'https://evil.example' }, 'token_invalid'],
    ['of the issuer but for a slash', { iss: `${issuer}/` }, 'token_invalid'],
    ['for another server', { aud: 'https://other.example.com/mcp' }, 'token_of_another_server'],
    ['for no server', { aud: undefined }, 'token_without_audience'],
    ['for an empty list of servers', { aud: [] }, 'token_without_audience'],
    ['for the client, as an ID token', { aud: 'client' }, 'token_of_another_server'],
    ['that is over', { exp: now }, 'token_expired'],
    ['without an end', { exp: undefined }, 'token_invalid'],
    ['that begins later', { nbf: now + CLOCK_SKEW_SECONDS + 1 }, 'token_invalid'],
    ['of nobody', { sub: undefined }, 'token_invalid'],
    ['of a subject without end', { sub: 'x'.repeat(256) }, 'token_invalid'],
    ['of no client', { client_id: undefined }, 'token_invalid'],
    ['with a nonce, as an ID token', { nonce: 'n' }, 'token_invalid'],
    ['with at_hash, as an ID token', { at_hash: 'h' }, 'token_invalid'],
    ['whose typ claim is ID', { typ: 'ID' }, 'token_invalid'],
    ['whose typ claim is Refresh', { typ: 'Refresh' }, 'token_invalid'],
    ['whose token_use is id', { token_use: 'id' }, 'token_invalid'],
    ['bound to a key', { cnf: { jkt: 'thumbprint' } }, 'token_invalid'],
    ['about an event', { events: {} }, 'token_invalid'],
    ['of typ logout+jwt', {}, 'token_invalid', { typ: 'logout+jwt' }],
    ['of typ id_token+jwt', {}, 'token_invalid', { typ: 'id_token+jwt' }],
    ['with a critical header', {}, 'token_invalid', { crit: ['x'], x: 1 }],
  ];
  for (const [what, said, reason, header] of wrong)
    it(`${what} is refused`, async () => {
      const token =
        header?.['crit'] === undefined
          ? await key.sign({ ...claims, ...said }, header)
          : await forged({ alg: 'ES256', kid: 'one', typ: 'at+jwt', ...header }, claims);
      assert.equal(await reasonOf(token), reason);
    });

  it('is no older than the operator wants, and its age is told; then it has expired', async () => {
    const server = { maxTokenAgeSeconds: 300 };
    const of = (iat: unknown) => key.sign({ ...claims, iat });
    const young = await judged(await of(now - 299), { server });
    assert.ok('sub' in young && young.expiresAt === now + 1);
    assert.equal(await reasonOf(await of(now - 300), { server }), 'token_expired');
    assert.equal(await reasonOf(await of(now - 300)), 'let in');
    for (const iat of [undefined, 'now', now + CLOCK_SKEW_SECONDS + 1])
      assert.equal(await reasonOf(await of(iat), { server }), 'token_invalid', String(iat));
    const short = await judged(await key.sign({ ...claims, exp: now + 5 }), { server });
    assert.ok('sub' in short && short.expiresAt === now + 5);
    // What was remembered of it ends with its age, too.
    const guard = guardOf(foreignIssuer([key]).fetch, server);
    const token = await of(now);
    assert.ok(!((await guard.admit(request(token), now + 299)) instanceof Response));
    const late = await guard.admit(request(token), now + 300);
    assert.ok(late instanceof Response && late.status === 401);
  });

  it('within the skew has begun', async () => {
    assert.equal(await reasonOf(await key.sign({ ...claims, nbf: now + CLOCK_SKEW_SECONDS })), 'let in');
  });

  it('without a signature, signed with a public key as a secret, or by a stranger is refused', async () => {
    const none = await forged({ alg: 'none', typ: 'at+jwt' }, claims, '');
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'two', typ: 'at+jwt' })
      .sign(new TextEncoder().encode(JSON.stringify(rsa.jwk)));
    const stranger = await (await newKey('one')).sign(claims);
    const embedded = await (
      await newKey('x')
    ).sign(claims, { jwk: key.jwk, jku: 'https://evil.example/jwks' });
    for (const token of [none, confused, stranger, embedded])
      assert.equal(await reasonOf(token), 'token_invalid');
  });

  it('for the same URL in its normal form is for this server', async () => {
    // What clients make of it that print a parsed URL, among them the MCP SDKs of 2025.
    for (const [written, aud] of [
      ['https://mcp.example.com', 'https://mcp.example.com/'],
      ['https://MCP.example.com:443/mcp', 'https://mcp.example.com/mcp'],
    ] as const) {
      const guard = guardOf(foreignIssuer([key]).fetch, {}, { resource: written });
      const admit = async (named: string) =>
        guard.admit(request(await key.sign({ ...claims, aud: named })), now);
      assert.ok(!((await admit(aud)) instanceof Response), aud);
      assert.ok(!((await admit(written)) instanceof Response), written);
      assert.ok((await admit(`${aud}other`)) instanceof Response);
    }
  });

  it('of a person whose id no store could keep apart from others is refused', async () => {
    for (const sub of ['\ud800', 'ann\0', 'ann\nbob', '\x7f'])
      assert.ok('reason' in (await judged(await key.sign({ ...claims, sub }))), JSON.stringify(sub));
    assert.ok('sub' in (await judged(await key.sign({ ...claims, sub: 'änne|1 ' }))));
  });

  it('in two Authorization headers is none', async () => {
    const token = await key.sign(claims);
    const headers = new Headers();
    for (const one of [token, token]) headers.append('authorization', `Bearer ${one}`);
    const answer = await guardOf(foreignIssuer([key]).fetch).admit(new Request(resource, { headers }), now);
    assert.ok(answer instanceof Response && answer.status === 401);
  });

  it('that names no audience comes in only where the operator said so, one for another server never', async () => {
    const server = { acceptTokensWithoutAudienceBecauseTheIssuerHasNone: true };
    assert.equal(await reasonOf(await key.sign({ ...claims, aud: undefined }), { server }), 'let in');
    for (const aud of ['https://other.example.com', 'client'])
      assert.equal(await reasonOf(await key.sign({ ...claims, aud }), { server }), 'token_of_another_server');
    const named = { audience: ['api://notes', 'https://api.example.com'] };
    assert.equal(
      await reasonOf(await key.sign({ ...claims, aud: 'api://notes' }), { server: named }),
      'let in',
    );
    assert.equal(await reasonOf(await key.sign(claims), { server: named }), 'token_of_another_server');
  });

  it('of another form is refused without a question where nobody can be asked', async () => {
    const { fetch, asked } = foreignIssuer([key]);
    const answer = await guardOf(fetch).admit(request('opaque'), now);
    assert.ok(answer instanceof Response && answer.status === 401);
    assert.deepEqual(asked, []);
  });

  it('may be of an issuer with scopes of its own, each enough for some of ours', async () => {
    const { fetch } = foreignIssuer([key]);
    const scopes = [
      { name: 'profile', description: 'use it', includes: ['read', 'write'] },
      { name: 'read', description: 'read' },
      { name: 'write', description: 'write' },
    ];
    const guard = guardOf(fetch, {}, { scopes, defaultScopes: ['profile'], advertisedScopes: ['profile'] });
    const admit = async (scope: string): Promise<Caller> => {
      const caller = await guard.admit(request(await key.sign({ ...claims, scope })), now);
      assert.ok(!(caller instanceof Response));
      return caller;
    };
    assert.ok(guard.hasScopes(['read', 'write'], await admit('profile')));
    const poor = await admit('email');
    assert.ok(!guard.hasScopes(['read'], poor));
    const challenge = guard.insufficientScope(['read'], poor).headers.get('www-authenticate');
    assert.equal(readChallenge(challenge)?.scope, 'email profile');
    const document = (await guard.metadata().json()) as { scopes_supported: string[] };
    assert.deepEqual(document.scopes_supported, ['profile']);
  });

  it('is challenged for with what the resource needs, and no scope where there is none', async () => {
    const { fetch } = foreignIssuer([key]);
    const challengeOf = async (guard: ResourceServer) =>
      ((await guard.admit(request(), now)) as Response).headers.get('www-authenticate');
    const resource_metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
    assert.equal(
      await challengeOf(guardOf(fetch)),
      `Bearer scope="read", resource_metadata="${resource_metadata}"`,
    );
    assert.equal(
      await challengeOf(guardOf(fetch, {}, { scopes: [], defaultScopes: [] })),
      `Bearer resource_metadata="${resource_metadata}"`,
    );
  });
});

describe('several guards of one issuer', () => {
  const other = 'https://mcp.example.com/files';
  const guards = (server: ForeignAuthorizationServer): ResourceServer[] =>
    [resource, other].map((each) =>
      delegatedResourceServer({ resource: each, authorizationServer: { ...server, audience: resource } }),
    );

  it('ask for its documents and keys once, and renew them once, where they share it', async () => {
    const { fetch, times } = foreignIssuer([key]);
    const shared = guards(sharedIssuer({ issuer }, { fetch }));
    const token = await key.sign(claims);
    for (const at of [now, now + DOCUMENT_FRESH_SECONDS]) {
      const admitted = await Promise.all(
        [...shared, ...shared].map((guard) => guard.admit(request(token), at)),
      );
      assert.ok(admitted.every((each) => !(each instanceof Response)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([times('/jwks'), times('/.well-known/oauth-authorization-server')], [2, 2]);
  });

  it('each forget what a withdrawn key had signed', async () => {
    const keys = [key, await newKey('next')];
    const shared = guards(sharedIssuer({ issuer }, { fetch: foreignIssuer(keys).fetch }));
    const token = await key.sign(claims);
    for (const guard of shared) assert.ok(!((await guard.admit(request(token), now)) instanceof Response));
    keys.shift();
    const later = now + DOCUMENT_FRESH_SECONDS;
    await shared[0]?.admit(request(token), later);
    await new Promise((resolve) => setImmediate(resolve));
    for (const guard of shared) assert.ok((await guard.admit(request(token), later)) instanceof Response);
  });

  it('ask about a token once', async () => {
    const { fetch, answers, times } = foreignIssuer([key]);
    answers.set('/introspect', () => Response.json({ active: true, token_type: 'Bearer', ...claims }));
    const introspection = { client_id: 'notes', client_secret: 'a secret' };
    const shared = guards(sharedIssuer({ issuer, introspection }, { fetch }));
    const admitted = await Promise.all(shared.map((guard) => guard.admit(request('opaque'), now)));
    assert.ok(admitted.every((each) => !(each instanceof Response)));
    assert.equal(times('/introspect'), 1);
  });

  it('are of that one and no other', () => {
    const { shared } = sharedIssuer({ issuer });
    const authorizationServer = { issuer: 'https://elsewhere.example.com', shared };
    assert.throws(() => delegatedResourceServer({ resource, authorizationServer }), /what is shared is of/);
  });

  it('say nothing of it that what they share would pass over', () => {
    const introspection = { client_id: 'notes', client_secret: 'a secret' };
    const server = sharedIssuer<ForeignAuthorizationServer>({ issuer, introspection });
    const { introspection: _, ...askingNobody } = server;
    for (const [authorizationServer, said] of [
      [{ ...server, jwks_uri: `${issuer}/other-keys` }, /^TypeError: jwks_uri is not what is shared/],
      [{ ...server, introspection: { ...introspection } }, /^TypeError: introspection is not what/],
      [askingNobody, /^TypeError: introspection is not what is shared/],
    ] as const)
      assert.throws(() => delegatedResourceServer({ resource, authorizationServer }), said);
    delegatedResourceServer({ resource, authorizationServer: { ...server, audience: other } });
  });
});

describe("the issuer's keys", () => {
  const admits = async (guard: ResourceServer, token: string, at = now): Promise<boolean> =>
    !((await guard.admit(request(token), at)) instanceof Response);

  it('follow each other: a new one is found at once, and a withdrawn one is forgotten', async () => {
    const next = await newKey('next');
    const keys = [key];
    const { fetch, times } = foreignIssuer(keys);
    const guard = guardOf(fetch);
    const [old, fresh] = [await key.sign(claims), await next.sign(claims)];
    assert.ok(await admits(guard, old));
    keys.push(next);
    assert.ok(await admits(guard, fresh, now + UNKNOWN_KEY_SECONDS));
    assert.equal(times('/jwks'), 2);
    keys.shift();
    const later = now + UNKNOWN_KEY_SECONDS + DOCUMENT_FRESH_SECONDS;
    await admits(guard, fresh, later);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!(await admits(guard, old, later)), 'it was remembered');
    assert.ok(await admits(guard, fresh, later));
  });

  it('that cannot be used blame no token, and fail no request otherwise', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    for (const bad of [
      { ...short, kid: 'bad', alg: 'RS256' },
      { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'bad', alg: 'ES256' },
    ]) {
      const { fetch, answers } = foreignIssuer([key]);
      answers.set('/jwks', () => Response.json({ keys: [key.jwk, bad] }));
      const guard = guardOf(fetch);
      const token = await key.sign(claims);
      const header = Buffer.from(JSON.stringify({ alg: bad.alg, kid: 'bad', typ: 'at+jwt' }));
      const naming = `${header.toString('base64url')}${token.slice(token.indexOf('.'))}`;
      await assert.rejects(guard.admit(request(naming), now), AuthorizationServerUnavailable);
      assert.ok(!((await guard.admit(request(token), now)) instanceof Response));
    }
  });

  it('are kept by nobody on the way, such as the cache of Next.js around fetch', async () => {
    const { fetch } = foreignIssuer([key]);
    const caches: (string | undefined)[] = [];
    const guard = guardOf(async (input, init) => {
      caches.push(init?.cache);
      return fetch(input, init);
    });
    await guard.admit(request(await key.sign(claims)), now);
    assert.deepEqual(caches, ['no-store', 'no-store']);
  });

  it('are asked for once however many made-up ids come', async () => {
    const { fetch, times } = foreignIssuer([key]);
    const guard = guardOf(fetch);
    assert.ok(await admits(guard, await key.sign(claims)));
    const made = await Promise.all(
      Array.from({ length: 200 }, (_, n) => key.sign(claims, { kid: `made-up-${n}` })),
    );
    for (const second of [1, UNKNOWN_KEY_SECONDS - 1])
      assert.deepEqual(
        new Set(await Promise.all(made.map((token) => admits(guard, token, now + second)))),
        new Set([false]),
      );
    assert.equal(times('/jwks'), 1);
    await Promise.all(made.map((token) => admits(guard, token, now + UNKNOWN_KEY_SECONDS)));
    assert.equal(times('/jwks'), 2);
    assert.equal(times('/.well-known/oauth-authorization-server'), 1);
  });

  it('are asked for once by simultaneous requests', async () => {
    const { fetch, times } = foreignIssuer([key]);
    const guard = guardOf(fetch);
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, n) => key.sign({ ...claims, jti: String(n) })),
    );
    await Promise.all(tokens.map((token) => admits(guard, token)));
    assert.equal(times('/jwks'), 1);
  });

  it('stand in for an issuer that is away, for a bounded time; then nobody comes in and nobody is blamed', async () => {
    const { fetch, answers, times } = foreignIssuer([key]);
    const guard = guardOf(fetch);
    const long = await key.sign({ ...claims, exp: now + 2 * KEYS_STALE_SECONDS });
    assert.ok(await admits(guard, long));
    answers.set('/jwks', () => new Response('gone', { status: 503 }));
    assert.ok(await admits(guard, long, now + KEYS_STALE_SECONDS - 1));
    assert.ok(
      await admits(guard, await key.sign({ ...claims, exp: now + 9000 }), now + KEYS_STALE_SECONDS - 1),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const before = times('/jwks');
    for (let n = 0; n < 10; n += 1)
      await assert.rejects(admits(guard, long, now + KEYS_STALE_SECONDS), AuthorizationServerUnavailable);
    assert.ok(times('/jwks') <= before + 1, 'a request each is a flood');
    answers.set('/jwks', () => Response.json({ keys: [key.jwk] }));
    assert.ok(await admits(guard, long, now + KEYS_STALE_SECONDS + RETRY_SECONDS));
  });

  for (const [what, answer] of [
    ['are a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['are none', () => Response.json({ keys: 'none' })],
    ['are too many', () => new Response(`{"keys":[${' '.repeat(300_000)}]}`)],
    ['lead elsewhere', () => Response.redirect('https://evil.example/jwks')],
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ] as const)
    it(`that ${what} blame no token`, async () => {
      const { fetch, answers } = foreignIssuer([key]);
      answers.set('/jwks', answer);
      await assert.rejects(admits(guardOf(fetch), await key.sign(claims)), AuthorizationServerUnavailable);
    });

  it('are not fetched in the clear, and not from this computer for an issuer elsewhere', async () => {
    for (const jwks_uri of [
      'http://login.example.com/jwks',
      'http://localhost:1/jwks',
      'file:///etc/passwd',
    ]) {
      const { fetch, asked } = foreignIssuer([key], { ...metadata, jwks_uri });
      await assert.rejects(admits(guardOf(fetch), await key.sign(claims)), /are not fetched from/);
      assert.deepEqual(asked, [`${issuer}/.well-known/oauth-authorization-server`]);
    }
  });
});

describe("the issuer's metadata", () => {
  const paths = [
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/mcp',
    '/mcp/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
    '/.well-known/openid-configuration/mcp',
    '/mcp/.well-known/openid-configuration',
  ];
  const get = async (guard: ResourceServer, path: string, at = now, method = 'GET'): Promise<Response> => {
    const answer = await guard.wellKnown(new Request(new URL(path, resource), { method }), at);
    assert.ok(answer instanceof Response, path);
    return answer;
  };

  it('is served where old clients look, from memory, to anybody', async () => {
    const { fetch, asked } = foreignIssuer([key]);
    const guard = guardOf(fetch);
    for (const path of paths) {
      const answer = await get(guard, path);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.match(answer.headers.get('cache-control') ?? '', /max-age=\d+/);
      assert.deepEqual(await answer.json(), metadata);
      assert.equal(await (await get(guard, path, now, 'HEAD')).text(), '');
      const preflight = await get(guard, path, now, 'OPTIONS');
      assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [200, '*']);
      const posted = await get(guard, path, now, 'POST');
      assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD, OPTIONS']);
    }
    // Once each: as OAuth's, and as OpenID's, of which there is none.
    assert.equal(asked.filter((url) => url.endsWith('/oauth-authorization-server')).length, 2);
    assert.equal(await guard.wellKnown(new Request(resource), now), undefined);
  });

  it('of one among several servers is at the root for the default one only', async () => {
    const { fetch } = foreignIssuer([key]);
    const rooted = async (isDefault: boolean): Promise<boolean[]> => {
      const server = { resource, title: 'Notes', scopes: [], defaultScopes: [], isDefault };
      const guard = guardOf(fetch, {}, { resource: server });
      const names = ['oauth-protected-resource', 'oauth-authorization-server'];
      const urls = names.flatMap((name) => [`/.well-known/${name}`, `/.well-known/${name}/mcp`]);
      const answers = urls.map((url) => guard.wellKnown(new Request(new URL(url, resource)), now));
      return (await Promise.all(answers)).map((answer) => answer !== undefined);
    };
    assert.deepEqual(await rooted(true), [true, true, true, true]);
    assert.deepEqual(await rooted(false), [false, true, false, true]);
  });

  it('of an OpenID provider is its own, and the only one where there is no other', async () => {
    const openid = { ...metadata, subject_types_supported: ['public'] };
    const { fetch, answers } = foreignIssuer([key]);
    answers.set('/.well-known/openid-configuration', () => Response.json(openid));
    const guard = guardOf(fetch);
    assert.deepEqual(await (await get(guard, '/.well-known/openid-configuration')).json(), openid);
    assert.deepEqual(await (await get(guard, '/.well-known/oauth-authorization-server')).json(), metadata);
    answers.delete('/.well-known/oauth-authorization-server');
    const alone = guardOf(fetch);
    assert.deepEqual(await (await get(alone, '/.well-known/oauth-authorization-server')).json(), openid);
  });

  it('of an issuer with a path is looked for in the three places, in order', async () => {
    const tenant = `${issuer}/tenant`;
    const { fetch, asked, answers } = foreignIssuer([key]);
    answers.set('/tenant/.well-known/openid-configuration', () =>
      Response.json({ ...metadata, issuer: tenant }),
    );
    const guard = guardOf(fetch, { issuer: tenant });
    assert.equal((await get(guard, '/.well-known/oauth-authorization-server')).status, 200);
    assert.deepEqual(asked, [
      `${issuer}/.well-known/oauth-authorization-server/tenant`,
      `${issuer}/.well-known/openid-configuration/tenant`,
      `${tenant}/.well-known/openid-configuration`,
    ]);
  });

  for (const [what, answer] of [
    ['of another issuer', () => Response.json({ ...metadata, issuer: 'https://evil.example' })],
    ['of the issuer but for a slash', () => Response.json({ ...metadata, issuer: `${issuer}/` })],
    ['without an issuer', () => Response.json({ ...metadata, issuer: undefined })],
    ['that is a page', () => new Response('<html>sign in</html>')],
    ['that is a list', () => Response.json([metadata])],
    ['that is huge', () => Response.json({ ...metadata, x: 'x'.repeat(300_000) })],
    ['that leads elsewhere', () => Response.redirect(`${issuer}/elsewhere`, 302)],
    ['that breaks off', () => new Response(new ReadableStream({ start: (c) => c.error(new Error('cut')) }))],
    ['of a server that is broken', () => new Response('', { status: 500 })],
    ['that cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ] as const)
    it(`${what} is served to nobody, and no token is judged by it`, async () => {
      const { fetch, answers, asked } = foreignIssuer([key]);
      for (const path of ['oauth-authorization-server', 'openid-configuration'])
        answers.set(`/.well-known/${path}`, answer);
      const guard = guardOf(fetch);
      const response = await get(guard, '/.well-known/oauth-authorization-server');
      assert.equal(response.status, 503);
      assert.equal(response.headers.get('retry-after'), String(RETRY_SECONDS));
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.doesNotMatch(await response.text(), /example\.com|evil/, 'what was wrong is for the operator');
      await assert.rejects(guard.admit(request(await key.sign(claims)), now), AuthorizationServerUnavailable);
      assert.ok(!asked.some((url) => /elsewhere|jwks|evil/.test(url)));
    });

  it('that is slow is not waited for', { timeout: 30_000 }, async () => {
    const { answers } = foreignIssuer([key]);
    answers.clear();
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('timeout')));
      });
    assert.equal((await get(guardOf(fetch), '/.well-known/oauth-authorization-server')).status, 503);
  });

  it('stands in for an issuer that is away, for a bounded time', async () => {
    const { fetch, answers } = foreignIssuer([key]);
    const guard = guardOf(fetch);
    const path = '/.well-known/oauth-authorization-server';
    assert.equal((await get(guard, path)).status, 200);
    answers.set(path, () => new Response('', { status: 502 }));
    assert.equal((await get(guard, path, now + METADATA_STALE_SECONDS - 1)).status, 200);
    assert.equal((await get(guard, path, now + METADATA_STALE_SECONDS)).status, 503);
  });
});

describe('what an operator may configure', () => {
  it('is an issuer and a resource to which nothing travels in the clear', () => {
    for (const one of ['http://login.example.com', 'login.example.com', 'ftp://login.example.com'])
      assert.throws(() => guardOf(fetch, { issuer: one }), /issuer must be https, or http on this computer/);
    assert.throws(
      () => guardOf(fetch, {}, { resource: 'http://mcp.example.com/mcp' }),
      /resource must be https/,
    );
    guardOf(fetch, { issuer: 'http://localhost:9000' }, { resource: 'http://127.0.0.1:8000/mcp' });
  });
});

/** Signed by nobody. */
async function forged(header: object, payload: object, signature = 'AAAA'): Promise<string> {
  const [head, body] = [header, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${body}.${signature}`;
}
