// Whether requests should be sent here: /ready, from the start to the end of the process.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StorageUnavailable } from '@sallyport/storage';
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
    const ready = async () => (await fetch(`http://localhost:${port}/ready`)).status;
    assert.equal(await ready(), 200);
    server.kill('SIGTERM');
    while ((await ready()) === 200);
    assert.equal(await ready(), 503);
    assert.equal((await fetch(`http://localhost:${port}/health`)).status, 200);
  });
});
