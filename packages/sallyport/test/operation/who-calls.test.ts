// Who did it: the line that every call of a signed-in person leaves, whatever else is logged.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/index.ts';
import { askMcp, connect, EMAIL } from '../house/client.ts';
import { openLoggedHouse, type Line, type LoggedHouse } from './logged-house.ts';

type People = Config['log']['people'];

async function callsOf(t: { after(done: () => Promise<void>): void }, people?: People) {
  const house = await openLoggedHouse('warn', {
    calls: true,
    ...(people && { configure: (config) => ({ ...config, log: { ...config.log, people } }) }),
  });
  t.after(() => house.close());
  const { tokens } = await connect(house);
  assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  return { house, tokens };
}

const personIn = ({ userId, client_id, provider, userName, userEmail }: Line) => ({
  isIdentified: typeof userId === 'string' && typeof client_id === 'string',
  provider,
  userName,
  userEmail,
});

const callLines = (house: LoggedHouse) => house.lines().filter(({ event }) => event === 'mcp_request');

describe('a call of a signed-in person', () => {
  it('is a line of the log at every level: who, by which provider, name and e-mail', async (t) => {
    const { house } = await callsOf(t);
    const [line, ...more] = house.lines();
    assert.deepEqual(more, []);
    assert.equal(line?.level, 'info');
    assert.deepEqual(line && personIn(line), {
      isIdentified: true,
      provider: 'password',
      userName: EMAIL.split('@')[0],
      userEmail: EMAIL,
    });
    assert.deepEqual(line?.['messages'], ['tools/list']);
  });

  it('says no more of the person than is configured', async (t) => {
    const cases = [
      [[], {}],
      [['provider'], { provider: 'password' }],
      [['name'], { userName: EMAIL.split('@')[0] }],
      [['email'], { userEmail: EMAIL }],
    ] as const;
    for (const [people, expected] of cases) {
      const { house } = await callsOf(t, people);
      const [line] = callLines(house);
      const nothing = { provider: undefined, userName: undefined, userEmail: undefined };
      assert.deepEqual(line && personIn(line), { isIdentified: true, ...nothing, ...expected });
    }
  });

  it('is answered, and logged with ids alone, when the store cannot say who it is', async (t) => {
    const { house, tokens } = await callsOf(t);
    Object.assign(house.storage, { findUser: () => Promise.reject(new Error('away')) });
    house.clock.now += 61;
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const line = callLines(house).at(-1);
    assert.deepEqual(line && personIn(line), {
      isIdentified: true,
      provider: 'password',
      userName: undefined,
      userEmail: undefined,
    });
    assert.equal(house.lines().at(-2)?.event, 'caller_not_described');
  });

  it('of nobody leaves no line at that level', async (t) => {
    const { house } = await callsOf(t);
    const before = house.lines().length;
    assert.equal((await askMcp(house, 'made-up')).status, 401);
    assert.equal(house.lines().length, before);
  });
});
