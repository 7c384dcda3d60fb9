// The demo as a person runs it, and against servers that misbehave: a demo that cannot fail shows nothing.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { playDemo, StepFailed } from '../src/demo/index.ts';
import { keepTranscript, type PlayedStep } from '../src/demo/transcript.ts';
import { openRiggedServer, type Rig } from './house/rigged-server.ts';

const main = join(import.meta.dirname, '../src/main.ts');

/** Long, of both cases or hexadecimal: nothing that is meant to be read looks so. */
const tokenLike = (text: string): string[] =>
  (text.match(/[A-Za-z0-9_-]{20,}/g) ?? []).filter(
    (run) => (/[a-z]/.test(run) && /[A-Z]/.test(run)) || /^[0-9a-f-]+$/i.test(run),
  );

const headlines = [
  'A client without a token is told the way in',
  'The MCP server says who issues tokens for it',
  'The authorization server says what it can do',
  'The client registers itself',
  'The operator makes the first account',
  'The client opens the browser; the person signs in',
  'The person allows it, and the browser goes back to the client',
  'The code becomes tokens',
  'The client calls tools, in the words of MCP 2025-11-25',
  'The same in the words of MCP 2026-07-28, at the same URL',
  'A tool that writes needs more than was granted',
  'The client asks again, for all scopes together',
  'The second code becomes tokens for both scopes',
  'With the new token the same call goes through',
  'The client refreshes',
  'The same refresh once more, as after a lost answer',
  'A token that was changed, or sent in a URL, is refused',
  'The client signs out, and its tokens stop at once',
  'A code that was used before is refused, and ends what it gave',
];

/** A module that takes `iss` out of every redirect before the client sees it. */
const withoutIss = `data:text/javascript,${encodeURIComponent(`
  const real = globalThis.fetch;
  globalThis.fetch = async (...asked) => {
    const answer = await real(...asked);
    const location = answer.headers.get('location');
    if (location === null) return answer;
    const headers = new Headers(answer.headers);
    headers.set('location', location.replace(/&iss=[^&]*/, ''));
    return new Response(null, { status: answer.status, headers });
  };
`)}`;

/** A module that holds the fifth request until it is given up, and says so. */
const holding = `data:text/javascript,${encodeURIComponent(`
  const real = globalThis.fetch;
  let requests = 0;
  globalThis.fetch = (url, init) => {
    requests += 1;
    if (requests < 5) return real(url, init);
    process.stderr.write('held\\n');
    return new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(init.signal.reason)));
  };
`)}`;

describe('sallyport demo', () => {
  let temporary: string;
  before(() => {
    temporary = mkdtempSync(join(tmpdir(), 'demo-test-'));
  });
  after(() => rmSync(temporary, { recursive: true, force: true }));

  it('plays every step, shows no whole secret, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(stderr, '');
    const announced = [...stdout.matchAll(/^ ?(\d+) {2}(\S.*)$/gm)].map(
      ([, number, headline]) => `${number} ${headline}`,
    );
    assert.deepEqual(
      announced,
      headlines.map((headline, index) => `${index + 1} ${headline}`),
    );
    assert.match(stdout, /✓ 19 steps, \d+ requests, \d+ checks in \d+ ms: each did what it should\./);
    assert.match(stdout, /npm start/);
    assert.deepEqual(tokenLike(stdout), []);
    assert.doesNotMatch(stdout, /\u001b/, 'no colour where there is no terminal');
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('prints one JSON document on request', async () => {
    const { code, stdout } = await run(['--json']);
    assert.equal(code, 0);
    const { ok, steps } = JSON.parse(stdout) as { ok: boolean; steps: PlayedStep[] };
    assert.equal(ok, true);
    assert.deepEqual(
      steps.map(({ headline }) => headline),
      headlines,
    );
    for (const { exchanges, checks } of steps) assert.ok(exchanges.length > 0 && checks.length > 0);
    assert.deepEqual(tokenLike(stdout), []);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves nothing behind either when it is stopped by ${signal}`, async () => {
      const { code, stdout, stderr } = await run([], {
        modules: [holding],
        onceHeld: (child) => {
          assert.notDeepEqual(readdirSync(temporary), [], 'there is a folder to delete');
          child.kill(signal);
        },
      });
      assert.equal(code, 130, stdout);
      assert.match(stderr, /Stopped\. The temporary database is gone\./);
      assert.doesNotMatch(stdout, /each did what it should/);
      assert.deepEqual(readdirSync(temporary), []);
    });
  }

  for (const args of [[], ['--json']]) {
    it(`exits with 1 and names the step, what was expected and what came: demo ${args.join('')}`, async () => {
      const { code, stdout, stderr } = await run(args, { modules: [withoutIss] });
      assert.equal(code, 1, stdout);
      assert.match(stderr, /Step 7 failed: The person allows it, and the browser goes back to the client\n/);
      assert.match(
        stderr,
        /Should be: iss is the issuer, byte for byte\n {2}Expected: {2}http:\/\/localhost:\d+\n {2}Came: {6}nothing\n/,
      );
      assert.doesNotMatch(stdout, /each did what it should/);
      if (args.length > 0) {
        const { ok, failure } = JSON.parse(stdout) as {
          ok: boolean;
          failure: { step: number; came: string };
        };
        assert.equal(ok, false);
        assert.equal(failure.step, 7);
        assert.equal(failure.came, 'nothing');
      }
      assert.deepEqual(tokenLike(stdout + stderr), []);
      assert.deepEqual(readdirSync(temporary), []);
    });
  }

  interface RunOptions {
    /** Loaded into the program before it starts. */
    readonly modules?: readonly string[];
    /** Called when `holding` holds. */
    readonly onceHeld?: (child: ChildProcess) => void;
  }

  async function run(args: readonly string[] = [], { modules = [], onceHeld }: RunOptions = {}) {
    const { NO_COLOR: _1, FORCE_COLOR: _2, NODE_TEST_CONTEXT: _3, ...environment } = process.env;
    const imports = modules.flatMap((module) => ['--import', module]);
    const child = spawn(process.execPath, [...imports, main, 'demo', ...args], {
      env: { ...environment, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (stderr === 'held\n') onceHeld?.(child);
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, stdout, stderr };
  }
});

describe('the demo shows nothing that could be used', () => {
  it('holds no secret of the wire in its transcript', async () => {
    const secrets = new Set<string>();
    const note = (text: string): void => {
      for (const [run] of text.matchAll(/[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+)*/g)) secrets.add(run);
    };
    const fields = [
      'code',
      'code_verifier',
      'password',
      'token',
      'refresh_token',
      'access_token',
      'csrf',
      'setup',
    ];
    const { steps, failure } = await playAgainst(async (request, goOn) => {
      const body = await request.clone().text();
      const asked = [...new URL(request.url).searchParams, ...new URLSearchParams(body)];
      for (const [name, value] of asked) if (fields.includes(name)) note(value);
      note(request.headers.get('authorization') ?? '');
      note(request.headers.get('cookie')?.replaceAll(/[^;=]+=/g, ' ') ?? '');
      const answer = await goOn(request);
      const document = answer.headers.get('content-type')?.includes('json')
        ? await answer.clone().json()
        : {};
      const { access_token, refresh_token } = document as Record<string, string | undefined>;
      note(`${access_token} ${refresh_token}`);
      return answer;
    });
    assert.equal(failure, undefined);
    assert.ok(secrets.size > 20, `${secrets.size}`);
    const told = JSON.stringify(steps);
    for (const secret of secrets) assert.ok(!told.includes(secret), `${secret} of ${secrets.size}`);
  });
});

interface Misbehaviour {
  readonly name: string;
  /** Number of the step that must notice. */
  readonly step: number;
  readonly what: RegExp;
  readonly rig: () => Rig;
}

const at = (request: Request, path: string): boolean => new URL(request.url).pathname === path;
const at_mcp = (request: Request): boolean => at(request, '/mcp');
const bearer = (request: Request): string => request.headers.get('authorization') ?? '';
const json = (document: object, status = 200): Response =>
  Response.json(document, { status, headers: { 'cache-control': 'no-store' } });

/** Changes the JSON of the answers that `matches` says. */
const changing =
  (
    matches: (request: Request) => boolean,
    change: (document: Record<string, unknown>) => object,
  ): (() => Rig) =>
  () =>
  async (request, goOn) => {
    const answer = await goOn(request);
    if (!matches(request) || !answer.ok) return answer;
    return new Response(JSON.stringify(change((await answer.json()) as Record<string, unknown>)), answer);
  };

/** Changes the redirect that carries a code. */
const redirecting =
  (change: (location: URL) => void): (() => Rig) =>
  () =>
  async (request, goOn) => {
    const answer = await goOn(request);
    const location = URL.parse(answer.headers.get('location') ?? '');
    if (!location?.searchParams.has('code')) return answer;
    change(location);
    return new Response(null, { status: 303, headers: { location: location.href } });
  };

const misbehaviours: readonly Misbehaviour[] = [
  {
    name: 'challenges without resource_metadata',
    step: 1,
    what: /resource_metadata/,
    rig: () => async (request, goOn) => {
      const answer = await goOn(request);
      return answer.status === 401
        ? new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
        : answer;
    },
  },
  {
    name: 'describes another resource',
    step: 2,
    what: /byte for byte/,
    rig: changing(
      (request) => at(request, '/.well-known/oauth-protected-resource/mcp'),
      (document) => ({ ...document, resource: `${String(document['resource'])}/` }),
    ),
  },
  {
    name: 'has another issuer in its metadata',
    step: 3,
    what: /issuer is what was asked for, byte for byte/,
    rig: changing(
      (request) => at(request, '/.well-known/oauth-authorization-server'),
      (document) => ({ ...document, issuer: `${String(document['issuer'])}/` }),
    ),
  },
  {
    name: 'allows PKCE plain too',
    step: 3,
    what: /S256/,
    rig: changing(
      (request) => at(request, '/.well-known/oauth-authorization-server'),
      (document) => ({ ...document, code_challenge_methods_supported: ['plain', 'S256'] }),
    ),
  },
  {
    name: 'gives a public client a secret',
    step: 4,
    what: /no secret/,
    rig: changing(
      (request) => at(request, '/oauth/register'),
      (document) => ({ ...document, client_secret: 'not-wanted' }),
    ),
  },
  {
    name: 'leaves iss out',
    step: 7,
    what: /^iss is/,
    rig: redirecting(({ searchParams }) => searchParams.delete('iss')),
  },
  {
    name: 'changes state',
    step: 7,
    what: /^state is/,
    rig: redirecting(({ searchParams }) => searchParams.set('state', 'other')),
  },
  {
    name: 'sends the code elsewhere',
    step: 7,
    what: /redirect URI/,
    rig: redirecting((location) => void (location.pathname = '/elsewhere')),
  },
  {
    name: 'grants more than was asked',
    step: 8,
    what: /exactly what was asked/,
    rig: changing(
      (request) => at(request, '/oauth/token'),
      (document) => ({ ...document, scope: 'read write' }),
    ),
  },
  {
    name: 'lets a read-only token write',
    step: 11,
    what: /refused: 403/,
    rig: () => async (request, goOn) => {
      const answer = await goOn(request);
      return answer.status === 403 ? json({ jsonrpc: '2.0', id: 1, result: { content: [] } }) : answer;
    },
  },
  {
    name: 'gives another successor when a refresh is repeated',
    step: 16,
    what: /same successor/,
    rig: () => {
      let refreshes = 0;
      return async (request, goOn) => {
        const isRefresh =
          at(request, '/oauth/token') && (await request.clone().text()).includes('grant_type=refresh_token');
        const answer = await goOn(request);
        if (!isRefresh || (refreshes += 1) !== 2) return answer;
        return json({ ...((await answer.json()) as object), refresh_token: 'another' });
      };
    },
  },
  {
    name: 'accepts a token that was changed',
    step: 17,
    what: /one character changed: 401/,
    rig: () => async (request, goOn) => {
      const answer = await goOn(request);
      return at_mcp(request) && bearer(request) !== '' && answer.status === 401
        ? json({ result: { tools: [] } })
        : answer;
    },
  },
  {
    name: 'accepts a token in the URL',
    step: 17,
    what: /a good token in the URL: 400/,
    rig: () => async (request, goOn) => {
      const url = new URL(request.url);
      const access_token = url.searchParams.get('access_token');
      if (access_token === null) return goOn(request);
      url.search = '';
      const headers = new Headers(request.headers);
      headers.set('authorization', `Bearer ${access_token}`);
      return goOn(new Request(url, { method: 'POST', headers, body: await request.text() }));
    },
  },
  {
    name: 'forgets to revoke',
    step: 18,
    what: /the very next call: 401/,
    rig: () => (request, goOn) => (at(request, '/oauth/revoke') ? new Response(null) : goOn(request)),
  },
  {
    name: 'refreshes what was revoked',
    step: 18,
    what: /and a refresh: 400/,
    rig: () => {
      let isRevoked = false;
      return async (request, goOn) => {
        const isRefresh = at(request, '/oauth/token') && isRevoked;
        isRevoked ||= at(request, '/oauth/revoke');
        return isRefresh
          ? json({ access_token: 'a', refresh_token: 'b', token_type: 'Bearer' })
          : goOn(request);
      };
    },
  },
  {
    name: 'takes a code a second time',
    step: 19,
    what: /the code once more: 400/,
    rig: () => {
      const answers = new Map<string, Response>();
      return async (request, goOn) => {
        const body = at(request, '/oauth/token') ? await request.clone().text() : '';
        if (!body.includes('grant_type=authorization_code')) return goOn(request);
        const answer = answers.get(body) ?? (await goOn(request));
        answers.set(body, answer);
        return answer.clone();
      };
    },
  },
  {
    name: 'refuses a replay, but leaves its token alive',
    step: 19,
    what: /the token that it gave: 401/,
    rig: () => {
      const bodies = new Set<string>();
      return async (request, goOn) => {
        const body = at(request, '/oauth/token') ? await request.clone().text() : '';
        if (!body.includes('grant_type=authorization_code') || !bodies.has(body)) {
          bodies.add(body);
          return goOn(request);
        }
        return json({ error: 'invalid_grant', error_description: 'Used.' }, 400);
      };
    },
  },
];

describe('the demo fails, and says where, at a server that', () => {
  for (const { name, step, what, rig } of misbehaviours) {
    it(name, async () => {
      const { failure, steps } = await playAgainst(rig());
      assert.ok(failure instanceof StepFailed, String(failure));
      assert.equal(failure.step, step, failure.message);
      assert.equal(failure.headline, headlines[step - 1]);
      assert.match(failure.what, what);
      assert.notEqual(failure.expected, failure.came);
      assert.deepEqual(tokenLike(`${failure.message} ${failure.expected} ${failure.came}`), []);
      assert.equal(steps.length, step, 'nothing is played after it');
    });
  }

  it('is not there', async () => {
    const { failure } = await playAgainst(() => new Response(null), { isClosed: true });
    assert.ok(failure instanceof StepFailed, String(failure));
    assert.equal(failure.step, 1);
    assert.match(failure.came, /ECONNREFUSED/);
  });
});

async function playAgainst(rig: Rig, { isClosed = false } = {}) {
  const server = await openRiggedServer(rig);
  const { narrator, steps } = keepTranscript();
  try {
    if (isClosed) await server.close();
    await playDemo(server, narrator, new AbortController().signal);
    return { steps, failure: undefined };
  } catch (failure) {
    return { steps, failure };
  } finally {
    if (!isClosed) await server.close();
  }
}
