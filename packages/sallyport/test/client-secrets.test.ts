// A client's secret is replaced while its holder goes on with the old one, beside a running server.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { askToken, authorizeAndAllow, EMAIL, errorOf, PASSWORD, REDIRECT_URI } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';
import { call } from './program/call.ts';
import { temporaryFolder, type Ended } from './program/run.ts';

interface Program {
  readonly house: House;
  readonly json: (...args: string[]) => Promise<Record<string, unknown>>;
  readonly says: (...args: string[]) => Promise<string>;
  readonly refuses: (...args: string[]) => Promise<Ended>;
}

async function program(t: TestContext, storageUrl?: string): Promise<Program> {
  const cwd = temporaryFolder(t);
  const environment = storageUrl === undefined ? {} : { SALLYPORT_STORAGE_URL: storageUrl };
  const clients = (args: string[]) => call(['clients', ...args], { cwd, environment });
  const says = async (...args: string[]) => {
    const { code, stdout, stderr } = await clients(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await says('list');
  const house = await openHouse({
    storageUrl: storageUrl ?? `sqlite:${join(cwd, 'data', 'sallyport.db')}`,
    now: Math.floor(Date.now() / 1000),
  });
  t.after(() => house.close());
  return {
    house,
    says,
    json: async (...args) => JSON.parse(await says(...args, '--json')) as Record<string, unknown>,
    refuses: async (...args) => {
      const end = await clients(args);
      assert.notEqual(end.code, 0, end.stdout);
      return end;
    },
  };
}

const added = ['add', '--name', 'App', '--redirect-uri', REDIRECT_URI, '--auth-method', 'client_secret_post'];

for (const { name, options, urlFor } of storesOfHouse) {
  describe(`a rotation on ${name}`, options, () => {
    it('lets the old secret work for as long as was said, and the new one at once', async (t) => {
      const { house, json, says } = await program(t, name === 'SQLite' ? undefined : await urlFor(t));
      await house.addPerson(EMAIL, PASSWORD);
      const { client_id, client_secret: first } = (await json(...added)) as Record<string, string>;
      assert.ok(client_id !== undefined && first !== undefined);
      const { code, code_verifier } = await authorizeAndAllow(house, { client_id });
      const grant = {
        grant_type: 'authorization_code',
        client_id,
        redirect_uri: REDIRECT_URI,
        code,
        code_verifier,
      };
      let { refresh_token } = (await (await askToken(house, { ...grant, client_secret: first })).json()) as {
        refresh_token: string;
      };
      const isAccepted = async (client_secret: string): Promise<boolean> => {
        const form = { grant_type: 'refresh_token', client_id, client_secret, refresh_token };
        const answer = await askToken(house, form);
        if (answer.status === 401) {
          assert.equal(await errorOf(answer), 'invalid_client');
          return false;
        }
        ({ refresh_token } = (await answer.json()) as { refresh_token: string });
        return true;
      };
      const rotate = async (...more: string[]) => {
        const outcome = await json('rotate-secret', client_id, ...more);
        return { secret: String(outcome['client_secret']), until: Number(outcome['formerSecretValidUntil']) };
      };

      const second = await rotate('--keep-old', '24h');
      assert.ok(Math.abs(second.until - house.clock.now - 24 * 3600) < 600);
      for (const secret of [first, second.secret, first]) assert.equal(await isAccepted(secret), true);
      assert.equal(await isAccepted(`${first}x`), false);
      assert.match(await says('list'), /client_secret_post, old secret until \d{4}-/);
      const [listed] = JSON.parse(await says('list', '--json')) as Record<string, unknown>[];
      assert.equal(listed?.['formerSecretValidUntil'], second.until);
      for (const secret of [first, second.secret]) assert.ok(!JSON.stringify(listed).includes(secret));

      house.clock.now = second.until - 1;
      assert.equal(await isAccepted(first), true);
      house.clock.now = second.until;
      assert.equal(await isAccepted(first), false);
      assert.equal(await isAccepted(second.secret), true);

      // A second rotation leaves one former secret: the one before.
      const third = await rotate('--keep-old', '7d');
      assert.deepEqual(
        [await isAccepted(first), await isAccepted(second.secret), await isAccepted(third.secret)],
        [false, true, true],
      );
      assert.match(
        await says('rotate-secret', client_id, '--revoke-old'),
        /The old secret of .* has stopped/,
      );
      assert.equal(await isAccepted(second.secret), false);
      assert.match(await says('rotate-secret', client_id, '--revoke-old'), /has no old secret/);

      const fourth = await rotate();
      assert.deepEqual([await isAccepted(third.secret), await isAccepted(fourth.secret)], [false, true]);
    });
  });
}

describe('clients rotate-secret', () => {
  it('says until when the old one works, and how to end it', async (t) => {
    const { says, json } = await program(t);
    const { client_id } = await json(...added);
    const said = await says('rotate-secret', String(client_id), '--keep-old', '7d');
    assert.match(said, /has a new secret; the old one works until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
    assert.match(said, /--revoke-old$/m);
    assert.match(await says('rotate-secret', String(client_id)), /; the old one has stopped working\./);
  });

  it('refuses times that are none, and what contradicts itself, and changes nothing', async (t) => {
    const { json, refuses, house } = await program(t);
    const { client_id } = await json(...added);
    const before = await house.storage.findClient(String(client_id));
    for (const time of [
      '',
      '0h',
      '-1h',
      '24',
      'h',
      '1.5h',
      '1w',
      '31d',
      '99999d',
      '1e3h',
      '24h ',
      'forever',
    ]) {
      const { code, stderr } = await refuses('rotate-secret', String(client_id), `--keep-old=${time}`);
      assert.equal(code, 2, time);
      assert.match(stderr, /30 days at most, for example: --keep-old 24h/);
    }
    const both = await refuses('rotate-secret', String(client_id), '--keep-old', '1h', '--revoke-old');
    assert.equal(both.code, 2);
    assert.match(both.stderr, /contradict each other/);
    assert.match(
      (await refuses('rotate-secret', 'nobody', '--revoke-old')).stderr,
      /There is no client nobody/,
    );
    assert.deepEqual(await house.storage.findClient(String(client_id)), before);
  });
});

describe('clients add --no-pkce', () => {
  const gpt = 'https://chatgpt.com/aip/g-*/oauth/callback';
  it('is listed, and only for a client that proves itself and returns to the web', async (t) => {
    const { json, says, refuses } = await program(t);
    const { client_id } = await json(
      'add',
      '--redirect-uri',
      gpt,
      '--auth-method',
      'client_secret_post',
      '--no-pkce',
    );
    assert.match(await says('list'), /client_secret_post, may do without PKCE/);
    const [listed] = JSON.parse(await says('list', '--json')) as Record<string, unknown>[];
    assert.deepEqual([listed?.['client_id'], listed?.['requirePkce']], [client_id, false]);
    for (const uri of [REDIRECT_URI, 'http://localhost/callback', 'cursor://a/callback']) {
      const isWeb = uri === REDIRECT_URI;
      const args = ['add', '--redirect-uri', uri, ...(isWeb ? [] : ['--confidential']), '--no-pkce'];
      const { code, stderr } = await refuses(...args);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^✗ Only a client with a secret whose redirect URIs are all https may do without PKCE/,
      );
    }
    assert.match((await refuses('add', '--redirect-uri', gpt)).stderr, /^✗ A \* is accepted in/);
  });

  it('is suggested for a GPT’s callback', async (t) => {
    const { says } = await program(t);
    assert.match(await says('add', '--redirect-uri', gpt, '--confidential'), /add the client with --no-pkce/);
  });
});
