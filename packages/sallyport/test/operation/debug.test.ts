// `serve --debug` says why a login failed, to a person: the reason, what it means, and the facts nobody else was told.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Log } from '@sallyport/protocol';
import { telling } from '../../src/commands/events.ts';
import type { Io } from '../../src/commands/io.ts';
import { askMcp, askToken, authorizeAndAllow, EMAIL, PASSWORD, register } from '../house/client.ts';
import { openBrowserAt, pageOf } from '../house/browser.ts';
import { openHouse, type House } from '../house/open-house.ts';

async function openTellingHouse(isDebugging: boolean) {
  const stdout = new PassThrough();
  const io = { stdout, environment: {}, program: 'sallyport' } as unknown as Io;
  const silent: Log = () => undefined;
  const house = await openHouse({ log: telling(io, silent, () => 0, { isDebugging }) });
  await house.addPerson(EMAIL, PASSWORD);
  const told = () =>
    String(stdout.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
  return { house, told };
}

async function failInSeveralWays(house: House): Promise<{ client_id: string; traceId: string }> {
  const client = await register(house);
  const { code } = await authorizeAndAllow(house, client);
  const form = { grant_type: 'authorization_code', client_id: client.client_id, code };
  await askToken(house, { ...form, code_verifier: 'x'.repeat(43) });
  await askMcp(house);
  const page = pageOf(await openBrowserAt(house).open('/sign-in'));
  await openBrowserAt(house).submit(page, { email: EMAIL, password: 'not this one' });
  await house.ask('/oauth/authorize?client_id=\u001b[31mevil\u202e');
  const { traceId } = (await house.storage.findClient(client.client_id))!;
  return { client_id: client.client_id, traceId };
}

describe('--debug', () => {
  it('prints a line for each refusal: reason, meaning, facts, trace id', async () => {
    const { house, told } = await openTellingHouse(true);
    const { client_id, traceId } = await failInSeveralWays(house);
    const lines = told().filter((line) => line.startsWith('✗'));
    assert.equal(lines.length, 4, lines.join('\n'));
    const [verifier, missing, signIn, unknown] = lines as [string, string, string, string];
    assert.match(
      verifier,
      /^✗ code_verifier_mismatch \(authorization-server\): code_verifier does not match the code_challenge of the authorization request\. /,
    );
    assert.ok(verifier.includes(` client_id=${client_id} grantId=`), verifier);
    assert.ok(verifier.endsWith(`  trace ${traceId}`), verifier);
    assert.match(
      missing,
      /^✗ token_missing \(resource-server\): An access token is required.* server=records /,
    );
    assert.match(signIn, /^✗ form_stale \(sign-in\): This form was open for too long.* address=192\.0\.2\.7/);
    assert.match(unknown, /^✗ client_unknown .* client_id=\?\[31mevil\?/);
    // oxlint-disable-next-line no-control-regex -- what strangers write must not steer the terminal
    assert.doesNotMatch(lines.join(''), /[\u001b\u202e]/);
    await house.close();
  });

  it('is not so talkative without being asked', async () => {
    const { house, told } = await openTellingHouse(false);
    await failInSeveralWays(house);
    assert.deepEqual(told(), ['Example client registered.', 'A person allowed a client access.']);
    await house.close();
  });
});
