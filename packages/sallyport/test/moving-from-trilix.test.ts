// docs/moving-from-trilix.md, step by step: its configuration, its commands as they stand there, and a GPT Action and
// Claude as that guide sets them up. Only the host is another.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readDocument } from '../../../tools/docs.ts';
import { loadConfig } from '../src/config/index.ts';
import { emulate, people, pressAt } from './emulated.ts';
import { leftTo, openBrowserAt, pageOf } from './house/browser.ts';
import { authorizationUrl, EMAIL, PASSWORD, signInAt, type Registered } from './house/client.ts';
import { openListeningHouse, type ListeningHouse } from './house/listening-house.ts';
import { openHouse } from './house/open-house.ts';

const path = 'docs/moving-from-trilix.md';
const root = join(import.meta.dirname, '../../..');
const { fences } = readDocument(path, readFileSync(join(root, path), 'utf8'));
const [wholeFile, withClerk] = fences.filter(({ language }) => language === 'yaml');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-moving-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The one command of the document that has these words. */
function commandWith(words: string): string {
  const found = fences.filter(({ language, text }) => language === 'sh' && text.includes(words));
  assert.equal(found.length, 1, `${path} has ${found.length} commands with ${words}`);
  return found[0]!.text;
}

/** Runs a command of the document, host aside. @returns what it printed */
async function run(command: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const here = command.replaceAll('https://mcp.example.com', house.origin);
  const env = { PATH: process.env['PATH'], ...environment };
  const { stdout } = await promisify(execFile)('bash', ['-c', here], { cwd: folder, env });
  return stdout;
}

const gpt = 'https://chatgpt.com/aip/g-0123456789abcdef0123456789abcdef01234567/oauth/callback';
const claude = 'https://claude.ai/api/mcp/auth_callback';
const scope = 'mcp:tools mcp:resource';

let house: ListeningHouse;
let token: string;
before(async () => {
  const openssl = (words: string) => promisify(execFile)('bash', ['-c', commandWith(words)], { cwd: folder });
  await openssl('openssl genrsa');
  token = (await openssl('openssl rand')).stdout.trim();
  writeFileSync(join(folder, 'sallyport.yaml'), wholeFile!.text);
  house = await openListeningHouse({
    configure: ({ publicUrl, listen }) => ({
      ...loadConfig({
        environment: {
          OAUTH_ISSUER: `${publicUrl}/`,
          OAUTH_AUDIENCE: publicUrl,
          OAUTH_PRIVATE_KEY_PATH: 'oauth-private-key.pem',
          OAUTH_DCR_ACCESS_TOKEN: token,
          OAUTH_ACCESS_TOKEN_TTL: '60m',
          OAUTH_REFRESH_TOKEN_TTL: '720h',
          OAUTH_AUTH_CODE_TTL: '10m',
        },
        cwd: folder,
      }),
      listen,
    }),
  });
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

const registerAs = async (name: string): Promise<Registered> =>
  JSON.parse(
    await run(commandWith(`"client_name": "${name}"`), { OAUTH_DCR_ACCESS_TOKEN: token }),
  ) as Registered;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

async function askToken(form: Readonly<Record<string, string>>): Promise<Tokens> {
  const response = await house.ask('/oauth/token', { method: 'POST', body: new URLSearchParams(form) });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Tokens;
}

/** Step 7, with a token. */
async function readsItems({ access_token }: Tokens): Promise<void> {
  const answer = JSON.parse(
    await run(commandWith('/api/v1/user/items'), { ACCESS_TOKEN: access_token }),
  ) as object;
  assert.ok('items' in answer, JSON.stringify(answer));
}

describe('the guide of the Trilix server', () => {
  it('step 2: discovery names what it has to', async () => {
    const metadata = JSON.parse(await run(commandWith('.well-known'))) as Record<string, unknown>;
    for (const member of [
      'authorization_endpoint',
      'token_endpoint',
      'jwks_uri',
      'registration_endpoint',
      'code_challenge_methods_supported',
    ])
      assert.ok(member in metadata, member);
  });

  it('step 3: tokens are signed with the key that openssl made, and nobody registers without the token', async () => {
    const { keys } = (await (await house.ask('/oauth/jwks')).json()) as {
      keys: { kty: string; alg: string }[];
    };
    assert.deepEqual(
      keys.map(({ kty, alg }) => `${kty} ${alg}`),
      ['RSA RS256'],
    );
    const refused = JSON.parse(
      await run(commandWith('"client_name": "ChatGPT"'), { OAUTH_DCR_ACCESS_TOKEN: 'another' }),
    ) as { error: string };
    assert.equal(refused.error, 'invalid_token');
  });

  it('steps 4 to 7 for a GPT Action: no PKCE, the secret in the body, the scopes of the guide', async () => {
    const client = await registerAs('ChatGPT');
    assert.ok(client.client_secret);
    const { client_id, client_secret } = client;
    const browser = openBrowserAt(house);
    // What ChatGPT sends: no code_challenge, no resource.
    const asked = authorizationUrl(client, {
      redirect_uri: gpt,
      scope,
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    for (const time of ['first', 'second']) {
      const page = pageOf(await signInAt(browser, await browser.open(asked.url)));
      assert.match(page.html, /ChatGPT/, `asked the ${time} time`);
      const left = leftTo(await browser.submit(page, { decision: 'allow' }));
      assert.equal(`${left.origin}${left.pathname}`, gpt);
      assert.equal(left.searchParams.get('state'), asked.state);
      const code = left.searchParams.get('code') ?? '';
      const authentication = { client_id, client_secret };
      const grant = { grant_type: 'authorization_code', code, redirect_uri: gpt };
      const tokens = await askToken({ ...grant, ...authentication });
      await readsItems(tokens);
      const { refresh_token } = tokens;
      await readsItems(await askToken({ grant_type: 'refresh_token', refresh_token, ...authentication }));
    }
  });

  it('steps 4 to 7 for Claude: a public client with PKCE', async () => {
    const client = await registerAs('Claude Web');
    assert.equal(client.client_secret, undefined);
    const { client_id } = client;
    const browser = openBrowserAt(house);
    const asked = authorizationUrl(client, { redirect_uri: claude, scope });
    const page = pageOf(await signInAt(browser, await browser.open(asked.url)));
    const left = leftTo(await browser.submit(page, { decision: 'allow' }));
    const code = left.searchParams.get('code') ?? '';
    const { code_verifier } = asked;
    const grant = { grant_type: 'authorization_code', code, redirect_uri: claude };
    await readsItems(await askToken({ ...grant, client_id, code_verifier }));
  });

  it('step 6: whoever signs in with Clerk goes on doing so', async (t) => {
    const clerk = await emulate('clerk', ['http://localhost:8000/clerk/callback']);
    t.after(() => clerk.close());
    const there = mkdtempSync(join(folder, 'clerk-'));
    // emulate's Clerk is at an address that no publishable key can hold.
    const theirs = withClerk!.text.replace(/^( +)publishableKey:.*$/m, `$&\n$1issuer: ${clerk.issuer}`);
    writeFileSync(join(there, 'sallyport.yaml'), theirs);
    const key = `pk_test_${Buffer.from('example.clerk.accounts.dev$').toString('base64')}`;
    const config = loadConfig({
      environment: {
        CLERK_PUBLISHABLE_KEY: key,
        CLERK_CLIENT_ID: clerk.clientId,
        CLERK_CLIENT_SECRET: clerk.clientSecret,
      },
      cwd: there,
    });
    const withPeople = await openHouse({ now: Math.floor(Date.now() / 1000), configure: () => config });
    t.after(() => withPeople.close());
    const browser = openBrowserAt(withPeople);
    const began = pageOf(await browser.open((await withPeople.assembled.setupPath()) ?? ''));
    const away = leftTo(await browser.submit(began, {}, '/sign-in/clerk'));
    const back = await pressAt(away.href, people.ada.email);
    assert.equal(pageOf(await browser.open(back)).status, 200);
    const [user] = await withPeople.storage.listUsers();
    assert.deepEqual([user?.email, user?.name], [people.ada.email, people.ada.name]);
  });

  it('is stricter where the document says so: the wildcard is the id of a GPT, and PKCE is asked of all others', async () => {
    const gptClient = await registerAs('ChatGPT');
    const browser = openBrowserAt(house);
    for (const redirect_uri of [
      'https://chatgpt.com/aip/g-x/elsewhere?q=/oauth/callback',
      'https://chatgpt.com/aip/g-x/y/oauth/callback',
      'https://chatgpt.com/aip/g-*/oauth/callback',
    ]) {
      const arrived = await browser.open(authorizationUrl(gptClient, { redirect_uri }).url);
      assert.equal(pageOf(arrived).status, 400, redirect_uri);
    }
    const client = await registerAs('Claude Web');
    const without = { redirect_uri: claude, code_challenge: undefined, code_challenge_method: undefined };
    const left = leftTo(await browser.open(authorizationUrl(client, without).url));
    assert.equal(left.searchParams.get('error'), 'invalid_request');
  });
});
