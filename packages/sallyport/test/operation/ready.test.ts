// Whether requests should be sent here, and whether the process should go on: from its start to its end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EphemeralUnavailable, StorageUnavailable } from '@sallyport/storage';
import { openHouse } from '../house/open-house.ts';
import { freePort } from '../program/free-port.ts';
import { start, temporaryFolder } from '../program/run.ts';

describe('/ready', () => {
  it('is 200 while the store answers, 503 while it does not', async () => {
    let isAway = false;
    const house = await openHouse({
      rig: (storage) => ({
        ...storage,
        ping: () => (isAway ? Promise.reject(new StorageUnavailable('away')) : storage.ping()),
      }),
    });
    const state = async () => {
      const response = await house.ask('/ready');
      return [response.status, await response.json()];
    };
    assert.deepEqual(await state(), [200, { status: 'ok' }]);
    isAway = true;
    assert.deepEqual(await state(), [503, { status: 'unavailable' }]);
    isAway = false;
    assert.deepEqual(await state(), [200, { status: 'ok' }]);
    await house.close();
  });

  it('stays 200 while only the store of what is short-lived is away, since everybody with tokens is served', async () => {
    const house = await openHouse({
      rig: (storage) => ({ ...storage, ping: () => Promise.reject(new EphemeralUnavailable('away')) }),
    });
    const state = async (path: string) => {
      const response = await house.ask(path);
      return [response.status, await response.json()];
    };
    assert.deepEqual(await state('/ready'), [200, { status: 'ok', ephemeral: 'unavailable' }]);
    assert.deepEqual(await state('/health'), [503, { status: 'unavailable', ephemeral: 'unavailable' }]);
    await house.close();
  });

  it('is 503 from the moment on at which the instance is told to stop, while all else goes on', async () => {
    const house = await openHouse();
    house.assembled.announceStop();
    const response = await house.ask('/ready');
    assert.deepEqual([response.status, await response.json()], [503, { status: 'stopping' }]);
    assert.equal((await house.ask('/health')).status, 200);
    assert.equal((await house.ask('/oauth/jwks')).status, 200);
    await house.close();
  });

  it('says so after SIGTERM for listen.stopDelaySeconds, before the door closes', async (t) => {
    const port = await freePort();
    const server = start(['serve'], {
      cwd: temporaryFolder(t),
      environment: {
        SALLYPORT_LISTEN_PORT: String(port),
        SALLYPORT_LISTEN_STOP_DELAY_SECONDS: '300',
      },
    });
    t.after(() => server.kill('SIGKILL'));
    await server.says(/Sallyport is running/);
    const ask = (path: string) => fetch(`http://localhost:${port}${path}`);
    const ready = async () => (await ask('/ready')).status;
    assert.equal(await ready(), 200);
    assert.equal((await ask('/live')).headers.get('connection'), 'keep-alive');
    server.kill('SIGTERM');
    while ((await ready()) === 200);
    assert.equal(await ready(), 503);
    assert.equal((await ask('/health')).status, 200);
    // A proxy must not keep a connection that is about to close, since it cannot repeat a POST.
    assert.equal((await ask('/live')).headers.get('connection'), 'close');
  });
});

describe('/live', () => {
  it('is 200 whatever the store does and whether or not the instance was told to stop', async () => {
    const house = await openHouse({
      rig: (storage) => ({ ...storage, ping: () => Promise.reject(new StorageUnavailable('away')) }),
    });
    assert.equal((await house.ask('/ready')).status, 503);
    house.assembled.announceStop();
    const response = await house.ask('/live');
    assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }]);
    await house.close();
  });
});
