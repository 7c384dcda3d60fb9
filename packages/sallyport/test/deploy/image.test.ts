// The image of deploy/Dockerfile: what it is made of, and that it runs as it must where nothing but /data can be written.
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { freePort } from '../program/free-port.ts';
import { temporaryFolder } from '../program/run.ts';
import { answers, runContainer, skipWithoutNamespaces } from './container.ts';
import { all, readPairs } from './dockerfile.ts';
import { playDeployments, skipWithoutStores } from './play.ts';
import { buildImage, isIgnored, readIgnored, readStages, repository, type Image } from './image.ts';

const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const product = JSON.parse(readFileSync(join(repository, 'packages/sallyport/package.json'), 'utf8')) as {
  version: string;
};
/** Those of gcr.io/distroless/cc-debian12: glibc, libgcc and libstdc++. */
const inBaseImage =
  /^(ld-linux[\w-]*\.so\.\d|lib(c|dl|m|pthread|rt)\.so\.\d|libgcc_s\.so\.1|libstdc\+\+\.so\.6)$/;
const mebibyte = 1024 * 1024;

describe('deploy/Dockerfile', () => {
  const { build, final } = readStages();

  it('names every base image by a tag, and Node to the patch that the repository is tested with', () => {
    assert.equal(build.image, `node:${manifest.devDependencies['node']}-bookworm-slim`);
    for (const { image } of [build, final]) assert.match(image, /^[\w./-]+:(?!latest$)[\w.-]+$/);
  });

  it('ends as a user that is not root, in numbers', () => {
    const [user = '', ...more] = all(final, 'USER');
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
    assert.deepEqual(more, []);
  });

  it('runs nothing in the image, which has no shell', () => {
    assert.deepEqual(all(final, 'RUN'), []);
    for (const word of ['ENTRYPOINT', 'CMD']) assert.match(all(final, word).join(), /^\[".*"\]$/);
    assert.match(all(final, 'HEALTHCHECK').join(), /^CMD \[".*"\]$/);
  });

  it('labels it with the version of the product', () => {
    assert.equal(readPairs(all(final, 'ARG').join(' '))['VERSION'], product.version);
    const labels = readPairs(all(final, 'LABEL').join(' '));
    assert.deepEqual(
      Object.keys(labels).filter((name) => !name.startsWith('org.opencontainers.image.')),
      [],
    );
    assert.equal(labels['org.opencontainers.image.base.name'], final.image);
  });

  it('is told nothing of the history, the tests, the data or this machine', () => {
    const rules = readIgnored();
    for (const path of [
      '.git/HEAD',
      '.env',
      'data/secrets.json',
      'packages/crypto/data/secrets.json',
      'node_modules/pg/package.json',
      'packages/sallyport/node_modules/commander/index.js',
      'packages/sallyport/dist/main.js',
      'packages/sallyport/test/door.test.ts',
      'deploy/compose/secrets/storage-url',
    ]) {
      assert.ok(isIgnored(path, rules), path);
    }
    for (const path of ['package-lock.json', 'packages/sallyport/src/main.ts']) {
      assert.ok(!isIgnored(path, rules), path);
    }
  });
});

test('the image', { skip: skipWithoutNamespaces() }, async (t) => {
  const folder = temporaryFolder(t);
  const image = await buildImage(folder);
  const app = join(image.root, 'app');

  await t.test('has the built program, what it needs to run, and nothing of its workshop', () => {
    assert.deepEqual(readdirSync(app).sort(), ['node_modules', 'packages']);
    const dependencies = readdirSync(join(app, 'node_modules'));
    for (const name of ['pg', 'ioredis', 'hono']) assert.ok(dependencies.includes(name), name);
    for (const name of ['typescript', 'knip', 'playwright-core'])
      assert.ok(!dependencies.includes(name), name);
    const workshop = globSync('packages/**/*{.ts,.map,.tsbuildinfo,/test,/src}', { cwd: app });
    assert.deepEqual(workshop, []);
  });

  await t.test('needs no library that its base has not', () => {
    assert.ok(image.libraries.length >= 5, 'the libraries were not found');
    assert.deepEqual(
      image.libraries.filter((name) => !inBaseImage.test(name)),
      [],
    );
  });

  await t.test('is small', (t) => {
    const [node, program] = [join(image.root, 'usr/local/bin/node'), app].map(
      (path) => bytesOf(path) / mebibyte,
    );
    t.diagnostic(`Node ${Math.round(node ?? 0)} MiB, the program ${Math.round(program ?? 0)} MiB`);
    assert.ok((program ?? 0) < 40, `the program has grown to ${program} MiB`);
  });

  await t.test('runs as a user without rights, on a root folder that it cannot write', async (t) => {
    const port = await freePort();
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const how = {
      mounts: { '/data': data },
      writable: ['/data'],
      environment: { SALLYPORT_LISTEN_PORT: String(port) },
    };
    const added = await runContainer(image, {
      ...how,
      command: ['users', 'add', 'ada@example.com', '--password', 'correct horse battery'],
    }).ended;
    assert.equal(added.code, 0, added.stderr);

    const server = runContainer(image, how);
    t.after(() => server.signal('SIGKILL'));
    const origin = `http://localhost:${port}`;
    await answers(`${origin}/live`, server);
    for (const path of ['/live', '/health', '/ready', '/oauth/jwks']) {
      assert.equal((await fetch(origin + path)).status, 200, path);
    }
    const check = () => runContainer(image, { ...how, argv: image.healthcheck }).ended;
    assert.deepEqual(await check(), { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(await status(image, how), {
      uid: '65532',
      gid: '65532',
      groups: '',
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
      writes: 'EROFS',
    });

    server.signal('SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    assert.deepEqual([code, stderr], [0, ''], 'process 1 hears the signal');
    assert.match(stdout, /Stopped; everything is kept\./);
    assert.equal((await check()).code, 1, 'nobody answers any more');
    assert.deepEqual(
      readdirSync(data).filter((name) => !/^(sallyport\.db|secrets\.json)/.test(name)),
      [],
    );
    assert.ok(existsSync(join(data, 'secrets.json')));
  });

  await t.test('runs as deploy/compose and deploy/kubernetes say', { skip: skipWithoutStores() }, (t) =>
    playDeployments(t, image, join(folder, 'played')),
  );
});

/** What the kernel says of a process in the container, and whether it can write beside its program. */
async function status(image: Image, how: Parameters<typeof runContainer>[1]) {
  const code = `
    const { readFileSync, writeFileSync } = require('node:fs');
    const text = readFileSync('/proc/self/status', 'utf8');
    const line = (name) => new RegExp('^' + name + ':[ \\t]*(\\\\S*)', 'm').exec(text)?.[1];
    let writes = 'yes';
    try { writeFileSync('/app/x', ''); } catch (error) { writes = error.code; }
    console.log(JSON.stringify({ uid: line('Uid'), gid: line('Gid'), groups: line('Groups'),
      capabilities: line('CapEff'), noNewPrivileges: line('NoNewPrivs'), writes }));`;
  const argv = ['/usr/local/bin/node', '--eval', code];
  const { stdout, stderr } = await runContainer(image, { ...how, argv }).ended;
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Record<string, string>;
}

function bytesOf(path: string): number {
  const found = statSync(path);
  if (found.isFile()) return found.size;
  return globSync('**/*', { cwd: path, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
