// deploy/kubernetes: Kubernetes takes it, its strictest level of security too, and everything in it that names something
// else names what is there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigInvalid, inspectSecrets, loadConfig, SecretsUnusable } from '../../src/config/index.ts';
import { fileVariables } from '../../src/config/given.ts';
import { variables } from '../../src/config/keys.ts';
import { openHouse } from '../house/open-house.ts';
import { temporaryFolder } from '../program/run.ts';
import { all, readPairs } from './dockerfile.ts';
import { readStages, repository } from './image.ts';
import { judgeKeys, judgeValues } from './manifests.ts';
import { at, listAt, mapAt, mapsIn, readYaml, textAt, type Map, type Value } from './yaml.ts';

const folder = join(repository, 'deploy/kubernetes');
const [kustomization = {}] = readYaml('kubernetes/kustomization.yaml');
const resources = listAt(kustomization, 'resources').map(String);
const documents = resources.flatMap((name) => readYaml(`kubernetes/${name}`));
const [secret = {}] = readYaml('kubernetes/secret.example.yaml');
const one = (kind: string): Map => {
  const [found, ...more] = documents.filter((document) => document['kind'] === kind);
  assert.ok(found !== undefined && more.length === 0, kind);
  return found;
};
const deployment = one('Deployment');
const server = mapAt(deployment, 'spec', 'template');
const backup = mapAt(one('CronJob'), 'spec', 'jobTemplate', 'spec', 'template');
const pods = [server, backup];
const containersOf = (pod: Map) =>
  ['initContainers', 'containers'].flatMap((kind) => listAt(pod, 'spec', kind)) as Map[];
const container = containersOf(server)[0] ?? {};

/** Whether a selector picks a pod. */
function picks(selector: Value, pod: Map): boolean {
  const labels = mapAt(pod, 'metadata', 'labels');
  return Object.entries(mapAt(selector)).every(([key, value]) => labels[key] === value);
}

describe('deploy/kubernetes', () => {
  it('has only documents that Kubernetes knows, without a key that it does not know', () => {
    for (const document of [...documents, secret]) assert.equal(judgeValues(document), undefined);
    assert.equal(judgeKeys([...documents, secret]), '');
  });

  it('would be told of a slip', () => {
    const spec = mapAt(deployment, 'spec');
    assert.match(judgeValues({ ...deployment, spec: { ...spec, selector: 7 } }) ?? '', /selector/);
    assert.match(judgeKeys([{ ...deployment, spec: { ...spec, replicaz: 2 } }]), /replicaz/);
    const route = one('Gateway');
    assert.match(judgeKeys([{ ...route, spec: { ...mapAt(route, 'spec'), listener: [] } }]), /listener/);
  });

  it('applies every file of the folder, but for the template of the Secret', () => {
    const rest = ['kustomization.yaml', 'sallyport.yaml', 'secret.example.yaml'];
    assert.deepEqual([...resources, ...rest].sort(), readdirSync(folder).sort());
    assert.deepEqual(at(kustomization, 'configMapGenerator'), [
      { name: 'sallyport', files: ['sallyport.yaml'] },
    ]);
  });

  it('pins every image, ours to the version of the product', () => {
    const product = readFileSync(join(repository, 'packages/sallyport/package.json'), 'utf8');
    const { version } = JSON.parse(product) as { version: string };
    const [image] = listAt(kustomization, 'images');
    assert.equal(at(image, 'newTag'), version);
    const images = pods.flatMap((pod) => containersOf(pod).map((each) => textAt(each, 'image')));
    for (const name of images.filter((each) => each !== at(image, 'name')))
      assert.match(name, /:\d+\.\d+\.\d+$/);
  });

  it('asks for nothing that the restricted level of pod security denies, and for less where it can', () => {
    assert.equal(
      at(one('Namespace'), 'metadata', 'labels', 'pod-security.kubernetes.io/enforce'),
      'restricted',
    );
    for (const pod of pods) {
      const context = mapAt(pod, 'spec', 'securityContext');
      assert.equal(context['runAsNonRoot'], true);
      assert.equal(
        `${textAt(context, 'runAsUser')}:${textAt(context, 'runAsGroup')}`,
        all(readStages().final, 'USER').join(),
      );
      assert.deepEqual(context['seccompProfile'], { type: 'RuntimeDefault' });
      assert.equal(at(pod, 'spec', 'automountServiceAccountToken'), false);
      assert.equal(at(pod, 'spec', 'enableServiceLinks'), false);
      for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) assert.equal(at(pod, 'spec', key), undefined);
      for (const each of containersOf(pod)) {
        assert.deepEqual(each['securityContext'], {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const kind of ['requests', 'limits'])
          assert.match(textAt(each, 'resources', kind, 'memory'), /^\d+Mi$/);
      }
      const kinds = listAt(pod, 'spec', 'volumes').flatMap((volume) => Object.keys(mapAt(volume)).slice(1));
      assert.deepEqual(
        kinds.filter((kind) => kind === 'hostPath'),
        [],
      );
    }
  });

  it('can write nothing, but for the backup its volume', () => {
    const writable = pods.flatMap((pod) =>
      containersOf(pod).flatMap((each) =>
        listAt(each, 'volumeMounts').flatMap((mount) =>
          at(mount, 'readOnly') === true ? [] : [at(mount, 'name')],
        ),
      ),
    );
    assert.deepEqual([...new Set(writable)], ['backup']);
    for (const { secretName, defaultMode } of mapsIn([...pods]).filter((map) => 'secretName' in map)) {
      assert.deepEqual([secretName, defaultMode], ['sallyport', 0o440]);
    }
  });

  it('picks the pods that are meant, and no backup among them', () => {
    const spread = listAt(server, 'spec', 'topologySpreadConstraints').map((each) =>
      at(each, 'labelSelector', 'matchLabels'),
    );
    for (const selector of [
      at(deployment, 'spec', 'selector', 'matchLabels'),
      at(one('Service'), 'spec', 'selector'),
      at(one('PodDisruptionBudget'), 'spec', 'selector', 'matchLabels'),
      ...spread,
    ]) {
      assert.deepEqual([picks(selector, server), picks(selector, backup)], [true, false]);
      assert.ok(Object.keys(mapAt(selector)).length > 0, 'an empty selector picks everything');
    }
    const policed = at(one('NetworkPolicy'), 'spec', 'podSelector', 'matchLabels');
    assert.deepEqual([picks(policed, server), picks(policed, backup)], [true, true]);
    assert.deepEqual(at(one('HorizontalPodAutoscaler'), 'spec', 'scaleTargetRef'), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: at(deployment, 'metadata', 'name'),
    });
  });

  it('leads from the gateway over the service to the port that the image listens on', () => {
    const [exposed = ''] = all(readStages().final, 'EXPOSE');
    assert.deepEqual(listAt(container, 'ports'), [{ name: 'http', containerPort: Number(exposed) }]);
    const [port] = listAt(one('Service'), 'spec', 'ports');
    assert.equal(at(port, 'targetPort'), 'http');
    const routes = documents.filter(({ kind }) => kind === 'HTTPRoute');
    const backends = mapsIn(routes).flatMap((map) => listAt(map, 'backendRefs'));
    assert.deepEqual(backends, [{ name: at(one('Service'), 'metadata', 'name'), port: at(port, 'port') }]);
    const listeners = listAt(one('Gateway'), 'spec', 'listeners').map((each) => at(each, 'name'));
    for (const route of routes) {
      const [parent] = listAt(route, 'spec', 'parentRefs');
      assert.equal(at(parent, 'name'), at(one('Gateway'), 'metadata', 'name'));
      assert.ok(listeners.includes(at(parent, 'sectionName')));
    }
    // A retried POST could spend a code twice, and a limit of time would end every stream.
    assert.deepEqual(
      mapsIn(routes).filter((map) => 'retry' in map),
      [],
    );
    assert.equal(mapsIn(routes).find((map) => 'request' in map)?.['request'], '0s');
  });

  it('is never without a pod that answers: neither while it rolls out nor while nodes are drained', () => {
    assert.deepEqual(at(deployment, 'spec', 'strategy', 'rollingUpdate'), { maxUnavailable: 0, maxSurge: 1 });
    assert.equal(at(deployment, 'spec', 'replicas'), undefined, 'the autoscaler says how many');
    assert.ok(Number(at(one('HorizontalPodAutoscaler'), 'spec', 'minReplicas')) >= 2);
    assert.equal(at(one('PodDisruptionBudget'), 'spec', 'maxUnavailable'), 1);
  });

  it('probes what there is: readiness asks the store, and nothing restarts a pod because the store is away', async () => {
    const house = await openHouse({
      rig: (storage) => ({ ...storage, ping: () => Promise.reject(new Error('asked')) }),
    });
    const statuses = async (probe: string) =>
      (await house.ask(textAt(container, probe, 'httpGet', 'path')).catch(() => undefined))?.status;
    assert.equal(await statuses('startupProbe'), 200);
    assert.equal(await statuses('livenessProbe'), 200);
    assert.notEqual(await statuses('readinessProbe'), 200);
    assert.equal(at(container, 'readinessProbe', 'httpGet', 'path'), '/ready');
    await house.close();
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      assert.equal(at(container, probe, 'httpGet', 'port'), 'http');
    }
  });

  it('is a configuration, which fits its limits, its network and its database', (t) => {
    const config = configOf(temporaryFolder(t), container);
    assert.equal(config.publicUrl, 'https://mcp.example.com');
    assert.equal(`https://${textAt(one('Gateway'), 'spec', 'listeners', 1, 'hostname')}`, config.publicUrl);
    assert.equal(config.secretsFile, '/run/secrets/sallyport/secrets.json');
    const grace = Number(at(server, 'spec', 'terminationGracePeriodSeconds'));
    assert.ok(config.listen.stopDelaySeconds > 0 && config.listen.stopDelaySeconds + 10 <= grace);
    const atOnce = Number(at(one('HorizontalPodAutoscaler'), 'spec', 'maxReplicas')) + 1;
    // The default of PostgreSQL is 100, of which three are for its administrator.
    assert.ok(atOnce * (config.storage.poolSize + 1) <= 97, 'more connections than PostgreSQL has');
    assert.ok(
      config.signIn.every((way) => way.provider !== 'password' || !way.signUp),
      'nobody lets themselves in',
    );
  });

  it('keeps every secret in the Secret, and backs up the store that the pods use', (t) => {
    const used = new Set(
      pods.flatMap((pod) =>
        mapsIn(pod).flatMap(
          (map) => /^\/run\/secrets\/sallyport\/(.+)$/.exec(textAt(map, 'value'))?.[1] ?? [],
        ),
      ),
    );
    assert.deepEqual([...used].sort(), Object.keys(mapAt(secret, 'stringData')).sort());
    const [job = {}] = listAt(backup, 'spec', 'containers') as Map[];
    const urls = [container, job].map((each) => configOf(temporaryFolder(t), each).storage.url);
    assert.equal(urls[0], urls[1]);
    const volume = mapsIn(backup).find((map) => 'claimName' in map);
    assert.equal(volume?.['claimName'], at(one('PersistentVolumeClaim'), 'metadata', 'name'));
  });

  it('starts nothing with the template of the Secret as it stands', async (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(join(cwd, 'secrets.json'), textAt(secret, 'stringData', 'secrets.json'));
    const environment = { SALLYPORT_SECRETS_FILE: 'secrets.json' };
    await assert.rejects(inspectSecrets(loadConfig({ environment, cwd })), SecretsUnusable);
  });
});

/** The configuration of a container, with the template's secrets where it would find its own. */
function configOf(cwd: string, of: Map) {
  const known = new Set([...variables.map(({ variable }) => variable), ...fileVariables]);
  const image = Object.assign({}, ...all(readStages().final, 'ENV').map(readPairs)) as Record<string, string>;
  const own = listAt(of, 'env').map((each) => [textAt(each, 'name'), textAt(each, 'value')]);
  const environment = Object.fromEntries(
    [...Object.entries(image), ...own]
      .filter(([name = '']) => name.startsWith('SALLYPORT_'))
      .map(([name = '', value = '']) => {
        assert.ok(known.has(name), `there is no ${name}`);
        const key = /^\/run\/secrets\/sallyport\/(.+)$/.exec(value)?.[1];
        if (key === undefined || !fileVariables.includes(name)) return [name, value];
        const text = textAt(secret, 'stringData', key);
        assert.ok(text !== '', `the Secret has no ${key}`);
        writeFileSync(join(cwd, key), text);
        return [name, join(cwd, key)];
      }),
  );
  try {
    return loadConfig({ file: join(folder, 'sallyport.yaml'), environment, cwd });
  } catch (error) {
    throw error instanceof ConfigInvalid ? new Error(error.message) : error;
  }
}
