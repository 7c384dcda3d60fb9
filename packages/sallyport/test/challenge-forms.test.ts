// How a client is asked for more scopes: in the result of a tool where the list of known clients says that it looks there,
// and by HTTP everywhere else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readChallenge } from '@sallyport/protocol';
import { readsChallengesInResults } from '../src/challenge-forms.ts';
import { openKnownClients } from '../src/known-clients/live.ts';
import { askMcp, authorizeAndAllow, EMAIL, PASSWORD, redeem, register } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const ofChatGpt = 'https://chatgpt.com/connector/oauth/abc123';
const callOfWriter = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'create_user_tag', arguments: { name: 'x' } },
};

describe('a tool that needs more scopes', () => {
  let house: House;
  before(async () => {
    house = await openHouse();
    await house.addPerson(EMAIL, PASSWORD);
  });
  after(() => house.close());

  async function callAs(client_name: string, redirect_uri: string): Promise<Response> {
    const client = await register(house, { client_name, redirect_uris: [redirect_uri] });
    const asked = { redirect_uri, scope: 'read' };
    const { code, code_verifier } = await authorizeAndAllow(house, client, asked);
    const { access_token } = await redeem(house, client, code, code_verifier, redirect_uri);
    return askMcp(house, access_token, callOfWriter);
  }

  it('asks ChatGPT for them in its result, which says what HTTP would have said', async () => {
    const response = await callAs('ChatGPT', ofChatGpt);
    assert.equal(response.status, 200);
    const { id, result } = (await response.json()) as {
      id: number;
      result: { isError: boolean; content: object[]; _meta: Record<string, string[]> };
    };
    assert.deepEqual([id, result.isError, result.content.length], [7, true, 1]);
    const [words = '', ...others] = result._meta['mcp/www_authenticate'] ?? [];
    assert.deepEqual(others, []);
    const challenge = readChallenge(words);
    assert.deepEqual(
      [challenge?.error, challenge?.scope, challenge?.resource_metadata],
      ['insufficient_scope', 'write', `${house.origin}/.well-known/oauth-protected-resource/mcp`],
    );
    const line = house.events.findLast(({ event }) => event === 'mcp_request')?.facts;
    assert.deepEqual([line?.['outcome'], line?.['allowed']], ['insufficient_scope', false]);
  });

  it('asks everybody else by HTTP, whatever they call themselves', async () => {
    for (const name of ['ChatGPT', 'Claude']) {
      const response = await callAs(name, 'https://client.example.com/callback');
      assert.equal(response.status, 403);
      assert.equal(
        readChallenge(response.headers.get('www-authenticate'))?.error,
        'insufficient_scope',
        name,
      );
    }
  });

  it('says in the list what it may ask for', async () => {
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client, { scope: 'read' });
    const { access_token } = await redeem(house, client, code, code_verifier);
    const { result } = (await (await askMcp(house, access_token)).json()) as {
      result: { tools: { name: string; _meta: object }[] };
    };
    const metaOf = (name: string) => result.tools.find((tool) => tool.name === name)?._meta;
    assert.deepEqual(metaOf('create_user_tag'), { securitySchemes: [{ type: 'oauth2', scopes: ['write'] }] });
    assert.deepEqual(metaOf('get_user_tags'), { securitySchemes: [{ type: 'oauth2', scopes: ['read'] }] });
  });
});

describe('which form a client reads', () => {
  const caller = { sub: 'ann', scope: [], resource: 'https://mcp.example.com/mcp', expiresAt: 1 };
  const foreign = { issuer: 'https://login.example.com', emailVerified: false, claims: {} };

  it('is known of one of somebody else’s by the address of its document alone', async () => {
    const knownClients = await openKnownClients(undefined, { log: () => {}, now: () => 1 });
    const storage = { findClient: () => assert.fail('it is none of ours') };
    const reads = readsChallengesInResults({ storage, knownClients, log: () => {} });
    assert.equal(
      await reads({ ...caller, client_id: 'https://chatgpt.com/oauth/client.json', foreign }),
      true,
    );
    for (const client_id of ['chatgpt', 'https://chatgpt.com.evil.example/oauth/client.json'])
      assert.equal(await reads({ ...caller, client_id, foreign }), false, client_id);
    knownClients.close();
  });

  it('is that of HTTP when the store cannot tell, and the log says so', async () => {
    const knownClients = await openKnownClients(undefined, { log: () => {}, now: () => 1 });
    const events: string[] = [];
    const storage = { findClient: () => Promise.reject(new Error('away')) };
    const log = (_: string, event: string) => void events.push(event);
    const reads = readsChallengesInResults({ storage, knownClients, log });
    assert.equal(await reads({ ...caller, client_id: 'a', grantId: 'grant' }), false);
    assert.deepEqual(events, ['client_not_recognized']);
    knownClients.close();
  });
});
