// A list that an operator trusts because of who signed it: taken when it is newer, refused in every other case, while the
// server runs and at start.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CompactSign } from 'jose';
import { shippedList, type KnownClientList } from '../../src/known-clients/index.ts';
import { openKnownClients } from '../../src/known-clients/live.ts';
import { ListRefused, publicKeyOf, readSignedList, signList } from '../../src/known-clients/signed.ts';
import { call } from '../program/call.ts';
import { temporaryFolder } from '../program/run.ts';

const NOW = Date.parse('2027-03-01') / 1000;
const newKey = () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};
const key = newKey();

/** With one client, of a maker that the shipped list does not know. */
function listOf(issuedAt: string, name = 'Example assistant'): KnownClientList {
  const [row] = structuredClone(shippedList.clients);
  assert.ok(row);
  const uri = 'https://assistant.example.com/callback';
  const { documents: _, registration: __, ...rest } = row;
  const sources = { docs: row.sources['docs']! };
  const facts = {
    ...rest,
    id: 'example',
    name,
    maker: 'Example',
    sources,
    ways: [{ way: 'dynamic' as const, from: 'docs' }],
    redirects: [{ uri, reaches: 'client' as const, from: 'docs' }],
    authMethods: [],
    challenges: [{ form: '401' as const, from: 'docs' }],
    quirks: [],
  };
  return { format: 1, issuedAt, clients: [facts] };
}

const signed = async (list: unknown, pem = key) => signList(list as KnownClientList, pem);

describe('a signed list', () => {
  it('is what was signed', async () => {
    const list = listOf('2027-01-01');
    const { jws, publicKey } = await signed(list);
    assert.deepEqual(await readSignedList(`${jws}\n`, publicKey, NOW), list);
  });

  const refused = async (text: string, publicKey: string, says: RegExp) =>
    assert.rejects(readSignedList(text, publicKey, NOW), (error) => {
      assert.ok(error instanceof ListRefused);
      assert.match(error.message, says);
      assert.ok(error.instead.length > 0);
      return true;
    });

  it('is refused when anything of it was changed, or another signed it', async () => {
    const { jws, publicKey } = await signed(listOf('2027-01-01'));
    const other = await signed(listOf('2027-01-01'), newKey());
    await refused(other.jws, publicKey, /was not signed with the key/);
    await refused(jws, other.publicKey, /was not signed with the key/);
    const [header, payload = '', signature] = jws.split('.');
    const changed = Buffer.from(payload, 'base64url').toString().replace('Example assistant', 'Claude');
    await refused(
      [header, Buffer.from(changed).toString('base64url'), signature].join('.'),
      publicKey,
      /was not signed/,
    );
    for (const text of ['', 'a.b.c', '{}', jws.slice(0, -2), `${jws}.x`, `${header}.${payload}.`])
      await refused(text, publicKey, /was not signed/);
  });
  it('is refused when it is another kind of thing that the same key signed, or the sender chose the algorithm', async () => {
    const { publicKey } = await signed(listOf('2027-01-01'));
    const payload = new TextEncoder().encode(JSON.stringify(listOf('2027-01-01')));
    const { createPrivateKey } = await import('node:crypto');
    const plain = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(createPrivateKey(key));
    await refused(plain, publicKey, /was not signed/);
    const typ = 'sallyport-known-clients+jws';
    const hmac = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'HS256', typ })
      .sign(Buffer.from(publicKey, 'base64url'));
    await refused(hmac, publicKey, /was not signed/);
    const none = `${Buffer.from(JSON.stringify({ alg: 'none', typ })).toString('base64url')}.${Buffer.from(payload).toString('base64url')}.`;
    await refused(none, publicKey, /was not signed/);
  });
  it('is held to every rule of the shipped one', async () => {
    const { publicKey } = await signed(listOf('2027-01-01'));
    const bad = listOf('2027-01-01');
    bad.clients[0]!.redirects = [{ uri: 'http://localhost/callback', reaches: 'client', from: 'docs' }];
    await refused((await signed(bad)).jws, publicKey, /nothing else is known of it/);
    await refused((await signed({ ...listOf('2027-01-01'), more: 1 })).jws, publicKey, /Unrecognized key/);
    await refused((await signed({ ...listOf('2027-01-01'), clients: [] })).jws, publicKey, /is no list/);
    await refused((await signed({ ...listOf('soon') })).jws, publicKey, /is no list/);
  });
  it('is refused when it is from the future, or larger than any list', async () => {
    const { jws, publicKey } = await signed(listOf('2027-03-03'));
    await refused(jws, publicKey, /in the future/);
    await refused('x'.repeat(1_048_577), publicKey, /larger/);
  });
  it('cannot be made with a key of another kind, nor checked with one', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await assert.rejects(signed(listOf('2027-01-01'), pem), /no Ed25519 private key/);
    await assert.rejects(signed(listOf('2027-01-01'), 'nothing'), /no Ed25519 private key/);
    for (const text of ['', 'x', 'é'.repeat(43), 'A'.repeat(44)]) assert.equal(publicKeyOf(text), undefined);
  });
});

describe('while the server runs, the list', () => {
  async function begun(t: TestContext) {
    const file = join(temporaryFolder(t), 'known-clients.jws');
    const events: [string, Record<string, unknown>][] = [];
    const { publicKey } = await signed(listOf('2027-01-01'));
    const write = async (list: KnownClientList, pem = key) => {
      writeFileSync(file, (await signed(list, pem)).jws);
    };
    const open = async () => {
      const log = (_level: string, event: string, facts = {}) => void events.push([event, facts]);
      const live = await openKnownClients({ file, publicKey }, { log, now: () => NOW });
      t.after(() => live.close());
      return live;
    };
    const names = (live: Awaited<ReturnType<typeof open>>) =>
      live.inUse().list.clients.map(({ name }) => name);
    const last = () => events.at(-1);
    return { file, write, open, names, last };
  }

  it('is the shipped one until a newer file is there, without a restart', async (t) => {
    const { file, write, open, names, last } = await begun(t);
    const live = await open();
    assert.equal(live.inUse().list, shippedList);
    assert.equal(last()?.[0], 'known_clients_refused');
    assert.match(String(last()?.[1]['message']), /does not exist/);
    await write(listOf('2027-01-01'));
    await live.look();
    assert.deepEqual(names(live), ['Example assistant']);
    assert.equal(live.inUse().file, file);
    assert.equal(last()?.[0], 'known_clients_read');
    const metadata = {
      redirect_uris: ['https://assistant.example.com/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: [],
      response_types: [],
    };
    const client = { client_id: 'c', registeredBy: 'dynamic' as const, metadata };
    assert.equal(live.recognize(client).known?.name, 'Example assistant');
    await write(listOf('2027-02-01', 'Renamed'));
    await live.look();
    assert.equal(live.recognize(client).known?.name, 'Renamed');
  });
  it('stays what it is when the file is older, is not believed, breaks off, or is gone', async (t) => {
    const { file, write, open, names, last } = await begun(t);
    await write(listOf('2027-02-01', 'Newer'));
    const live = await open();
    const stays = async (says: RegExp) => {
      await live.look();
      assert.deepEqual(names(live), ['Newer']);
      assert.equal(last()?.[0], 'known_clients_refused');
      assert.match(String(last()?.[1]['message']), says);
      assert.match(String(last()?.[1]['next']), /The list of 2027-02-01 stays in use/);
    };
    await write(listOf('2027-01-01', 'Older'));
    await stays(/older than the list in use/);
    await write(listOf('2027-02-02', 'Foreign'), newKey());
    await stays(/was not signed/);
    await write(listOf('2027-02-02'));
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 500));
    await stays(/was not signed/);
    rmSync(file);
    await stays(/does not exist/);
  });
  it('at start is never older than the shipped one', async (t) => {
    const { write, open, last } = await begun(t);
    await write(listOf('2020-01-01', 'Ancient'));
    const live = await open();
    assert.equal(live.inUse().list, shippedList);
    assert.match(String(last()?.[1]['message']), /older than the list in use/);
  });
});

describe('sallyport known-clients', () => {
  async function begun(t: TestContext) {
    const cwd = temporaryFolder(t);
    writeFileSync(join(cwd, 'key.pem'), key);
    const { publicKey } = await signed(listOf('2027-01-01'));
    const environment = {
      SALLYPORT_KNOWN_CLIENTS_FILE: 'known.jws',
      SALLYPORT_KNOWN_CLIENTS_PUBLIC_KEY: publicKey,
    };
    const run = (args: readonly string[], variables: Record<string, string> = {}) =>
      call(['known-clients', ...args], { cwd, environment: variables });
    const write = (name: string, list: unknown) => writeFileSync(join(cwd, name), JSON.stringify(list));
    return { cwd, environment, run, write };
  }
  const today = new Date().toISOString().slice(0, 10);

  it('lists who is known, and what each is proven by', async (t) => {
    const { run } = await begun(t);
    const { code, stdout } = await run(['list']);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^claude +Claude +Anthropic +document, dynamic, operator +its document, its address /m,
    );
    assert.match(stdout, /^gemini-cli .* nothing /m);
    assert.match(stdout, /\d+ clients, the list of this version, issued /);
    const json = await run(['list', '--json']);
    assert.deepEqual(JSON.parse(json.stdout), shippedList);
  });
  it('signs what it listed; the signed list is put in place, and an older one is not', async (t) => {
    const { cwd, environment, run, write } = await begun(t);
    write('clients.json', { ...listOf(today, 'Signed here') });
    const made = await run(['sign', 'clients.json', '--key', 'key.pem', '--out', 'new.jws']);
    assert.equal(made.code, 0, made.stderr);
    assert.ok(made.stdout.includes(environment.SALLYPORT_KNOWN_CLIENTS_PUBLIC_KEY));
    assert.doesNotMatch(made.stdout + made.stderr, /PRIVATE/);
    const put = await run(['update', 'new.jws'], environment);
    assert.equal(put.code, 0, put.stderr);
    const { stdout } = await run(['list'], environment);
    assert.match(stdout, /Signed here/);
    assert.match(stdout, new RegExp(`1 clients, ${join(cwd, 'known.jws')}, issued ${today}`));
    const ancient = listOf('2020-01-01', 'Ancient');
    write('clients.json', ancient);
    await run(['sign', 'clients.json', '--key', 'key.pem', '--out', 'ancient.jws']);
    const refused = await run(['update', 'ancient.jws'], environment);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ancient\.jws is of 2020-01-01, older than the list in use/);
    assert.match((await run(['list'], environment)).stdout, /Signed here/);
  });
  it('says what is wrong with a file and what to do, in `list` and in `check`', async (t) => {
    const { cwd, environment, run, write } = await begun(t);
    writeFileSync(join(cwd, 'known.jws'), 'nothing');
    const { stdout, stderr, code } = await run(['list'], environment);
    assert.equal(code, 0);
    assert.match(stderr, /known\.jws was not signed with the key/);
    assert.match(stdout, /the list of this version/);
    const checked = await call(['check'], { cwd, environment });
    assert.match(
      checked.stdout,
      /warn +known clients +\S+known\.jws was not signed .* the list of this version is used/,
    );
    assert.equal((await run(['update', 'known.jws'])).code, 2);
    write('bad.json', { clients: 1 });
    const bad = await run(['sign', 'bad.json', '--key', 'key.pem']);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /bad\.json is no list of known clients: /);
    assert.match((await run(['sign', 'none.json', '--key', 'key.pem'])).stderr, /none\.json does not exist/);
  });
  it('a file without a key that is trusted is no configuration', async (t) => {
    const { run, environment } = await begun(t);
    const { SALLYPORT_KNOWN_CLIENTS_FILE } = environment;
    const half = await run(['list'], { SALLYPORT_KNOWN_CLIENTS_FILE });
    assert.equal(half.code, 2);
    assert.match(half.stderr, /believed only for its signature/);
    const wrong = await run(['list'], { ...environment, SALLYPORT_KNOWN_CLIENTS_PUBLIC_KEY: 'x' });
    assert.match(wrong.stderr, /no Ed25519 public key/);
  });
});
