// The program in docs/connect-a-client.md as it stands there; and the official SDK, versions 1 and 2, with a key in place of
// a secret: a machine that asks for itself by the provider that is made for it, and a host that signs its person in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { addMachineClient } from '@sallyport/authorization-server';
import * as v2 from '@modelcontextprotocol/client';
import {
  createPrivateKeyJwtAuth,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { clientKey } from '../../../authorization-server/test/assertions.ts';
import { readDocuments } from '../../../../tools/docs.ts';
import { askMcp } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { startNode, temporaryFolder } from '../program/run.ts';
import { MemoryProvider } from './memory-provider.ts';
import { EMAIL, personAt, type Person } from './person.ts';
import { listsTheTools, readsTheProfile } from './tools.ts';

const key = clientKey('RS256');
const privateKey = key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

let house: ListeningHouse;
let person: Person;
before(async () => {
  house = await openListeningHouse();
  person = await personAt(house);
});
after(() => house.close());

/** The SDKs name no key in the header, so it must be the only one. */
async function machine(): Promise<string> {
  const asked = {
    client_name: 'Nightly export',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [key.jwk] },
    ownScope: { [house.mcpUrl.href]: ['read'] },
  };
  const { client, client_secret } = await addMachineClient(house.storage, asked, house.clock.now);
  assert.equal(client_secret, undefined);
  return client.client_id;
}

const providerOf = async (Provider: typeof PrivateKeyJwtProvider | typeof v2.PrivateKeyJwtProvider) =>
  new Provider({ clientId: await machine(), privateKey, algorithm: 'RS256', expectedIssuer: house.origin });

describe('PrivateKeyJwtProvider', () => {
  it('of version 1 lets a machine in', async () => {
    const authProvider = (await providerOf(PrivateKeyJwtProvider)) as PrivateKeyJwtProvider;
    const client = new Client({ name: 'machine', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(house.mcpUrl, { authProvider }));
    await listsTheTools(client);
    await client.close();
  });

  it('of version 2 lets a machine in', async () => {
    const authProvider = (await providerOf(v2.PrivateKeyJwtProvider)) as v2.PrivateKeyJwtProvider;
    const client = new v2.Client({ name: 'machine', version: '1.0.0' });
    await client.connect(new v2.StreamableHTTPClientTransport(house.mcpUrl, { authProvider }));
    await listsTheTools(client);
    await client.close();
  });
});

describe('a host that proves itself with a key when it signs its person in', () => {
  it('registers its key, exchanges the code, and refreshes', async () => {
    const jwks = { keys: [{ ...key.jwk }] };
    const provider = new MemoryProvider({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const authProvider = Object.assign(provider, {
      addClientAuthentication: (...args: Parameters<ReturnType<typeof createPrivateKeyJwtAuth>>) => {
        const issuer = provider.client!.client_id;
        return createPrivateKeyJwtAuth({ issuer, subject: issuer, privateKey, alg: 'RS256' })(...args);
      },
    });
    assert.equal(await auth(authProvider, { serverUrl: house.mcpUrl }), 'REDIRECT');
    const answer = await person.allow(provider.lastSentTo(), /Interop client/);
    provider.judgeState(answer);
    const authorizationCode = answer.searchParams.get('code')!;
    assert.equal(await auth(authProvider, { serverUrl: house.mcpUrl, authorizationCode }), 'AUTHORIZED');
    const first = provider.tokensNow;
    assert.equal(await auth(authProvider, { serverUrl: house.mcpUrl }), 'AUTHORIZED');
    assert.notEqual(provider.tokensNow.access_token, first.access_token);

    const client = new Client({ name: 'host', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(house.mcpUrl, { authProvider }));
    await readsTheProfile(client, EMAIL);
    await client.close();
    const [registered] = (await house.storage.listClients()).filter(
      ({ metadata }) => metadata.client_name === 'Interop client',
    );
    assert.equal(registered?.metadata.token_endpoint_auth_method, 'private_key_jwt');
    assert.equal(registered.secretDigest, undefined);
  });
});

describe('the program in docs/connect-a-client.md', () => {
  const root = join(import.meta.dirname, '../../../..');
  const [document] = readDocuments(root).filter(({ path }) => path === 'docs/connect-a-client.md');
  const fences = document?.fences ?? [];
  const makesKey = fences.find(({ text }) => text.includes('--jwks jwks.json'))?.text.split('sallyport ')[0];
  const program = fences.find(({ language, text }) => language === 'js' && text.includes('SignJWT'))?.text;

  it('makes a key, asks for a token with it, and is let in', async (t) => {
    assert.ok(makesKey && program);
    const folder = temporaryFolder(t);
    const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
    execFileSync('sh', ['-c', makesKey], { cwd: folder, env: { PATH } });
    const jwks: unknown = JSON.parse(readFileSync(join(folder, 'jwks.json'), 'utf8'));
    const { client } = await addMachineClient(
      house.storage,
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks,
        ownScope: { [house.mcpUrl.href]: ['read'] },
      },
      house.clock.now,
    );
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'token.mjs'), program);
    const environment = { ISSUER: house.origin, CLIENT_ID: client.client_id };
    const running = startNode(['token.mjs'], { cwd: folder, environment });
    const { stdout, stderr } = await running.ended;
    const { access_token, scope } = JSON.parse(stdout || '{}') as Record<string, string>;
    assert.ok(access_token, stdout + stderr);
    assert.equal(scope, 'read');
    assert.equal((await askMcp(house, access_token)).status, 200);
  });
});
