// docs/moving-from-mxcp.md, step by step: its two files are given to the program, its command is run by a shell, and people
// come in by GitHub as emulate has it and by Atlassian's double. Only the addresses of the providers are others.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readDocument } from '../../../tools/docs.ts';
import { decideAt, mia, openAtlassian, site } from './atlassian-double.ts';
import { emulate, people, pressAt } from './emulated.ts';
import { leftTo, openBrowserAt, pageOf, type Site } from './house/browser.ts';
import { askMcp, askToken, authorizationUrl, type Registered, type Tokens } from './house/client.ts';
import { freePort } from './program/free-port.ts';
import { start, type Running } from './program/run.ts';

const path = 'docs/moving-from-mxcp.md';
const root = join(import.meta.dirname, '../../..');
const { fences } = readDocument(path, readFileSync(join(root, path), 'utf8'));
const [github = '', atlassian = ''] = fences.flatMap(({ language, text }) =>
  language === 'yaml' ? [text] : [],
);
const command = fences.find(({ text }) => text.includes('/register'))?.text ?? '';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-moving-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Served extends Site {
  readonly program: Running;
  readonly port: number;
}

/** The program with this file; its data is in the folder, its secrets are the environment's. */
async function serve(
  t: { after(done: () => Promise<void>): void },
  yaml: string,
  { port, environment }: { readonly port: number; readonly environment: Readonly<Record<string, string>> },
): Promise<Served> {
  const cwd = mkdtempSync(join(folder, 'served-'));
  const origin = `http://localhost:${port}`;
  const local = yaml.replace(/^publicUrl: .*$/m, `publicUrl: ${origin}\nlisten: { port: ${port} }`);
  writeFileSync(join(cwd, 'sallyport.yaml'), local);
  const program = start(['serve'], { cwd, environment });
  t.after(async () => {
    program.kill('SIGKILL');
    await program.ended;
  });
  await program.says(/\/sign-up\?setup=/);
  const ask: Site['ask'] = (where, init) => fetch(new URL(where, origin), { redirect: 'manual', ...init });
  return { origin, ask, program, port };
}

/** The first account, by the link that the program prints; then the client, whose browser it is. */
async function signInWith(
  served: Served,
  client: Registered,
  { provider, press }: { readonly provider: string; readonly press: (url: string) => Promise<string> },
) {
  const { origin, program } = served;
  const browser = openBrowserAt(served);
  const [setup] = await program.says(/http:\/\/\S+\/sign-up\?setup=\S+/);
  const began = pageOf(await browser.open(setup));
  const back = await press(leftTo(await browser.submit(began, {}, `/sign-in/${provider}`)).href);
  assert.equal(pageOf(await browser.open(back)).status, 200);

  const redirect_uri = 'https://myapp.example.com/oauth/callback';
  const asked = authorizationUrl(client, { scope: 'mxcp:access', resource: `${origin}/mcp`, redirect_uri });
  const url = asked.url.replace('/oauth/authorize', '/authorize');
  const consent = pageOf(await browser.open(url));
  const code = leftTo(await browser.submit(consent, { decision: 'allow' })).searchParams.get('code');
  assert.ok(code);
  const { client_id, client_secret = '' } = client;
  const answer = await askToken(
    served,
    { grant_type: 'authorization_code', code, redirect_uri, code_verifier: asked.code_verifier },
    { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
  );
  assert.equal(answer.status, 200, await answer.clone().text());
  return { tokens: (await answer.json()) as Tokens, browser };
}

/** What every call says of who made it. */
const callIn = ({ program }: Served): Record<string, unknown> => {
  const line = program
    .output()
    .stderr.split('\n')
    .find((one) => one.includes('"mcp_request"'));
  assert.ok(line, program.output().stderr);
  return JSON.parse(line) as Record<string, unknown>;
};

describe('the guide of MXCP', () => {
  it('GitHub: its keys, its variables, its callback, a client that registers at /register as before', async (t) => {
    const port = await freePort();
    const hub = await emulate('github', [`http://localhost:${port}/github/callback`]);
    t.after(() => hub.close());
    const theirs = github
      .replace('https://github.com/login/oauth/authorize', `${hub.url}/login/oauth/authorize`)
      .replace(
        'https://github.com/login/oauth/access_token',
        `${hub.url}/login/oauth/access_token\n    apiUrl: ${hub.url}`,
      );
    const served = await serve(t, theirs, {
      port,
      environment: { GITHUB_CLIENT_ID: hub.clientId, GITHUB_CLIENT_SECRET: hub.clientSecret },
    });
    const here = command.replace('http://localhost:8000', served.origin);
    const { stdout } = await promisify(execFile)('bash', ['-c', here], {
      env: { PATH: process.env['PATH'] },
    });
    const client = JSON.parse(stdout) as Registered;
    for (const member of [
      'client_id',
      'client_secret',
      'client_id_issued_at',
      'redirect_uris',
      'grant_types',
    ])
      assert.ok(member in client, member);

    const { tokens, browser } = await signInWith(served, client, {
      provider: 'github',
      press: (url) => {
        assert.equal(new URL(url).searchParams.get('scope'), 'user:email');
        return pressAt(url, people.ada.login);
      },
    });
    assert.equal((await askMcp(served, tokens.access_token)).status, 200);
    const { provider, userName, userEmail } = callIn(served);
    assert.deepEqual(
      { provider, userName, userEmail },
      {
        provider: 'github',
        userName: people.ada.name,
        userEmail: people.ada.email,
      },
    );

    // The client of its command line, which is in the file, registers nowhere.
    const { url } = authorizationUrl(
      { client_id: 'aa27466a-fd71-4c2a-9ecf-8b5db5d34384' },
      { resource: `${served.origin}/mcp`, redirect_uri: 'http://127.0.0.1:49153/oauth/callback' },
    );
    const page = pageOf(await browser.open(url.replace('/oauth/authorize', '/authorize')));
    assert.equal(page.status, 200);
    assert.match(page.html, /MCP CLI Development Client/);
  });

  it('Atlassian: its keys, a confidential client of the file, people of one domain', async (t) => {
    const port = await freePort();
    const there = await openAtlassian(`http://localhost:${port}/atlassian/callback`);
    t.after(() => there.close());
    const theirs = atlassian
      .replace('example.atlassian.net', new URL(site.url).host)
      .replace('https://auth.atlassian.com/authorize', `${there.url}/authorize`)
      .replace(
        'https://auth.atlassian.com/oauth/token',
        `${there.url}/oauth/token\n    apiUrl: ${there.url}`,
      );
    const secret = '8d1f0c5ae2b74963a1d8f2c6b7e90435';
    const served = await serve(t, theirs, {
      port,
      environment: {
        ATLASSIAN_CLIENT_ID: there.clientId,
        ATLASSIAN_CLIENT_SECRET: there.clientSecret,
        MY_APP_CLIENT_SECRET: secret,
      },
    });
    const client = { client_id: 'my-custom-app-client-id', client_secret: secret };
    const { tokens } = await signInWith(served, client, {
      provider: 'atlassian',
      press: (url) => decideAt(url),
    });
    assert.equal((await askMcp(served, tokens.access_token)).status, 200);
    const { provider, userName, userEmail } = callIn(served);
    // Nobody has verified her address.
    assert.deepEqual(
      { provider, userName, userEmail },
      {
        provider: 'atlassian',
        userName: mia.name,
        userEmail: undefined,
      },
    );
  });

  it('what is missing is said at the start, each with where it is found', async () => {
    const cwd = mkdtempSync(join(folder, 'incomplete-'));
    const withoutSecret = github.replace(/^ +client_secret:.*\n/m, '');
    writeFileSync(join(cwd, 'sallyport.yaml'), withoutSecret);
    const { code, stderr } = await start(['serve'], { cwd }).ended;
    assert.equal(code, 2);
    assert.match(stderr, /GITHUB_CLIENT_ID/);
    assert.match(stderr, /clientSecret/);
    assert.match(stderr, /github\.com\/settings\/developers/);
  });
});
