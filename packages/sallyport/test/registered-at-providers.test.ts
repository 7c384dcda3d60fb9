// As whom this server has registered itself at providers: what `sallyport check` says before and after, and how an operator
// sees and forgets it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openStorage, type OutboundRegistration } from '@sallyport/storage';
import { openOidcProvider } from '../../sign-in/test/openid/oidc-provider.ts';
import { call } from './program/call.ts';
import { freePort } from './program/free-port.ts';
import { temporaryFolder } from './program/run.ts';

const publicUrl = 'https://mcp.example.com';
const redirect_uri = `${publicUrl}/keycloak/callback`;

async function open(t: TestContext, { registers = true }: { readonly registers?: boolean } = {}) {
  const registered: string[] = [];
  const listening = registers ? { registered: (id: string) => void registered.push(id) } : {};
  const provider = await openOidcProvider([], { path: '/realms/example', ...listening });
  t.after(() => provider.close());
  const { issuer } = provider;
  const cwd = temporaryFolder(t);
  const url = new URL(issuer).origin;
  const port = await freePort();
  writeFileSync(
    join(cwd, 'sallyport.yaml'),
    `publicUrl: ${publicUrl}\nlisten: { port: ${port} }\nsignIn: [{ provider: keycloak, url: '${url}', realm: example }]\n`,
  );
  const run = (...args: string[]) => call(args, { cwd });
  /** What another row than the first has otherwise. */
  const keep = async (given: Partial<OutboundRegistration> = {}) => {
    await run('users', 'list');
    const storage = await openStorage(`sqlite:${join(cwd, 'data', 'sallyport.db')}`);
    const row = { id: 'r-1', issuer, redirect_uri, client_id: 'client-there-1', registeredAt: 1_800_000_000 };
    const registration = { ...row, sealed: new Uint8Array(40), ...given };
    assert.equal(await storage.keepOutboundRegistration({ registration }), 'kept');
    await storage.close();
  };
  const check = async () => {
    const { code, stdout } = await run('check', '--json');
    const all = JSON.parse(stdout) as { about: string; state: string; says: string; next?: string }[];
    return { code, of: all.filter(({ about }) => about === 'keycloak') };
  };
  return { issuer, registered, run, keep, check };
}

test('check says that this server can register itself, and does not', async (t) => {
  const { issuer, registered, keep, check } = await open(t);
  const before = await check();
  assert.equal(before.code, 0);
  assert.deepEqual(
    before.of.map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok', 'ok'],
  );
  const says = before.of.map((finding) => finding.says).join('\n');
  assert.match(
    says,
    new RegExp(`this server can register itself at ${issuer}/reg, and prove itself by client_secret_basic`),
  );
  assert.match(
    says,
    /its callback URL, which it registers there: https:\/\/mcp\.example\.com\/keycloak\/callback/,
  );
  assert.deepEqual(registered, []);
  await keep();
  const after = await check();
  assert.ok(
    after.of.some((one) => one.says === 'registered there as client-there-1 since 2027-01-15 08:00 (UTC)'),
  );
  assert.deepEqual(registered, []);
});

test('check fails where the provider lets nobody register, and says both ways out of it', async (t) => {
  const { check } = await open(t, { registers: false });
  const { code, of } = await check();
  assert.equal(code, 1);
  const failed = of.find(({ state }) => state === 'fail');
  assert.match(failed?.says ?? '', /^provider_registration_refused \(why no_registration_endpoint\)$/);
  assert.match(
    failed?.next ?? '',
    /^Make an app at the admin console .* and write its clientId; or make an initial access token/,
  );
});

test('an operator sees as whom it is registered, for a script too, and no secret', async (t) => {
  const { issuer, run, keep } = await open(t);
  assert.match((await run('providers', 'list')).stdout, /registered itself nowhere/);
  await keep();
  await keep({
    id: 'r-2',
    redirect_uri: 'https://old.example.com/keycloak/callback',
    expiresAt: 1_900_000_000,
  });
  const { stdout } = await run('providers', 'list');
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 3);
  assert.match(
    stdout,
    /^keycloak +\S+ +client-there-1 +https:\/\/mcp\.example\.com\/keycloak\/callback +2027-01-15 08:00 +for good$/m,
  );
  assert.match(stdout, /old\.example\.com\/keycloak\/callback +2027-01-15 08:00 +2030-03-17 17:46$/m);
  const listed = JSON.parse((await run('providers', 'list', '--json')).stdout) as object[];
  assert.deepEqual(listed[0], {
    provider: 'keycloak',
    issuer,
    redirect_uri,
    client_id: 'client-there-1',
    registeredAt: 1_800_000_000,
  });
  assert.equal(listed.length, 2);
});

test('an operator forgets it by the provider, or by the issuer where that is not configured any more', async (t) => {
  const { issuer, run, keep } = await open(t);
  const gone = 'https://gone.example.com';
  await keep();
  await keep({ id: 'r-2', redirect_uri: 'https://old.example.com/keycloak/callback' });
  await keep({ id: 'r-3', issuer: gone, client_id: 'client-elsewhere' });
  const forgotten = await run('providers', 'forget', 'keycloak');
  assert.equal(forgotten.code, 0);
  assert.equal(forgotten.stdout.match(/Forgot client-there-1/g)?.length, 2);
  assert.ok(!(await run('providers', 'list')).stdout.includes(issuer));
  const again = await run('providers', 'forget', 'keycloak');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /has not registered itself at keycloak/);
  assert.equal((await run('providers', 'forget', gone)).code, 0);
  assert.match((await run('providers', 'list')).stdout, /registered itself nowhere/);
});
