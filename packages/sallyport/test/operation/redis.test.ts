// The program with a Redis: what it says when that is not there, and what works without it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownRedis, withOwnRedis } from '../../../storage/test/redis/own-server.ts';
import { freePort } from '../program/free-port.ts';
import { run, start, temporaryFolder } from '../program/run.ts';

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly says: string;
}

describe('storage.ephemeral', withOwnRedis, () => {
  it('is looked at by check: reached, of which version, and whether it may evict', async (t) => {
    const cwd = temporaryFolder(t);
    const redis = await ownRedis(t);
    const environment = {
      SALLYPORT_STORAGE_EPHEMERAL: redis.url,
      SALLYPORT_LISTEN_PORT: String(await freePort()),
    };
    const finding = async () => {
      const { code, stdout } = await run(['check', '--json'], { cwd, environment });
      const found = (JSON.parse(stdout) as Finding[]).find(({ about }) => about === 'redis');
      return [code, found?.state, found?.says] as const;
    };
    const [well, ok, version] = await finding();
    assert.deepEqual([well, ok], [0, 'ok']);
    assert.match(version ?? '', /^127\.0\.0\.1:\d+, \w+ \d+\.\d+\.\d+, maxmemory-policy noeviction$/);

    await redis.ask((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    const [, warned] = await finding();
    assert.equal(warned, 'warn');

    await redis.kill();
    const [failed, fail, why] = await finding();
    assert.deepEqual([failed, fail], [1, 'fail']);
    assert.match(why ?? '', /cannot be reached \(ECONNREFUSED\)/);
  });

  it('is needed to start, and not by the commands; a server that has lost it goes on', async (t) => {
    const cwd = temporaryFolder(t);
    const redis = await ownRedis(t, ['--requirepass', 'hidden'], ':hidden@');
    const port = await freePort();
    const environment = {
      SALLYPORT_STORAGE_EPHEMERAL: redis.url.replace('//', '//:hidden@'),
      SALLYPORT_LISTEN_PORT: String(port),
    };
    const server = start(['serve'], { cwd, environment });
    t.after(() => server.kill('SIGKILL'));
    await server.says(/Sallyport is running/);
    const health = async () => (await fetch(`http://localhost:${port}/health`)).status;
    assert.equal(await health(), 200);
    await redis.kill();
    await server.says(/redis_lost/);
    assert.equal(await health(), 503);
    assert.equal((await fetch(`http://localhost:${port}/ready`)).status, 200);

    const users = await run(['users', 'list'], { cwd, environment });
    assert.equal(users.code, 0, users.stderr);
    const again = await run(['serve'], {
      cwd,
      environment: { ...environment, SALLYPORT_LISTEN_PORT: String(await freePort()) },
    });
    assert.notEqual(again.code, 0);
    assert.match(again.stderr, /Redis at 127\.0\.0\.1:\d+ cannot be reached .*storage\.ephemeral/);

    await redis.start();
    await server.says(/redis_back/);
    assert.equal(await health(), 200);
    server.kill('SIGTERM');
    const ended = await server.ended;
    assert.equal(ended.code, 0);
    for (const { stdout, stderr } of [ended, users, again]) assert.doesNotMatch(stdout + stderr, /hidden/);
  });
});
