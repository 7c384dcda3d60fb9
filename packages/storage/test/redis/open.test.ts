// What keeps a Redis from being used is said at the start, with what to do; and never with a password.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { EphemeralUnavailable, inspectRedis, mayEvict, openStorage } from '@sallyport/storage';
import { readRedisUrl } from '../../src/redis/address.ts';
import { freePort } from '../../../sallyport/test/program/free-port.ts';
import { ownRedis, withOpenssl, withOwnRedis } from './own-server.ts';

async function refusalOf(url: string): Promise<string> {
  const opening = openStorage('sqlite::memory:', { ephemeral: { url, deployment: 'test' } });
  const error: unknown = await opening.then(
    () => assert.fail('it was opened'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EphemeralUnavailable, String(error));
  assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /hidden/);
  return error.message;
}

test('URLs are read strictly', () => {
  assert.deepEqual(readRedisUrl('redis://redis.example.com'), {
    host: 'redis.example.com',
    port: 6379,
    db: 0,
    isTls: false,
  });
  assert.deepEqual(readRedisUrl('rediss://us%40er:p%3Ass@[::1]:6380/12'), {
    host: '::1',
    port: 6380,
    username: 'us@er',
    password: 'p:ss',
    db: 12,
    isTls: true,
  });
  assert.equal(readRedisUrl('redis://:password@host/')?.password, 'password');
  for (const url of ['redis://host?db=1', 'redis://host#x', 'redis://host/a', 'redis:///1', 'host:6379', ''])
    assert.equal(readRedisUrl(url), undefined, url);
});

test('what is no Redis is refused: another URL, nobody there, somebody silent, somebody else', async (t) => {
  assert.match(await refusalOf('redis://:hidden@host?a=b'), /storage\.ephemeral .* is not understood/);
  const port = await freePort();
  assert.equal(
    await refusalOf(`redis://:hidden@127.0.0.1:${port}`),
    `Redis at 127.0.0.1:${port} cannot be reached (ECONNREFUSED). Check that it runs and that storage.ephemeral (SALLYPORT_STORAGE_EPHEMERAL) names it.`,
  );
  assert.match(await refusalOf('redis://:hidden@redis.invalid'), /there is no such host|name service/);

  const answers = new Map<string, string | undefined>([
    ['silent', undefined],
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ]);
  for (const [what, text] of answers) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => text !== undefined && socket.end(text));
    }).listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    t.after(() => server.close());
    const { port: taken } = server.address() as { port: number };
    const began = performance.now();
    assert.match(await refusalOf(`redis://:hidden@127.0.0.1:${taken}`), /^Redis at 127\.0\.0\.1:/, what);
    assert.ok(performance.now() - began < 15_000, what);
  }
});

suite('a Redis that cannot be used as it is', withOwnRedis, () => {
  test('with another password, or with one where none was given', async (t) => {
    const { port } = await ownRedis(t, ['--requirepass', 'right'], ':right@');
    assert.match(await refusalOf(`redis://:hidden@127.0.0.1:${port}`), /refuses this user or password/);
    assert.match(await refusalOf(`redis://who:hidden@127.0.0.1:${port}`), /refuses this user or password/);
    assert.match(await refusalOf(`redis://127.0.0.1:${port}`), /wants a password/);
    const { server } = await inspectRedis(`redis://:right@127.0.0.1:${port}`);
    assert.match(server, /^(Redis|Valkey) \d+\.\d+/);
  });

  test('a user without the rights is told which; one with exactly these is enough', async (t) => {
    const { port, ask } = await ownRedis(t);
    const all = 'ping info get mget set del exists incrby expire pttl multi exec eval evalsha';
    const rights = all.split(' ').map((command) => `+${command}`);
    await ask(async (client) => {
      await client.call('ACL', 'SETUSER', 'enough', 'on', '>hidden', '~sallyport:*', ...rights);
      await client.call('ACL', 'SETUSER', 'silent', 'on', '>hidden', '~sallyport:*', ...rights, '-info');
      await client.call('ACL', 'SETUSER', 'few', 'on', '>hidden', '~sallyport:*', ...rights.slice(0, -1));
      await client.call('ACL', 'SETUSER', 'elsewhere', 'on', '>hidden', '~other:*', ...rights);
    });
    const as = (user: string) => `redis://${user}:hidden@127.0.0.1:${port}`;
    for (const user of ['few', 'elsewhere'])
      assert.match(
        await refusalOf(as(user)),
        /does not permit this user what is needed.*EVALSHA on the keys/,
      );
    for (const right of rights.filter((each) => each !== '+info')) {
      await ask((client) =>
        client.call(
          'ACL',
          'SETUSER',
          'almost',
          'reset',
          'on',
          '>hidden',
          '~sallyport:*',
          ...rights,
          right.replace('+', '-'),
        ),
      );
      assert.match(await refusalOf(as('almost')), /does not permit this user what is needed/, right);
    }
    assert.equal((await inspectRedis(as('enough'))).evictionPolicy, 'noeviction');
    assert.deepEqual(await inspectRedis(as('silent')), { where: `127.0.0.1:${port}`, server: 'Redis' });
  });

  test('a database that it does not have', async (t) => {
    const { url } = await ownRedis(t, ['--databases', '2']);
    assert.match(await refusalOf(`${url}/2`), /does not have this database/);
    await inspectRedis(`${url}/1`);
  });

  test('a replica, a part of a cluster, and one that is full', async (t) => {
    const replica = await ownRedis(t, ['--replicaof', '127.0.0.1 1']);
    assert.match(await refusalOf(replica.url), /is a replica and takes no writes/);
    const cluster = await ownRedis(t, ['--cluster-enabled', 'yes']);
    assert.match(await refusalOf(cluster.url), /is part of a Redis Cluster, which is not supported/);
    const full = await ownRedis(t, ['--maxmemory', '1']);
    assert.match(await refusalOf(full.url), /is out of memory/);
  });

  test('one that may evict is used, and warned of', async (t) => {
    const { url } = await ownRedis(t, ['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '100mb']);
    assert.equal(mayEvict(await inspectRedis(url)), true);
    const told: unknown[] = [];
    const storage = await openStorage('sqlite::memory:', {
      ephemeral: { url, deployment: 'test' },
      log: (level, event, facts) => void told.push([level, event, facts?.['evictionPolicy']]),
    });
    await storage.close();
    assert.deepEqual(told, [['warn', 'redis_may_evict', 'allkeys-lru']]);
  });

  test(
    'TLS: a certificate must be trusted and of that host, and each port speaks one of both',
    withOpenssl,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      const openssl = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      execFileSync('openssl', [...openssl, '-days', '1', '-keyout', key, '-out', cert, ...subject], {
        stdio: 'ignore',
      });
      const tlsPort = await freePort();
      const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
      const { port } = await ownRedis(t, [
        '--tls-port',
        String(tlsPort),
        '--tls-auth-clients',
        'no',
        ...files,
      ]);

      assert.match(
        await refusalOf(`rediss://:hidden@localhost:${tlsPort}`),
        /a certificate that is not trusted/,
      );
      assert.match(
        await refusalOf(`rediss://:hidden@127.0.0.1:${port}`),
        /cannot be reached|does not speak TLS/,
      );
      assert.match(await refusalOf(`redis://127.0.0.1:${tlsPort}`), /cannot be reached|did not answer/);

      const trusting = async (host: string) => {
        const script = `
        const { inspectRedis } = await import('@sallyport/storage');
        await inspectRedis('rediss://${host}:${tlsPort}').then(({ server }) => console.log(server), (error) => console.log(error.message));`;
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
          cwd: import.meta.dirname,
          env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return (await child.stdout.toArray()).join('');
      };
      assert.match(await trusting('localhost'), /^(Redis|Valkey) \d/);
      assert.match(await trusting('127.0.0.1'), /a certificate that is not trusted/);
    },
  );
});
