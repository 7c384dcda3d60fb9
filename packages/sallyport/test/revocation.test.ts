// Everything that ends an access, with both kinds of tokens and on every store: at once in the process where it happens,
// and soon after in every other; calls, event streams and introspection alike. Nobody else's access ends with it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { addResourceServer } from '@sallyport/authorization-server';
import { createSecrets, randomToken, readSecrets } from '@sallyport/crypto';
import { hashPassword } from '@sallyport/sign-in';
import { freshSchema, makeSchema, onPostgres } from '../../storage/test/postgres/schema.ts';
import { onRedis, ownPlace } from '../../storage/test/redis/server.ts';
import { openBrowserAt, pageOf, type Browser } from './house/browser.ts';
import {
  askMcp,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  register,
  type Registered,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { run } from './program/run.ts';

/** What the operator is promised for other processes; they are told within milliseconds, or look four times a second. */
const SOON_MILLISECONDS = 5000;

/** Somebody who has let an app in, at `here`. */
interface Let {
  readonly here: House;
  readonly email: string;
  readonly browser: Browser;
  readonly client: Registered;
  readonly code: string;
  readonly code_verifier: string;
  readonly tokens: Tokens;
  /** The program itself, as a process of its own beside the houses. */
  readonly command: (...args: readonly string[]) => Promise<void>;
}

interface Way {
  readonly end: (access: Let) => Promise<void>;
  /** Where it ends: `here`, or in a process that no house is in. */
  readonly isBeside?: true;
}

const ways: Readonly<Record<string, Way>> = {
  'its client revokes the access token (RFC 7009)': {
    end: ({ tokens, ...it }) => revoke(it, tokens.access_token),
  },
  'its client revokes the refresh token (RFC 7009)': {
    end: ({ tokens, ...it }) => revoke(it, tokens.refresh_token),
  },
  'its code is used twice': {
    async end({ here, client, code, code_verifier }) {
      await assert.rejects(redeem(here, client, code, code_verifier), /invalid_grant/);
    },
  },
  'an outdated refresh token is used': {
    async end({ here, client, tokens }) {
      const next = (await (await refresh(here, client, tokens.refresh_token)).json()) as Tokens;
      assert.equal((await refresh(here, client, next.refresh_token)).status, 200);
      assert.equal(await errorOf(await refresh(here, client, tokens.refresh_token)), 'invalid_grant');
    },
  },
  'its person removes the app at /account': {
    end: ({ here, browser, client }) => {
      const query = new URLSearchParams({ client_id: client.client_id, resource: `${here.origin}/mcp` });
      return answer(browser, `/account/remove-access?${query.toString()}`);
    },
  },
  'its person removes all apps at /account': {
    end: ({ browser }) => answer(browser, '/account/remove-all-access'),
  },
  'its person deletes the account': {
    end: ({ browser }) => answer(browser, '/account/delete', { confirmation: PASSWORD }),
  },
  'the operator removes the client': {
    end: ({ client, command }) => command('clients', 'remove', client.client_id),
    isBeside: true,
  },
  'the operator removes the person': {
    end: ({ email, command }) => command('users', 'remove', email),
    isBeside: true,
  },
};

interface StoreKind {
  readonly options: { readonly skip?: string | boolean };
  readonly make: (folder: string) => Promise<Store>;
}

interface Store {
  readonly url: string;
  readonly ephemeral?: NonNullable<HouseOptions['ephemeral']>;
  readonly remove: () => Promise<void>;
}

const stores: Readonly<Record<string, StoreKind>> = {
  SQLite: {
    options: {},
    make: async (folder) => ({
      url: `sqlite:${join(folder, 'sallyport.db')}`,
      remove: async () => undefined,
    }),
  },
  PostgreSQL: {
    options: onPostgres,
    make: inSchema,
  },
  'PostgreSQL and Redis': {
    options: { skip: onPostgres.skip || onRedis.skip },
    make: async () => {
      const cleanings: (() => unknown)[] = [];
      const { ephemeral } = await ownPlace({ after: (clean) => void cleanings.push(clean as () => unknown) });
      const { url, remove } = await inSchema();
      return {
        url,
        ephemeral,
        async remove() {
          await remove();
          for (const clean of cleanings) await clean();
        },
      };
    },
  },
};

async function inSchema(): Promise<Store> {
  const { url, drop } = await makeSchema();
  return { url, remove: drop };
}

for (const [name, { options, make }] of Object.entries(stores)) {
  for (const format of ['jwt', 'opaque'] as const) {
    describe(`an access with a token that is ${format}, in ${name}`, options, () => {
      const secrets = createSecrets(Math.floor(Date.now() / 1000));
      let folder: string;
      let store: Store;
      let here: House;
      let there: House;
      let passwordHash: string;
      let bystander: Let;
      let guard: Registered;

      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'sallyport-revocation-'));
        await writeFile(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
        store = await make(folder);
        here = await open();
        there = await open();
        passwordHash = await hashPassword(PASSWORD);
        bystander = await letIn('bystander@example.com');
        const introspects = [`${here.origin}/mcp`];
        const added = await addResourceServer(here.storage, { introspects }, here.clock.now);
        guard = { client_id: added.client.client_id, client_secret: added.client_secret };
      });
      after(async () => {
        await here.close();
        await there.close();
        await store.remove();
        await rm(folder, { recursive: true });
      });

      for (const [when, { end, isBeside }] of Object.entries(ways)) {
        it(`ends when ${when}`, async (t) => {
          const access = await letIn(`a${randomToken(6).toLowerCase()}@example.com`);
          const houses = [here, there];
          for (const house of houses) assert.deepEqual(await stateAt(house, access), [200, true]);
          const streams = await Promise.all(houses.map((house) => openStream(house, access)));

          await end(access);
          const began = performance.now();
          if (isBeside === undefined) {
            assert.deepEqual(await stateAt(here, access), [401, false]);
            assert.equal(await streams[0]!.ended, 'grant_ended');
          }
          for (const house of houses)
            for (;;) {
              const asked = performance.now();
              if ((await stateAt(house, access))[0] === 401) break;
              assert.ok(asked - began < SOON_MILLISECONDS, 'it did not end elsewhere');
              await wait(10);
            }
          t.diagnostic(`refused everywhere after ${Math.round(performance.now() - began)} ms`);
          for (const house of houses) {
            assert.deepEqual(await stateAt(house, access), [401, false]);
            const again = await refresh(house, access.client, access.tokens.refresh_token);
            assert.match(await errorOf(again), /^invalid_(grant|client)$/);
          }
          for (const { ended } of streams) assert.equal(await ended, 'grant_ended');
          for (const house of houses) assert.deepEqual(await stateAt(house, bystander), [200, true]);
        });
      }

      it('goes on when its person is signed out or gets another password, though no browser of theirs does', async () => {
        const access = await letIn('goes-on@example.com');
        const elsewhere = await signIn(there, access.email);
        const isSignedIn = async () => pageOf(await elsewhere.open('/account')).url.pathname === '/account';
        assert.ok(await isSignedIn());
        await answer(access.browser, '/account', {}, '/account/end-other-sessions');
        assert.ok(!(await isSignedIn()), 'sessions are not remembered: they end everywhere at once');
        const again = await signIn(there, access.email);
        await access.command('users', 'set-password', access.email, '--password', `${PASSWORD} again`);
        assert.equal(pageOf(await again.open('/account')).url.pathname, '/sign-in');
        for (const house of [here, there]) assert.deepEqual(await stateAt(house, access), [200, true]);
      });

      function open(): Promise<House> {
        return openHouse({
          storageUrl: store.url,
          ...(store.ephemeral && { ephemeral: store.ephemeral }),
          secrets: readSecrets(secrets),
          environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format, SALLYPORT_STORAGE_POOL_SIZE: '3' },
        });
      }

      async function letIn(email: string): Promise<Let> {
        const { now } = here.clock;
        const person = { id: randomToken(6), email, name: 'Somebody', passwordHash, role: 'member' } as const;
        await here.storage.addUser({ ...person, createdAt: now, updatedAt: now });
        const browser = await signIn(here, email);
        const client = await register(here);
        const { code, code_verifier } = await authorizeAndAllow(here, client, {}, browser);
        const tokens = await redeem(here, client, code, code_verifier);
        return { here, email, browser, client, code, code_verifier, tokens, command };
      }

      async function command(...args: readonly string[]): Promise<void> {
        const environment = { SALLYPORT_DATA: folder, SALLYPORT_STORAGE_URL: store.url };
        const { code, stderr } = await run(args, { cwd: folder, environment });
        assert.equal(code, 0, stderr);
      }

      /** What a call gets, and whether a server elsewhere is told that the token is active. */
      async function stateAt(house: House, { tokens }: Let): Promise<[number, unknown]> {
        const { status } = await askMcp(house, tokens.access_token);
        const { client_id, client_secret = '' } = guard;
        const answered = await house.ask('/oauth/introspect', {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
          body: new URLSearchParams({ token: tokens.access_token }),
        });
        return [status, ((await answered.json()) as { active: unknown }).active];
      }
    });
  }
}

describe('a process that is cut off from PostgreSQL', onPostgres, () => {
  it('lets nobody in on what it remembers for longer than that either, and finds back', async (t) => {
    const { url } = await freshSchema(t);
    const { cutUrl, freeze, thaw } = await cutBefore(t, url);
    const secrets = readSecrets(createSecrets(1));
    const open = async (storageUrl: string) => {
      const house = await openHouse({ storageUrl, secrets });
      t.after(() => house.close());
      return house;
    };
    const here = await open(url);
    const there = await open(cutUrl);
    await here.addPerson(EMAIL, PASSWORD);
    const { client, tokens } = await connect(here);
    const status = async () => (await askMcp(there, tokens.access_token)).status;
    assert.equal(await status(), 200);

    freeze();
    const body = new URLSearchParams({ token: tokens.access_token, client_id: client.client_id });
    assert.equal((await here.ask('/oauth/revoke', { method: 'POST', body })).status, 200);
    const revoked = performance.now();
    for (;;) {
      const asked = performance.now() - revoked;
      const answered = await status();
      if (answered !== 200) {
        t.diagnostic(`not let in after ${Math.round(asked)} ms`);
        assert.equal(answered, 503);
        break;
      }
      assert.ok(asked < SOON_MILLISECONDS, 'it is still let in');
      await wait(50);
    }

    thaw();
    while ((await status()) === 503) await wait(100);
    assert.equal(await status(), 401);
  });
});

async function signIn(house: House, email: string): Promise<Browser> {
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/account'));
  const arrived = pageOf(await browser.submit(page, { email, password: PASSWORD }));
  assert.equal(arrived.url.pathname, '/account');
  return browser;
}

/** Opens a page and submits its form. */
async function answer(
  browser: Browser,
  path: string,
  fields: Readonly<Record<string, string>> = {},
  action?: string,
): Promise<void> {
  const done = pageOf(await browser.submit(pageOf(await browser.open(path)), fields, action));
  assert.equal(done.status, 200, done.html);
}

async function revoke({ here, client }: Pick<Let, 'here' | 'client'>, token: string): Promise<void> {
  const body = new URLSearchParams({ token, client_id: client.client_id });
  assert.equal((await here.ask('/oauth/revoke', { method: 'POST', body })).status, 200);
}

/** Of the HTTP+SSE transport. @returns why it ended, once it has */
async function openStream(house: House, { tokens }: Let): Promise<{ readonly ended: Promise<unknown> }> {
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${tokens.access_token}` };
  const response = await house.ask('/sse', { headers });
  assert.equal(response.status, 200);
  const reader = response.body!.getReader();
  await reader.read();
  const toItsEnd = async () => {
    while (!(await reader.read()).done);
    return house.events.findLast(({ event }) => event === 'mcp_stream_ended')?.facts['why'];
  };
  return { ended: toItsEnd() };
}

/** A way to PostgreSQL on which the network can fall silent, as it does: nothing is closed, and nothing comes through. */
async function cutBefore(t: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const proxy = createServer((near) => {
    const far = createConnection({ host: hostname, port: Number(port || 5432) });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('data', (data) => void other.write(data));
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      if (isFrozen) one.pause();
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const cut = new URL(url);
  cut.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    cutUrl: cut.href,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
