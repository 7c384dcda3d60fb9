// What Prometheus may ask, who may ask it, and that no stranger can make a series of their own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askMcp, askToken, connect, EMAIL, PASSWORD, refresh } from '../house/client.ts';
import { openBrowserAt, pageOf } from '../house/browser.ts';
import { openHouse, type House } from '../house/open-house.ts';

const TOKEN = 'the-token-of-the-monitor';

async function openCountedHouse(): Promise<House> {
  const house = await openHouse({ environment: { SALLYPORT_METRICS_TOKEN: TOKEN } });
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

const ask = (house: House, token = TOKEN) =>
  house.ask('/metrics', { headers: { authorization: `Bearer ${token}` } });

/** Every sample, by its name and labels. */
async function samplesOf(house: House): Promise<Map<string, number>> {
  const response = await ask(house);
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

describe('/metrics', () => {
  it('is a path like any other that does not exist, without metrics.token', async () => {
    const house = await openHouse();
    const [metrics, nothing] = [await ask(house), await house.ask('/nothing')];
    assert.equal(metrics.status, 404);
    assert.equal(await metrics.text(), await nothing.text());
    assert.equal(house.assembled.answered, undefined, 'nothing is counted either');
    await house.close();
  });

  it('is for whoever has the token, and tells others nothing', async () => {
    const house = await openCountedHouse();
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` },
    ]) {
      const response = await house.ask('/metrics', { headers });
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="metrics"');
      assert.doesNotMatch(await response.text(), /sallyport_|process_/);
    }
    assert.equal((await house.ask(`/metrics?access_token=${TOKEN}`)).status, 401, 'not in a URL');
    assert.equal((await house.ask('/metrics', { method: 'POST' })).status, 404);
    const good = await ask(house);
    assert.match(good.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
    assert.equal(good.headers.get('cache-control'), 'no-store');
    assert.equal(good.headers.get('access-control-allow-origin'), null);
    await house.close();
  });

  it('counts requests, tokens, sign-ins, refusals and commits', async () => {
    const house = await openCountedHouse();
    const page = pageOf(await openBrowserAt(house).open('/sign-in'));
    await openBrowserAt(house).submit(page, { email: EMAIL, password: 'not this one' });
    const { client, tokens } = await connect(house);
    await refresh(house, client, tokens.refresh_token);
    await refresh(house, client, 'unknown');
    await askMcp(house, tokens.access_token);
    await askMcp(house);
    await house.ask('/mcp', {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'text/plain' },
      body: 'x',
    });
    const samples = await samplesOf(house);
    const count = (route: string, method: string, status: string) =>
      samples.get(
        `sallyport_http_request_duration_seconds_count{route="${route}",method="${method}",status="${status}"}`,
      );
    assert.equal(count('/mcp', 'POST', '2xx'), 1);
    assert.equal(count('/mcp', 'POST', '4xx'), 2);
    assert.equal(count('/oauth/token', 'POST', '2xx'), 2);
    assert.equal(count('/oauth/token', 'POST', '4xx'), 1);
    assert.equal(count('/sign-in', 'POST', '3xx'), 1);
    for (const [name, value] of [
      ['sallyport_tokens_issued_total{grant_type="authorization_code"}', 1],
      ['sallyport_tokens_issued_total{grant_type="refresh_token"}', 1],
      ['sallyport_sign_ins_total{outcome="signed_in"}', 1],
      ['sallyport_refusals_total{room="authorization-server",reason="refresh_token_invalid"}', 1],
      ['sallyport_refusals_total{room="resource-server",reason="token_missing"}', 1],
      ['sallyport_refusals_total{room="gateway",reason="unsupported_media_type"}', 1],
      ['sallyport_event_streams', 0],
      ['sallyport_storage_writes_waiting', 0],
    ] as const)
      assert.equal(samples.get(name), value, name);
    const signInRefusals = [...samples.keys()].filter((name) => name.includes('room="sign-in"'));
    assert.equal(signInRefusals.length, 1);
    assert.ok(samples.get('sallyport_storage_writes_total')! >= 6);
    assert.ok(samples.get('sallyport_storage_commit_duration_seconds_count')! > 0);
    assert.ok(samples.get('process_cpu_user_seconds_total')! > 0);
    await house.close();
  });

  it('counts a fault of ours', async () => {
    const house = await openHouse({
      environment: { SALLYPORT_METRICS_TOKEN: TOKEN },
      rig: (storage) => ({ ...storage, findClient: () => Promise.reject(new Error('broken')) }),
    });
    assert.equal((await house.ask('/oauth/authorize?client_id=x')).status, 500);
    assert.equal((await samplesOf(house)).get('sallyport_faults_total{event="unexpected"}'), 1);
    await house.close();
  });

  it('has no more series whatever strangers send', async () => {
    const house = await openCountedHouse();
    const send = async (word: string): Promise<void> => {
      await house.ask(`/${word}`);
      await house.ask(`/api/v1/user/items/${word}`);
      await house.ask(`/oauth/authorize?client_id=${word}`);
      await askToken(house, { grant_type: word, client_id: word });
      await house.ask(`/.well-known/${word}`);
      await house.ask('/', { method: word.toUpperCase() });
      await house.ask(`/sign-in?return_to=/${word}`);
      await askMcp(house, word, { jsonrpc: '2.0', id: 1, method: word });
    };
    await send('first');
    await samplesOf(house);
    const before = await samplesOf(house);
    for (let i = 0; i < 20; i += 1) await send(`word${i}`);
    const after = await samplesOf(house);
    const ours = (samples: Map<string, number>) =>
      [...samples.keys()].filter((name) => name.startsWith('sallyport_')).toSorted();
    assert.deepEqual(ours(after), ours(before));
    assert.ok(![...after.keys()].some((name) => /word|first/.test(name)));
    await house.close();
  });
});
