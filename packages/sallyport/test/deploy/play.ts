// Plays deploy/compose and deploy/kubernetes with what they say of our containers: variables, files, volumes, commands. What
// the names of services would lead to is at ports of this machine; PostgreSQL and Redis are started for it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { skipUnless } from '../../../../tools/needs.ts';
import { postgresPrograms, startPostgres } from '../fleet/services.ts';
import { askMcp, connect, EMAIL, PASSWORD } from '../house/client.ts';
import { freePort } from '../program/free-port.ts';
import { answers, runContainer, type Container, type Run } from './container.ts';
import { repository, type Image } from './image.ts';
import { caddy, startProxy } from './proxies.ts';
import { makeCertificate, publicUrl, tlsClient } from './tls-client.ts';
import { listAt, mapAt, readYaml, textAt, type Map } from './yaml.ts';

export function skipWithoutStores(): string | false {
  const { error } = spawnSync('redis-server', ['--version'], { stdio: 'ignore' });
  const programs = error === undefined ? postgresPrograms() : undefined;
  return caddy.skip || skipUnless(programs, 'PostgreSQL and Redis (apt-get install postgresql redis-server)');
}

/** @param folder must outlive the test */
export async function playDeployments(t: TestContext, image: Image, folder: string): Promise<void> {
  const copy = join(folder, 'compose');
  mkdirSync(folder);
  cpSync(join(repository, 'deploy/compose'), copy, { recursive: true });
  execFileSync(join(copy, 'make-secrets'), ['mcp.example.com']);
  const secret = (name: string) => join(copy, 'secrets', name);
  await startStores(t, secret);

  const [compose = {}] = readYaml('compose/compose.yaml');
  const keys = join(folder, 'keys');
  mkdirSync(keys, { mode: 0o700 });
  const running: Container[] = [];
  t.after(async () => {
    for (const container of running) container.signal('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
  });

  /** As a service of the compose file, at a port of its own. */
  const asService = (name: string, port = 0): Run => {
    const service = mapAt(compose, 'services', name);
    const volume = listAt(service, 'volumes').map(String).join();
    const given = Object.keys(mapAt(service, 'environment'));
    const environment = Object.fromEntries(
      given.map((key) => [
        key,
        textAt(service, 'environment', key).replace(/\$\{HOST_NAME.*\}/, 'mcp.example.com'),
      ]),
    );
    const files = listAt(service, 'secrets').map((one) => [
      `/run/secrets/${textAt(one)}`,
      secret(textAt(one)),
    ]);
    const command = listAt(service, 'command').map(String);
    return {
      ...(command.length > 0 && { command }),
      mounts: {
        '/data': keys,
        '/etc/sallyport/sallyport.yaml': join(copy, 'sallyport.yaml'),
        ...(Object.fromEntries(files) as Record<string, string>),
      },
      writable: volume === 'keys:/data' ? ['/data'] : [],
      // The proxy is on this machine, and nobody waits for it to notice.
      environment: { ...environment, ...onThisMachine(port) },
    };
  };
  const begin = async (run: Run, port: number): Promise<Container> => {
    const container = runContainer(image, run);
    running.push(container);
    await answers(`http://127.0.0.1:${port}/ready`, container);
    return container;
  };

  const prepared = await runContainer(image, asService('prepare')).ended;
  assert.deepEqual([prepared.code, prepared.stderr], [0, '']);
  assert.deepEqual(readdirSync(keys), ['secrets.json']);
  const added = await runContainer(image, {
    ...asService('sallyport-1'),
    command: ['users', 'add', EMAIL, '--password', PASSWORD],
  }).ended;
  assert.equal(added.code, 0, added.stderr);
  const ports = [await freePort(), await freePort()] as const;
  for (const [index, port] of ports.entries()) await begin(asService(`sallyport-${index + 1}`, port), port);

  const certificate = makeCertificate(join(folder, 'certificate'));
  const proxy = await startProxy(caddy, { folder: join(folder, 'caddy'), certificate, instances: ports });
  t.after(() => proxy.close());
  const site = tlsClient(proxy.fitting.ports.https, certificate);
  t.after(() => site.close());
  const { tokens } = await connect(site);
  for (let call = 0; call < 6; call += 1) assert.equal((await askMcp(site, tokens.access_token)).status, 200);

  // A pod of the Deployment, on the same store with the same keys: what the others issued is good there too.
  const pod = join(folder, 'pod');
  const port = await freePort();
  const [deployment = {}] = readYaml('kubernetes/deployment.yaml');
  const cronJob = readYaml('kubernetes/backup.yaml').find(({ kind }) => kind === 'CronJob');
  const secrets = mountedSecret(join(pod, 'secrets'), {
    'secrets.json': join(keys, 'secrets.json'),
    'storage-url': secret('storage-url'),
    'ephemeral-url': secret('ephemeral-url'),
    'metrics-token': secret('metrics-token'),
  });
  const asContainer = (container: Map, onPort = 0): Run => ({
    mounts: {
      '/run/secrets/sallyport': secrets,
      '/etc/sallyport': mountedConfiguration(join(pod, 'configuration')),
    },
    environment: { ...environmentOf(container), ...onThisMachine(onPort) },
  });
  const [server = {}] = listAt(deployment, 'spec', 'template', 'spec', 'containers') as Map[];
  const started = await begin(asContainer(server, port), port);
  const direct = {
    origin: publicUrl,
    ask: (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { ...(init.headers as object) } }),
  };
  assert.equal((await askMcp(direct, tokens.access_token)).status, 200);
  const authorization = `Bearer ${readFileSync(secret('metrics-token'), 'utf8')}`;
  assert.equal((await direct.ask('/metrics', { headers: { authorization } })).status, 200);
  assert.doesNotMatch(started.output(), /"level":"(warn|error)"/);

  const [job = {}] = listAt(
    cronJob,
    'spec',
    'jobTemplate',
    'spec',
    'template',
    'spec',
    'containers',
  ) as Map[];
  const backups = join(folder, 'backups');
  mkdirSync(backups);
  const run = asContainer(job);
  const saved = await runContainer(image, {
    ...run,
    command: listAt(job, 'args').map((one) => textAt(one).replace('$(POD_NAME)', 'sallyport-backup-1')),
    mounts: { ...run.mounts, '/backup': backups },
    writable: ['/backup'],
  }).ended;
  assert.equal(saved.code, 0, saved.stderr);
  assert.deepEqual(readdirSync(backups), ['sallyport-backup-1.backup']);
}

function onThisMachine(port: number): Record<string, string> {
  return {
    ...(port !== 0 && { SALLYPORT_LISTEN_PORT: String(port) }),
    SALLYPORT_LISTEN_STOP_DELAY_SECONDS: '0',
    SALLYPORT_TRUSTED_PROXIES: '127.0.0.1',
  };
}

function environmentOf(container: Map): Record<string, string> {
  return Object.fromEntries(
    listAt(container, 'env').map((one) => [textAt(one, 'name'), textAt(one, 'value')]),
  );
}

/** As the kubelet writes it: root's, and readable for the group of the pod. */
function mountedSecret(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(source));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path, 0, 65_532);
    chmodSync(path, isRoot ? 0o440 : 0o400);
  }
  return folder;
}

function mountedConfiguration(folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(join(repository, 'deploy/kubernetes/sallyport.yaml'), join(folder, 'sallyport.yaml'));
  return folder;
}

/** Redis as the compose file starts it, PostgreSQL as this machine has it; the files say where they are instead. */
async function startStores(t: TestContext, secret: (name: string) => string): Promise<void> {
  const [compose = {}] = readYaml('compose/compose.yaml');
  const postgres = await startPostgres(postgresPrograms() ?? '');
  t.after(() => postgres.remove());
  const { host, pathname } = new URL(postgres.url);
  rewrite(secret('storage-url'), '@postgres:5432/sallyport', `@${host}${pathname}`);

  const port = await freePort();
  const redis = mapAt(compose, 'services', 'redis');
  const [program = '', ...args] = listAt(redis, 'command').map((one) =>
    textAt(one).replace('/run/secrets/redis-password', secret('redis-password')),
  );
  const child = spawn(program, [...args, '--port', String(port), '--bind', '127.0.0.1'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const [kind, check] = listAt(redis, 'healthcheck', 'test').map(String);
  assert.equal(kind, 'CMD-SHELL');
  const isUp = () =>
    spawnSync('sh', ['-c', (check ?? '').replace('redis-cli', `redis-cli -p ${port}`)]).status === 0;
  while (!isUp()) await wait(50);
  rewrite(secret('ephemeral-url'), '@redis:6379', `@127.0.0.1:${port}`);
}

function rewrite(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), path);
  chmodSync(path, 0o644);
  writeFileSync(path, text.replace(from, to));
}
