// `sallyport check` asks each provider whether it is there and is who the configuration says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openAtlassian, type AtlassianDouble } from './atlassian-double.ts';
import { emulate, type Emulated } from './emulated.ts';
import { call } from './program/call.ts';
import { freePort } from './program/free-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-check-providers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly says: string;
  readonly next?: string;
}

async function check(
  signIn: string,
): Promise<{ code: number | null; of: (about: string) => Finding[]; said: string }> {
  const port = await freePort();
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `publicUrl: https://mcp.example.com\nlisten: { port: ${port} }\nsignIn: ${signIn}\n`,
  );
  const end = await call(['check', '--json'], { cwd: folder });
  assert.equal(end.stderr, '');
  const findings = JSON.parse(end.stdout) as Finding[];
  return { code: end.code, of: (about) => findings.filter((one) => one.about === about), said: end.stdout };
}

const app = 'clientId: an-app, clientSecret: the-secret-of-it';

describe('providers that are there', () => {
  let github: Emulated;
  let okta: Emulated;
  let atlassian: AtlassianDouble;
  before(async () => {
    github = await emulate('github', []);
    okta = await emulate('okta', []);
    atlassian = await openAtlassian('https://mcp.example.com/atlassian/callback');
  });
  after(() => Promise.all([github.close(), okta.close(), atlassian.close()]));

  test('pass, each with the callback URL to paste there, and no secret is said', async () => {
    const { code, of, said } = await check(
      [
        '',
        `  - { provider: github, url: '${github.url}', apiUrl: '${github.url}', ${app} }`,
        `  - { provider: atlassian, apiUrl: '${atlassian.url}', callbackPath: /from/atlassian, ${app} }`,
        `  - { provider: okta, id: acme, issuer: '${okta.issuer}', ${app} }`,
      ].join('\n'),
    );
    assert.equal(code, 0);
    const host = new URL(github.url).host;
    assert.deepEqual(of('github'), [
      { about: 'github', state: 'ok', says: `${host} answers` },
      { about: 'github', state: 'ok', says: 'gives an account to whoever has an account there' },
      {
        about: 'github',
        state: 'ok',
        says: 'its callback URL, for https://github.com/settings/developers: https://mcp.example.com/github/callback',
      },
    ]);
    assert.match(of('atlassian').at(-1)?.says ?? '', /: https:\/\/mcp\.example\.com\/from\/atlassian$/);
    assert.deepEqual(
      of('acme').map(({ state }) => state),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
    );
    assert.match(of('atlassian').at(-2)?.says ?? '', /whom you invited/);
    assert.ok(!said.includes('the-secret-of-it'));
  });

  test('say where anybody gets an account', async () => {
    const at = `apiUrl: '${atlassian.url}', ${app}`;
    const { of } = await check(`[{ provider: atlassian, accounts: just-in-time, ${at} }]`);
    const [finding] = of('atlassian').filter(({ state }) => state === 'warn');
    assert.equal(finding?.says, 'gives an account to whoever has an account there, so to anybody');
    assert.match(finding?.next ?? '', /Write allow, or accounts: invited/);
  });

  test('do not pass as somebody else', async () => {
    const other = okta.issuer.replace('127.0.0.1', 'localhost');
    const { code, of } = await check(`[{ provider: oidc, issuer: '${other}', ${app} }]`);
    assert.equal(code, 1);
    assert.match(of('oidc')[0]?.says ?? '', /^upstream_metadata_issuer_differs/);
    assert.match(of('oidc')[0]?.next ?? '', /Write the issuer exactly/);
  });
});

test('a provider that is http, and was written as https, is said to speak no TLS', async () => {
  const nobodysTls = createServer().listen(0, '127.0.0.1');
  await once(nobodysTls, 'listening');
  const { port } = nobodysTls.address() as AddressInfo;
  const { of } = await check(`[{ provider: oidc, issuer: 'https://127.0.0.1:${port}', ${app} }]`);
  nobodysTls.close();
  assert.match(of('oidc')[0]?.says ?? '', /could not be asked \(host_unreachable, (?:EPROTO|ERR_SSL_\w+)\)$/);
  assert.match(of('oidc')[0]?.next ?? '', /speaks no TLS: look whether it is http/);
});

test('providers that cannot be asked do not pass, and it is said that this machine could not reach them', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const { code, of } = await check(
    `[{ provider: github, url: '${nobody}', ${app} }, { provider: oidc, issuer: '${nobody}', ${app} }]`,
  );
  assert.equal(code, 1);
  assert.equal(of('github')[0]?.state, 'fail');
  for (const about of ['github', 'oidc']) {
    assert.match(
      of(about)[0]?.says ?? '',
      /^127\.0\.0\.1(?::\d+)? could not be asked \(host_unreachable, ECONNREFUSED\)$/,
    );
    assert.match(of(about)[0]?.next ?? '', /reach/);
  }
});
