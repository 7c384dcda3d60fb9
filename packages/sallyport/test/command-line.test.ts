// The commands: what they do, what they say, and how they exit. The main ways as processes of their own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { verifyPassword } from '@sallyport/sign-in';
import { openStorage } from '@sallyport/storage';
import { loadConfig } from '../src/config/index.ts';
import { call } from './program/call.ts';
import { freePort } from './program/free-port.ts';
import { run, start, temporaryFolder } from './program/run.ts';
import type { Ended, Running } from './program/run.ts';

const password = 'correct horse battery';

/** Neither colour nor a stack trace, and no file of ours, in what a person reads. */
function assertPlain({ stdout, stderr }: Ended): void {
  const text = stdout + stderr;
  // oxlint-disable-next-line no-control-regex -- colour is what must not be there
  assert.doesNotMatch(text, /\x1b/);
  assert.doesNotMatch(text, /^\s+at |node:internal|\/src\/|\/node_modules\//m);
}

async function serving(t: TestContext, cwd: string, port: number): Promise<Running> {
  const server = start(['serve'], { cwd, environment: { SALLYPORT_LISTEN_PORT: String(port) } });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  await server.says(/Sallyport is running/);
  return server;
}

describe('help', () => {
  test('lists every command, with examples and exit codes', async (t) => {
    const cwd = temporaryFolder(t);
    for (const args of [[], ['--help'], ['-h'], ['help']]) {
      const end = await call(args, { cwd });
      assert.equal(end.code, 0);
      for (const name of ['serve', 'users', 'clients', 'check', 'schema']) {
        assert.match(end.stdout, new RegExp(`^  ${name} +\\S`, 'm'));
      }
      assert.match(end.stdout, /Examples:/);
      assert.match(end.stdout, /Exit codes: 0 done, 1 failed, 2 /);
      assertPlain(end);
    }
  });

  test('each command explains itself', async (t) => {
    const cwd = temporaryFolder(t);
    for (const args of [
      ['serve'],
      ['users'],
      ['users', 'add'],
      ['clients'],
      ['clients', 'rotate-secret'],
      ['check'],
      ['schema'],
    ]) {
      const end = await call([...args, '--help'], { cwd });
      assert.equal(end.code, 0);
      assert.match(end.stdout, new RegExp(`^Usage: npm run -s sallyport -- ${args.join(' ')} `));
      assert.equal(end.stderr, '');
    }
    assert.equal(
      (await call(['help', 'users'], { cwd })).stdout,
      (await call(['users', '--help'], { cwd })).stdout,
    );
  });

  test('wrong use exits with 2 and names the help', async (t) => {
    const cwd = temporaryFolder(t);
    const rows: readonly (readonly [string[], string])[] = [
      [['sevre'], '✗ There is no command "sevre".\n  → See: npm run -s sallyport -- --help\n'],
      [
        ['serve', '--porfile', 'x'],
        "✗ Unknown option '--porfile'\n(Did you mean --profile?)\n  → See: npm run -s sallyport -- serve --help\n",
      ],
      [
        ['users', 'add'],
        "✗ Missing required argument 'email'\n  → See: npm run -s sallyport -- users add --help\n",
      ],
      [
        ['users', 'add', 'a@example.com', 'b'],
        "✗ Too many arguments for 'add'. Expected 1 argument but got 2.\n  → See: npm run -s sallyport -- users add --help\n",
      ],
      [
        ['clients', 'rotate'],
        "✗ Unknown command 'rotate'\n  → See: npm run -s sallyport -- clients --help\n",
      ],
    ];
    for (const [args, stderr] of rows) {
      assert.deepEqual(await call(args, { cwd }), { code: 2, stdout: '', stderr });
    }
    assert.equal((await run(['sevre'], { cwd })).code, 2, 'the process exits with it');
    const bare = await call(['users'], { cwd });
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /^Usage: /);
  });

  test('--version', async (t) => {
    assert.match((await call(['--version'], { cwd: temporaryFolder(t) })).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('the installed program', () => {
  test('says in one line what an old Node lacks, and exits with 1', async (t) => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.19.0'}})`;
    const program = new URL('../bin/sallyport.js', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', old, program, 'serve'], {
      cwd: temporaryFolder(t),
      env: {},
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.equal(stderr, 'Sallyport needs Node.js 24 or newer; this is 20.19.0. See https://nodejs.org\n');
  });

  test('says how to call it where it is not built', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'bin'));
    const program = join(folder, 'bin', 'sallyport.mjs');
    copyFileSync(new URL('../bin/sallyport.js', import.meta.url), program);
    const child = spawn(process.execPath, [program, 'serve'], { cwd: folder, env: {} });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'Sallyport is not built here, as in any clone. Use instead: npm run -s sallyport -- <command>\n',
    );
  });
});

describe('users', () => {
  test('are added, listed and removed', async (t) => {
    const cwd = temporaryFolder(t);
    assert.match(
      (await call(['users', 'list'], { cwd })).stdout,
      /^There is no account yet\. Make the first one: npm run -s sallyport -- users add <email>\n$/,
    );

    const first = await run(['users', 'add', 'Ada@Example.com', '--name', 'Ada'], {
      cwd,
      input: `${password}\n`,
    });
    assert.deepEqual(first, { code: 0, stdout: '✓ Added ada@example.com, an operator.\n', stderr: '' });
    const second = await run(['users', 'add', 'bob@example.com', '--password', password], { cwd });
    assert.deepEqual(second, { code: 0, stdout: '✓ Added bob@example.com.\n', stderr: '' });

    const list = await run(['users', 'list', '--json'], { cwd });
    const people = JSON.parse(list.stdout) as Record<string, unknown>[];
    assert.deepEqual(
      people.map(({ email, name, role }) => `${String(email)} ${String(name)} ${String(role)}`).toSorted(),
      ['ada@example.com Ada operator', 'bob@example.com bob member'],
    );
    assert.ok(!list.stdout.includes('argon2'), 'no hash leaves');
    assert.match(
      (await call(['users', 'list'], { cwd })).stdout,
      /^Account +Name +Role +Signs in with +Since \(UTC\)\n/,
    );

    assert.equal(
      (await run(['users', 'remove', 'ADA@example.com'], { cwd })).stdout,
      '✓ Removed ada@example.com. Its tokens have stopped working.\n',
    );
    assert.deepEqual(await run(['users', 'remove', 'ada@example.com'], { cwd }), {
      code: 1,
      stdout: '',
      stderr: '✗ There is no account ada@example.com.\n  → See all: npm run -s sallyport -- users list\n',
    });
  });

  test('are invited where there is a provider, and listed with what they sign in with', async (t) => {
    const cwd = temporaryFolder(t);
    assert.deepEqual(await call(['users', 'invite', 'ada@example.com'], { cwd }), {
      code: 1,
      stdout: '',
      stderr:
        '✗ Nobody could take the invitation: people sign in with passwords alone here.\n' +
        '  → Make the account with a password: npm run -s sallyport -- users add ada@example.com\n' +
        '  → Or configure a provider, and invite again: docs/providers.md\n',
    });
    const ways = 'signIn: [{ provider: password }, { provider: github, clientId: a, clientSecret: b }]\n';
    writeFileSync(`${cwd}/sallyport.yaml`, ways);
    const invited = await call(['users', 'invite', 'Ada@example.com'], { cwd });
    assert.equal(
      invited.stdout,
      '✓ Invited ada@example.com, an operator.\n' +
        '  Nothing is sent: tell them to sign in at http://localhost:8000/sign-in with GitHub, where that address must be verified.\n',
    );
    assert.match((await call(['users', 'invite', 'ada@example.com'], { cwd })).stderr, /There is an account/);
    assert.match((await call(['users', 'invite', 'ada'], { cwd })).stderr, /not an e-mail address/);
    await call(['users', 'invite', 'bob@example.com', '--name', 'Bob'], { cwd });

    const { storage: at } = loadConfig({ environment: {}, cwd });
    const storage = await openStorage(at.url);
    const now = 1_800_000_000;
    const bob = await storage.findUserByEmail('bob@example.com');
    const known = {
      provider: 'github',
      subject: '583231',
      issuer: 'https://github.com',
      userId: bob!.id,
      email: 'bob@example.com',
      emailVerified: true,
      username: 'bob',
      createdAt: now,
      signedInAt: now,
    };
    await storage.linkIdentity({ identity: known });
    // People are listed in the order in which they came, the others by the real clock.
    const createdAt = Math.floor(Date.now() / 1000);
    const eve = {
      id: 'eve',
      email: 'github:Eve',
      name: 'Eve',
      role: 'member',
      createdAt,
      updatedAt: createdAt,
    } as const;
    await storage.addUserWithIdentity({
      user: eve,
      identity: { ...known, subject: 'Eve', emailVerified: false },
    });
    await storage.close();

    const list = await call(['users', 'list'], { cwd });
    assert.match(list.stdout, /^ada@example\.com +ada +operator +invited, has not come yet /m);
    assert.match(list.stdout, /^bob@example\.com +Bob +member +github /m);
    const people = JSON.parse((await call(['users', 'list', '--json'], { cwd })).stdout) as {
      email?: string;
      account?: string;
      ways: string[];
    }[];
    assert.deepEqual(
      people.map(({ email, account, ways: all }) => [email, account, all]),
      [
        ['ada@example.com', undefined, []],
        ['bob@example.com', undefined, ['github']],
        [undefined, 'github:Eve', ['github']],
      ],
    );
    const there = await call(['users', 'identities'], { cwd });
    assert.match(there.stdout, /^github +583231 +bob, bob@example\.com +bob@example\.com +2027-01-15/m);
    assert.match(there.stdout, /bob@example\.com \(not verified\) +github:Eve/);
    assert.match(
      (await call(['users', 'unlink', 'github', '583231'], { cwd })).stderr,
      /only way to sign in as bob@example\.com/,
    );
    assert.match(
      (await call(['users', 'unlink', 'github', '1'], { cwd })).stderr,
      /Nobody signs in with that/,
    );
    const eves = { cwd, input: password };
    assert.match((await call(['users', 'set-password', 'github:Eve'], eves)).stderr, /has no e-mail address/);
    await call(['users', 'set-password', 'bob@example.com'], eves);
    assert.equal(
      (await call(['users', 'unlink', 'github', '583231'], { cwd })).stdout,
      '✓ bob@example.com can no longer sign in with it.\n',
    );
    assert.match((await call(['users', 'remove', 'github:Eve'], { cwd })).stdout, /Removed github:Eve/);
  });

  test('of somebody else’s issuer come by its tokens: that way stays, an older one can go', async (t) => {
    const cwd = temporaryFolder(t);
    const issuer = 'https://login.example.com';
    await call(['users', 'add', 'ada@example.com'], { cwd, input: password });
    writeFileSync(join(cwd, 'sallyport.yaml'), `authorizationServer: { issuer: '${issuer}' }`);
    const storage = await openStorage(loadConfig({ environment: {}, cwd }).storage.url);
    const ada = await storage.findUserByEmail('ada@example.com');
    assert.ok(ada);
    const there = { userId: ada.id, emailVerified: false, createdAt: 1, signedInAt: 1 };
    for (const provider of [issuer, 'github'])
      await storage.linkIdentity({ identity: { ...there, provider, issuer: provider, subject: 'ada' } });
    await storage.close();

    // The password is of no use now.
    const stays = await call(['users', 'unlink', issuer, 'ada'], { cwd });
    assert.match(stays.stderr, /ada@example\.com comes here with tokens for it, so it stays/);
    assert.match(stays.stderr, /End their access at https:\/\/login\.example\.com/);
    assert.doesNotMatch(stays.stderr, /set-password/);
    assert.equal((await call(['users', 'unlink', 'github', 'ada'], { cwd })).code, 0);
    const invited = await call(['users', 'invite', 'bob@example.com'], { cwd });
    assert.match(invited.stderr, /people do not sign in here/);
  });

  test('are named as a provider has them, letter for letter, and steer no terminal', async (t) => {
    const cwd = temporaryFolder(t);
    await call(['users', 'add', 'ada@example.com'], { cwd, input: password });
    const storage = await openStorage(loadConfig({ environment: {}, cwd }).storage.url);
    const person = { name: 'Eve', role: 'member', createdAt: 1, updatedAt: 1 } as const;
    for (const subject of ['Eve', 'eve', '\x1b[2J'])
      await storage.addUserWithIdentity({
        user: { ...person, id: subject, email: `oidc:${subject}` },
        identity: {
          provider: 'oidc',
          subject,
          issuer: 'https://id.example.com',
          emailVerified: false,
          createdAt: 1,
          signedInAt: 1,
        },
      });
    const ends = [
      await call(['users', 'remove', 'oidc:Eve'], { cwd }),
      await call(['users', 'set-password', 'oidc:\x1b[2J'], { cwd, input: password }),
      await call(['users', 'unlink', 'oidc', '\x1b[2J'], { cwd }),
      await call(['users', 'remove', 'oidc:\x1b[2J'], { cwd }),
    ];
    ends.forEach(assertPlain);
    assert.deepEqual(
      (await storage.listIdentities()).map(({ subject }) => subject),
      ['eve'],
    );
    await storage.close();
  });

  test('get a new password', async (t) => {
    const cwd = temporaryFolder(t);
    await call(['users', 'add', 'ada@example.com'], { cwd, input: password });
    const config = loadConfig({ environment: {}, cwd });
    const matches = async (tried: string): Promise<boolean> => {
      const storage = await openStorage(config.storage.url);
      const user = await storage.findUserByEmail('ada@example.com');
      await storage.close();
      return verifyPassword(user?.passwordHash, tried);
    };
    const set = ['users', 'set-password', 'ada@example.com'];
    assert.equal((await call(set, { cwd, input: 'short' })).code, 1);
    assert.equal(await matches(password), true);
    assert.deepEqual(await call(set, { cwd, input: 'another long password' }), {
      code: 0,
      stdout: '✓ ada@example.com has a new password and must sign in again.\n',
      stderr: '',
    });
    assert.equal(await matches(password), false);
    assert.equal(await matches('another long password'), true);
    assert.equal(
      (await call(['users', 'set-password', 'bob@example.com'], { cwd, input: password })).code,
      1,
    );
  });

  test('what is refused is said, and nothing is added', async (t) => {
    const cwd = temporaryFolder(t);
    await call(['users', 'add', 'ada@example.com'], { cwd, input: password });
    const rows: readonly (readonly [args: string[], input: string, code: number, says: RegExp])[] = [
      [['ada@example.com'], password, 1, /^✗ There is an account with that e-mail already\.$/m],
      [['not-an-address'], password, 1, /^✗ That is not an e-mail address\./],
      [['bob@example.com'], 'short', 1, /^✗ That password is too short\./],
      [['bob@example.com'], '', 2, /^✗ A password is needed: exactly one line on standard input\.$/m],
      [['bob@example.com'], 'two lines\nof input here\n', 2, /exactly one line/],
      [['bob@example.com'], 'x'.repeat(5000), 2, /exactly one line/],
    ];
    for (const [args, input, code, says] of rows) {
      const end = await call(['users', 'add', ...args], { cwd, input });
      assert.equal(end.code, code, end.stderr);
      assert.match(end.stderr, says);
      assert.equal(end.stdout, '');
      if (input.length > 5) assert.ok(!end.stderr.includes(input.trim()), 'the password is not repeated');
      assertPlain(end);
    }
    assert.equal(
      (JSON.parse((await call(['users', 'list', '--json'], { cwd })).stdout) as unknown[]).length,
      1,
    );
  });
});

describe('registration', () => {
  test('tokens are shown once, limited as asked, listed with their use, and revoked', async (t) => {
    const cwd = temporaryFolder(t);
    const at = (...args: string[]) => call(['registration', 'tokens', ...args], { cwd });
    assert.match((await at('list')).stdout, /^There is no token yet\. Make one: /);
    const added = await at('add', 'ci', '--expires', '30d', '--uses', '10', '--json');
    const made = JSON.parse(added.stdout) as Record<string, unknown>;
    const { initial_access_token, expiresAt, createdAt, ...others } = made;
    assert.match(String(initial_access_token), /^[\w-]{43}$/);
    assert.equal(Number(expiresAt) - Number(createdAt), 30 * 24 * 3600);
    assert.deepEqual(others, { name: 'ci', maxUses: 10, uses: 0 });
    const said = await at('add', 'for_ever');
    assert.match(said.stdout, /^✓ Made the token for_ever; it registers any number of clients\.$/m);
    assert.match(said.stdout, /initial_access_token {2}[\w-]{43}$/m);
    assertPlain(said);
    const list = await at('list');
    assert.match(list.stdout, /^ci +0 +never +good until \d{4}-\d\d-\d\d \d\d:\d\d, for 10 more$/m);
    assert.match(list.stdout, /^for_ever +0 +never +good until it is revoked$/m);
    for (const { stdout } of [list, await at('list', '--json')])
      assert.ok(!stdout.includes(String(initial_access_token)) && !stdout.includes('digest'));

    for (const [args, code, says] of [
      [['add', 'ci'], 1, /There is a token ci already\./],
      [['add', 'a.b'], 2, /a\.b is no name for a token\./],
      [['add', 'x', '--expires', '30'], 2, /--expires 30 is no time/],
      [['add', 'x', '--uses', '0'], 2, /--uses 0 is no number of clients\./],
      [['revoke', 'nobody'], 1, /There is no token nobody\./],
    ] as const) {
      const end = await at(...args);
      assert.equal(end.code, code, args.join(' '));
      assert.match(end.stderr, says);
      assertPlain(end);
    }
    assert.equal((await at('revoke', 'ci')).code, 0);
    assert.ok(!(await at('list')).stdout.includes('ci '));

    const environment = { SALLYPORT_REGISTRATION_ACCESS_TOKEN: 'a-configured-access-token' };
    const configured = await call(['registration', 'tokens', 'list'], { cwd, environment });
    assert.match(configured.stdout, /^registration\.accessToken +good until taken out there$/m);
    assert.ok(!configured.stdout.includes('a-configured'));
    const name = 'registration.accessToken';
    const kept = await call(['registration', 'tokens', 'revoke', name], { cwd, environment });
    assert.match(kept.stderr, /is in the configuration, so nothing was done\./);
    const check = await call(['check'], { cwd, environment });
    assert.match(check.stdout, /registration +token: clients register with an initial access token/);
  });
});

describe('clients', () => {
  test('wait, are approved and refused', async (t) => {
    const cwd = temporaryFolder(t);
    assert.match((await call(['clients', 'list', '--waiting'], { cwd })).stdout, /^No client waits/);
    const storage = await openStorage(`sqlite:${join(cwd, 'data', 'sallyport.db')}`);
    const redirect_uris = ['https://app.example.com/callback'];
    for (const [client_id, admission] of [
      ['-hyphens-first_0123456', { admission: 'waiting' }],
      ['in', {}],
    ] as const)
      await storage.addClient({
        client_id,
        metadata: {
          client_name: `App ${client_id}`,
          redirect_uris,
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
        registeredBy: 'dynamic',
        createdAt: 1,
        traceId: 't',
        ...admission,
      });
    await storage.close();
    const waiting = await call(['clients', 'list', '--waiting'], { cwd });
    assert.match(waiting.stdout, /^-hyphens-first_0123456 .* itself; waits for approval /m);
    assert.doesNotMatch(waiting.stdout, /^in /m);
    const approved = await call(['clients', 'approve', '-hyphens-first_0123456'], { cwd });
    assert.equal(
      approved.stdout,
      `✓ Approved App -hyphens-first_0123456. People can allow it now.\n  It sends them to ${redirect_uris[0]}\n`,
    );
    assert.match((await call(['clients', 'list', '--waiting'], { cwd })).stdout, /^No client waits/);
    assert.match((await call(['clients', 'refuse', 'in'], { cwd })).stdout, /^✓ Refused App in\./);
    const list = await call(['clients', 'list'], { cwd });
    assert.match(list.stdout, /itself; approved/);
    assert.match(list.stdout, /itself; refused/);
    const nobody = await call(['clients', 'refuse', 'nobody'], { cwd });
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^✗ There is no client nobody\.$/m);
  });

  const callback = 'https://app.example.com/callback';

  test('are added, listed, given a new secret, and removed', async (t) => {
    const cwd = temporaryFolder(t);
    assert.match((await call(['clients', 'list'], { cwd })).stdout, /^There is no client yet\./);
    const added = await run(
      ['clients', 'add', '--name', 'App', '--redirect-uri', callback, '--confidential', '--json'],
      { cwd },
    );
    assert.equal(added.code, 0, added.stderr);
    const { client_id, client_secret, ...rest } = JSON.parse(added.stdout) as Record<string, string>;
    assert.ok(client_id !== undefined && client_secret !== undefined);
    assert.equal(rest['token_endpoint_auth_method'], 'client_secret_basic');
    assert.equal(rest['registeredBy'], 'operator');

    const list = await run(['clients', 'list', '--json'], { cwd });
    const [listed] = JSON.parse(list.stdout) as Record<string, unknown>[];
    assert.deepEqual(listed, { client_id, ...rest });
    assert.ok(
      !list.stdout.includes(client_secret) && !list.stdout.includes('Digest'),
      'a secret is shown once',
    );
    assert.match(
      (await call(['clients', 'list'], { cwd })).stdout,
      new RegExp(`^${client_id} +App +${callback} +client_secret_basic +operator +never$`, 'm'),
    );

    const rotated = await run(['clients', 'rotate-secret', client_id], { cwd });
    assert.equal(rotated.code, 0, rotated.stderr);
    const secret = /client_secret {2}(\S+)/.exec(rotated.stdout)?.[1];
    assert.ok(secret !== undefined && secret !== client_secret);

    assert.equal((await run(['clients', 'remove', client_id], { cwd })).code, 0);
    assert.deepEqual(await run(['clients', 'remove', client_id], { cwd }), {
      code: 1,
      stdout: '',
      stderr: `✗ There is no client ${client_id}.\n  → See all: npm run -s sallyport -- clients list\n`,
    });
  });

  test('of a server elsewhere may ask about its tokens, by name or by URL, and nothing else', async (t) => {
    const cwd = temporaryFolder(t);
    const resource = 'http://localhost:8000/mcp';
    const add = ['clients', 'add', '--name', 'Notes', '--introspects'];
    const added = await call([...add, 'records', '--introspects', 'HTTP://LOCALHOST:8000/mcp/', '--json'], {
      cwd,
    });
    assert.equal(added.code, 0, added.stderr);
    const { client_id, client_secret, ...rest } = JSON.parse(added.stdout) as Record<string, unknown>;
    assert.deepEqual(rest['introspects'], [resource]);
    assert.deepEqual([rest['redirect_uris'], rest['grant_types']], [[], []]);
    assert.match(String(client_secret), /^\S{40,}$/);
    const list = await call(['clients', 'list'], { cwd });
    assert.match(
      list.stdout,
      new RegExp(`^${String(client_id)} +Notes +${resource} +client_secret_basic +operator +never$`, 'm'),
    );
    writeFileSync(
      join(cwd, 'sallyport.yaml'),
      'resources: [{ name: elsewhere, resource: "https://notes.example.com/mcp", scopes: { read: read } }]',
    );
    const elsewhere = await call([...add, 'elsewhere', '--json'], { cwd });
    assert.match(elsewhere.stdout, /"introspects": \[\n +"https:\/\/notes\.example\.com\/mcp"\n/);
    for (const [args, says] of [
      [[...add, 'notes'], /^✗ --introspects notes is no server of this configuration\.\n.*records \(http/],
      [[...add, 'records', '--redirect-uri', callback], /^✗ --introspects goes with --name only/],
      [[...add, 'records', '--auth-method', 'none'], /^✗ --introspects goes with --name only/],
    ] as const) {
      const end = await call(args, { cwd });
      assert.equal(end.code, 2);
      assert.match(end.stderr, says);
      assertPlain(end);
    }
  });

  test('a machine client is added, shown, given other scopes, and is no account that could be changed', async (t) => {
    const cwd = temporaryFolder(t);
    const resource = 'http://localhost:8000/mcp';
    const add = ['clients', 'add', '--name', 'Nightly export', '--own-scope'];
    const added = await call([...add, 'records:read,write', '--json'], { cwd });
    assert.equal(added.code, 0, added.stderr);
    const { client_id, client_secret, ...rest } = JSON.parse(added.stdout) as Record<string, unknown>;
    assert.match(String(client_secret), /^\S{40,}$/);
    assert.deepEqual(rest['ownScope'], { [resource]: ['read', 'write'] });
    assert.deepEqual(rest['grant_types'], ['client_credentials']);
    assert.deepEqual(rest['redirect_uris'], []);
    const id = String(client_id);
    assert.match(
      (await call(['clients', 'list'], { cwd })).stdout,
      /http:\/\/localhost:8000\/mcp: read write/,
    );
    const narrowed = await call(['clients', 'set-own-scope', id, '--own-scope', 'records:read'], { cwd });
    assert.match(narrowed.stdout, /may have http:\/\/localhost:8000\/mcp: read\. Tokens beyond that/);
    const none = await call(['clients', 'set-own-scope', id, '--none'], { cwd });
    assert.match(none.stdout, /nothing for itself any more/);

    const storage = await openStorage(`sqlite:${join(cwd, 'data', 'sallyport.db')}`);
    t.after(() => storage.close());
    const ownScope = { [resource]: ['read'] };
    await storage.setOwnScope({ client_id: id, ownScope, now: 1 });
    const client = (await storage.findClient(id))!;
    const times = { createdAt: 1, expiresAt: 2 };
    const grant = { id: 'g', userId: id, clientId: id, resource, scope: ['read'], traceId: 't', ...times };
    assert.notEqual(await storage.keepOwnGrant({ client, grant, now: 1 }), 'gone');
    const list = await call(['users', 'list'], { cwd });
    assert.match(list.stdout, new RegExp(`Nightly export +service account of ${id}`));
    const [listed] = JSON.parse((await call(['users', 'list', '--json'], { cwd })).stdout) as Record<
      string,
      unknown
    >[];
    assert.equal(listed?.['clientId'], id);
    assert.ok(!('email' in listed));
    const checked = await call(['check'], { cwd });
    assert.match(checked.stdout + checked.stderr, /there is none, so nobody can sign in/);
    for (const args of [
      ['remove', '--', id],
      ['set-password', '--password', 'correct horse battery', '--', id],
    ]) {
      const refused = await call(['users', ...args], { cwd });
      assert.equal(refused.code, 1, refused.stdout);
      assert.match(refused.stderr, /is the service account of a client: it has no password/);
    }
    assert.equal((await call(['clients', 'remove', id], { cwd })).code, 0);
    assert.deepEqual(await storage.listUsers(), []);
    const app = await call(['clients', 'add', '--redirect-uri', callback, '--json'], { cwd });
    const { client_id: other } = JSON.parse(app.stdout) as { client_id: string };
    const refused = await call(['clients', 'set-own-scope', other, '--own-scope', 'records:read'], { cwd });
    assert.match(refused.stderr, /is no machine client/);
  });

  test('a public client has no secret to show or to rotate', async (t) => {
    const cwd = temporaryFolder(t);
    const added = await call(
      ['clients', 'add', '--redirect-uri', 'http://127.0.0.1/callback', '--redirect-uri', callback],
      { cwd },
    );
    assert.equal(added.code, 0, added.stderr);
    assert.ok(!added.stdout.includes('secret'));
    const client_id = /client_id +(\S+)/.exec(added.stdout)?.[1] ?? '';
    const rotated = await call(['clients', 'rotate-secret', client_id], { cwd });
    assert.equal(rotated.code, 1);
    assert.match(rotated.stderr, /has no secret: it is a public client/);
  });

  test('what is refused is said', async (t) => {
    const cwd = temporaryFolder(t);
    const rows: readonly (readonly [args: string[], code: number, says: RegExp])[] = [
      [['add'], 2, /^✗ A client needs at least one redirect URI\.$/m],
      [['add', '--redirect-uri', 'javascript:alert(1)'], 2, /^✗ redirect_uris needs at least one usable URI/],
      [
        ['add', '--redirect-uri', callback, '--auth-method', 'tls_client_auth'],
        2,
        /--auth-method tls_client_auth is not supported/,
      ],
      [
        ['add', '--redirect-uri', callback, '--auth-method', 'none', '--confidential'],
        2,
        /contradict each other/,
      ],
      [
        ['add', '--own-scope', 'recrods:read'],
        2,
        /names no server of this configuration\.\n.*Did you mean records\?/,
      ],
      [['add', '--own-scope', 'records'], 2, /records names no scope/],
      [
        ['add', '--own-scope', 'records:read,wirte'],
        2,
        /names "wirte", which records has not\.\n.*Did you mean write\?/,
      ],
      [['add', '--own-scope', 'records:read', '--redirect-uri', callback], 2, /asks for itself/],
      [['add', '--own-scope', 'records:read', '--auth-method', 'none'], 2, /must be able to prove who it is/],
      [['set-own-scope', 'nobody'], 2, /^✗ Say either what it may ask for itself/],
      [['set-own-scope', 'nobody', '--none'], 1, /^✗ There is no client nobody\.$/m],
      [['remove', '-startsWithAHyphen_abc'], 1, /^✗ There is no client -startsWithAHyphen_abc\.$/m],
    ];
    for (const [args, code, says] of rows) {
      const end = await call(['clients', ...args], { cwd });
      assert.equal(end.code, code, end.stderr);
      assert.match(end.stderr, says);
      assertPlain(end);
    }
    assert.match((await call(['clients', 'list'], { cwd })).stdout, /^There is no client yet\./);
  });
});

describe('serve', () => {
  test('says how to connect and how to make the first account; a restart keeps everything', async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const server = await serving(t, cwd, port);
    const [, setup] = await server.says(/^ {2}(http:\/\/localhost:\d+\/sign-up\?setup=\S+)$/m);
    await server.says(/VS Code/);
    const { stdout } = server.output();
    assert.match(stdout, new RegExp(`MCP URL \\(Records\\)  ${origin}/mcp`));
    assert.match(stdout, new RegExp(`claude mcp add --transport http records ${origin}/mcp`));
    const metadata = (await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json()) as {
      issuer: string;
    };
    assert.equal(metadata.issuer, origin);
    const jwks = await (await fetch(`${origin}/oauth/jwks`)).text();

    // A command beside the running server.
    await run(['users', 'add', 'ada@example.com'], { cwd, input: password });
    server.kill('SIGTERM');
    const end = await server.ended;
    assert.equal(end.code, 0);
    assert.match(end.stdout, /Stopped; everything is kept\.\n$/);
    assert.equal(end.stderr, '');

    const again = await serving(t, cwd, port);
    assert.equal(await (await fetch(`${origin}/oauth/jwks`)).text(), jwks, 'the same keys');
    await again.says(/VS Code/);
    assert.ok(!again.output().stdout.includes('setup='), 'the first account has been made');
    assert.ok(setup?.startsWith(origin));
  });

  test('Ctrl-C ends it within a second, with an open stream and an idle connection, exit code 0', async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const server = await serving(t, cwd, port);
    await (await fetch(`http://localhost:${port}/health`)).text();
    const asked = performance.now();
    server.kill('SIGINT');
    // What `npm start` passes on of the same key; no second wish.
    server.kill('SIGINT');
    const { code } = await server.ended;
    assert.equal(code, 0);
    // Generous, because the machine may be busy with other tests.
    assert.ok(performance.now() - asked < 5000);
    await assert.rejects(fetch(`http://localhost:${port}/health`));
  });

  test('an end without warning loses nothing', async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const server = await serving(t, cwd, port);
    const registered = await fetch(`http://localhost:${port}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'App', redirect_uris: ['https://app.example.com/callback'] }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    await server.says(/^\d\d:\d\d:\d\d {2}App registered\.$/m);
    server.kill('SIGKILL');
    await server.ended;
    const listed = JSON.parse((await call(['clients', 'list', '--json'], { cwd })).stdout) as {
      client_id: string;
    }[];
    assert.deepEqual(
      listed.map((client) => client.client_id),
      [client_id],
    );
  });

  const broken: readonly (readonly [
    name: string,
    prepare: (cwd: string) => void,
    environment: Record<string, string>,
    code: number,
    stderr: RegExp,
  ])[] = [
    [
      'a public issuer on plain http',
      () => undefined,
      { SALLYPORT_PUBLIC_URL: 'http://mcp.example.com' },
      2,
      /^✗ The configuration has one problem, so nothing was done\.\n\n {2}SALLYPORT_PUBLIC_URL\n {2}publicUrl is a public address on plain http, .*\n {2}→ Write: SALLYPORT_PUBLIC_URL=https:\/\/mcp\.example\.com .*\n$/,
    ],
    [
      'an unset ${VAR} and an unknown key',
      (cwd) => writeFileSync(join(cwd, 'sallyport.yaml'), 'look: { name: "${NOWHERE}" }\npublicUlr: x\n'),
      {},
      2,
      /^✗ The configuration has 2 problems, so nothing was done\.\n\n {2}sallyport\.yaml:1:9\n {2}look\.name needs the environment variable NOWHERE, which is not set\.\n {2}→ Set it before starting: export NOWHERE=…\n\n {2}sallyport\.yaml:2:1\n {2}publicUlr is not a key that Sallyport knows\.\n {2}→ Did you mean `publicUrl`\?\n$/,
    ],
    [
      'a data folder that cannot be made',
      (cwd) => writeFileSync(join(cwd, 'a-file'), ''),
      { SALLYPORT_DATA: 'a-file/data' },
      1,
      /^✗ The data folder \S+a-file\/data cannot be made \(ENOTDIR\)\.\n {2}→ Choose a folder that this user may write, for example: SALLYPORT_DATA=\$HOME\/sallyport\n$/,
    ],
    [
      'a database that is none',
      (cwd) => damagedDatabase(cwd),
      {},
      1,
      /^✗ The database \S+sallyport\.db is not a database\. Move the file away, or name another one in storage\.url/,
    ],
    [
      'an address that this machine does not have',
      () => undefined,
      { SALLYPORT_LISTEN_HOST: '192.0.2.1' },
      2,
      /^✗ This machine has no address "192\.0\.2\.1" to listen on\.\n/,
    ],
  ];
  for (const [name, prepare, environment, code, stderr] of broken) {
    test(`${name}: says what and what to do, and exits with ${code}`, async (t) => {
      const cwd = temporaryFolder(t);
      prepare(cwd);
      const end = await call(['serve'], { cwd, environment });
      assert.equal(end.code, code, end.stderr);
      assert.match(end.stderr, stderr);
      assert.equal(end.stdout, '');
      assertPlain(end);
    });
  }

  test('a port in use: says what to do, and exits with 1', async (t) => {
    const cwd = temporaryFolder(t);
    for (const host of ['127.0.0.1', '::1']) {
      const port = await freePort();
      const other = createServer().listen({ host, port });
      await once(other, 'listening');
      const end = await run(['serve'], { cwd, environment: { SALLYPORT_LISTEN_PORT: String(port) } });
      other.close();
      assert.deepEqual(end, {
        code: 1,
        stdout: '',
        stderr: `✗ Port ${port} on localhost is already in use.\n  Another program listens there, perhaps another Sallyport, so nothing was started.\n  → Stop it, or choose another port: SALLYPORT_LISTEN_PORT=${port + 1} npm run -s sallyport -- serve\n`,
      });
    }
  });

  test('secrets of another database are refused', async (t) => {
    const [cwd, other] = [temporaryFolder(t), temporaryFolder(t)];
    const port = await freePort();
    for (const folder of [cwd, other]) {
      const server = await serving(t, folder, port);
      server.kill('SIGTERM');
      await server.ended;
    }
    rmSync(join(cwd, 'data', 'secrets.json'));
    const environment = {
      SALLYPORT_DATA: join(other, 'data'),
      SALLYPORT_STORAGE_URL: `sqlite:${join(cwd, 'data', 'sallyport.db')}`,
    };
    const end = await run(['serve'], {
      cwd,
      environment: { ...environment, SALLYPORT_LISTEN_PORT: String(port) },
    });
    assert.equal(end.code, 1);
    assert.match(end.stderr, /^✗ secrets\.json does not belong to this database/);
    const check = await call(['check', '--json'], { cwd, environment });
    assert.equal(check.code, 1);
    assert.match(check.stdout, /its signing key was sealed with another secrets\.json/);
  });

  test('--debug adds where an error came from', async (t) => {
    const cwd = temporaryFolder(t);
    damagedDatabase(cwd);
    assert.match((await call(['serve', '--debug'], { cwd })).stderr, /^\s+at /m);
    assert.match((await call(['--debug', 'serve'], { cwd })).stderr, /^\s+at /m);
  });
});

/** With the secrets that a real one would have. */
function damagedDatabase(cwd: string): void {
  mkdirSync(join(cwd, 'data'));
  const key = Buffer.alloc(32, 7).toString('base64url');
  const one = { id: 'k1', key };
  writeFileSync(
    join(cwd, 'data', 'secrets.json'),
    JSON.stringify({ version: 1, keys: { sealing: one, cookies: one, derivation: one } }),
    { mode: 0o600 },
  );
  writeFileSync(join(cwd, 'data', 'sallyport.db'), 'This was a database once.\n'.repeat(400));
}

describe('check', () => {
  interface Finding {
    readonly about: string;
    readonly state: string;
    readonly says: string;
  }

  async function findings(
    cwd: string,
    environment: Record<string, string> = {},
  ): Promise<[number | null, Record<string, string>]> {
    const { code, stdout } = await call(['check', '--json'], { cwd, environment });
    const all = JSON.parse(stdout) as Finding[];
    return [code, Object.fromEntries(all.map(({ about, state }) => [about, state]))];
  }

  test('before the first start all is well, and nothing is made', async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const environment = {
      SALLYPORT_LISTEN_PORT: String(port),
      SALLYPORT_PUBLIC_URL: 'https://mcp.example.com',
      SALLYPORT_TRUSTED_PROXIES: '127.0.0.1',
    };
    assert.deepEqual(await findings(cwd, environment), [
      0,
      {
        configuration: 'ok',
        publicUrl: 'ok',
        registration: 'ok',
        port: 'ok',
        data: 'ok',
        secrets: 'ok',
        database: 'ok',
      },
    ]);
    const end = await call(['check'], { cwd, environment });
    assert.match(end.stdout, /^ok +configuration +no file, so the defaults apply$/m);
    assert.match(end.stdout, /^ok +data +\S+\/data will be made at the first start$/m);
    assertPlain(end);
    assert.deepEqual(readdirSync(cwd), []);
  });

  test('knows its own running server from another program on the port', async (t) => {
    const cwd = temporaryFolder(t);
    const port = await freePort();
    const environment = { SALLYPORT_LISTEN_PORT: String(port) };
    await serving(t, cwd, port);
    const [code, states] = await findings(cwd, environment);
    assert.equal(code, 0);
    assert.equal(states['port'], 'ok');
    assert.equal(states['accounts'], 'warn');
    const [otherCode, otherStates] = await findings(cwd, {
      ...environment,
      SALLYPORT_PUBLIC_URL: 'https://mcp.example.com',
    });
    assert.equal(otherCode, 1);
    assert.equal(otherStates['port'], 'fail');
  });

  test("tries somebody else's authorization server", async (t) => {
    const cwd = temporaryFolder(t);
    let document: Record<string, unknown> = {};
    const server = createHttpServer((_, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const environment = {
      SALLYPORT_LISTEN_PORT: String(await freePort()),
      SALLYPORT_AUTHORIZATION_SERVER_ISSUER: issuer,
    };
    const said = async (): Promise<[number | null, string[]]> => {
      const { code, stdout } = await call(['check', '--json'], { cwd, environment });
      const all = (JSON.parse(stdout) as Finding[]).filter(({ about }) => about === 'authorizationServer');
      return [code, all.map(({ state, says }) => `${state} ${says}`)];
    };
    const whole = {
      issuer,
      jwks_uri: `${issuer}/jwks`,
      registration_endpoint: `${issuer}/register`,
      code_challenge_methods_supported: ['S256'],
    };
    document = whole;
    assert.deepEqual(await said(), [0, [`ok ${issuer} publishes its metadata`]]);
    document = { issuer, jwks_uri: `${issuer}/jwks` };
    const [code, [, pkce, clients]] = await said();
    assert.equal(code, 0);
    assert.match(pkce ?? '', /^warn its metadata does not offer PKCE with S256/);
    assert.match(clients ?? '', /^warn it lets no client register itself/);
    document = { ...whole, jwks_uri: undefined };
    assert.match((await said())[1].join(), /fail its metadata names no keys/);
    document = { ...whole, issuer: `${issuer}/` };
    const [failed, [complaint]] = await said();
    assert.equal(failed, 1);
    assert.match(complaint ?? '', /^fail .*names another issuer/);
  });

  test('finds what would keep the server from starting', async (t) => {
    const cwd = temporaryFolder(t);
    damagedDatabase(cwd);
    const [code, states] = await findings(cwd);
    assert.equal(code, 1);
    assert.equal(states['database'], 'fail');
    rmSync(join(cwd, 'data', 'secrets.json'));
    assert.equal((await findings(cwd))[1]['secrets'], 'fail');
    rmSync(join(cwd, 'data'), { recursive: true });
    writeFileSync(join(cwd, 'data'), '');
    assert.equal((await findings(cwd))[1]['data'], 'fail');
    assert.equal((await call(['check'], { cwd, environment: { SALLYPORT_LISTEN_PORT: 'x' } })).code, 2);
  });

  test('warns of what is allowed and rarely meant', async (t) => {
    const cwd = temporaryFolder(t);
    const port = String(await freePort());
    writeFileSync(
      join(cwd, 'sallyport.yaml'),
      'publicUrl: https://mcp.example.com\nsignIn: [{ provider: password, signUp: true }]\n',
    );
    const behindProxy = (await findings(cwd, { SALLYPORT_LISTEN_PORT: port }))[1];
    assert.equal(behindProxy['signIn'], 'warn');
    assert.equal(behindProxy['trustedProxies'], 'warn');
    rmSync(join(cwd, 'sallyport.yaml'));
    const [code, states] = await findings(cwd, {
      SALLYPORT_LISTEN_PORT: port,
      SALLYPORT_LISTEN_HOST: '0.0.0.0',
    });
    assert.equal(code, 0);
    assert.equal(states['listen'], 'warn');
    assert.equal(states['publicUrl'], 'warn');
    assert.equal(states['trustedProxies'], undefined);
    const environment = { SALLYPORT_LISTEN_PORT: port, SALLYPORT_PUBLIC_URL: 'http://localhost:9' };
    const elsewhere = await call(['check'], { cwd, environment });
    assert.match(
      elsewhere.stdout,
      /http:\/\/localhost:9 has another port than the one that is listened on, \d+\n/,
    );
  });
});

test('schema prints the JSON schema', async (t) => {
  const { code, stdout } = await call(['schema'], { cwd: temporaryFolder(t) });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { title: string }).title, 'Sallyport configuration');
});

test('colour is for terminals, or for who asks for it', async (t) => {
  const cwd = temporaryFolder(t);
  // oxlint-disable-next-line no-control-regex -- colour is what is looked for
  const colour = /\x1b\[/;
  assert.match((await run(['--help'], { cwd, environment: { FORCE_COLOR: '1' } })).stdout, colour);
  assert.doesNotMatch((await run(['--help'], { cwd, environment: { NO_COLOR: '1' } })).stdout, colour);
});
