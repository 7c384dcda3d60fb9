// The documents of deploy/kubernetes against the published definitions of Kubernetes and of its Gateway API: values by their
// schemas, unknown keys, which those schemas let through, by their types.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gateway } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { repository } from './image.ts';
import { textAt, type Map } from './yaml.ts';

/** What each kind of document is made from. */
const models: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  'apps/v1/Deployment': Deployment,
  'autoscaling/v2/HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'batch/v1/CronJob': CronJob,
  'gateway.networking.k8s.io/v1/Gateway': Gateway,
  'gateway.networking.k8s.io/v1/HTTPRoute': HTTPRoute,
  'networking.k8s.io/v1/NetworkPolicy': NetworkPolicy,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
  'v1/Namespace': Namespace,
  'v1/PersistentVolumeClaim': PersistentVolumeClaim,
  'v1/Secret': Secret,
  'v1/Service': Service,
};

/** `apps/v1/Deployment`, which is also where the package keeps it. */
function kindOf(document: Map): string {
  return `${textAt(document, 'apiVersion')}/${textAt(document, 'kind')}`;
}

/** @returns what is wrong with the document's values; nothing when all is well */
export function judgeValues(document: Map): string | undefined {
  const Model = models[kindOf(document)];
  if (Model === undefined) return `nobody knows ${kindOf(document)}`;
  try {
    new Model(document as never).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** @returns what the compiler says of keys that no type has; nothing when all is well */
export function judgeKeys(documents: readonly Map[]): string {
  const lines = documents.map((document, index) => {
    const path = kindOf(document);
    const name = `I${textAt(document, 'kind')}`;
    const from = path.startsWith('gateway.') ? '@kubernetes-models/gateway-api' : 'kubernetes-models';
    const type = `import type { ${name} as T${index} } from '${from}/${path}';`;
    return `${type}\nexport const d${index}: T${index} = ${JSON.stringify(document, null, 2)};`;
  });
  // Inside the repository, so that the types are found.
  const folder = join(repository, 'node_modules/.cache', `manifests-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--ignoreConfig',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--types',
      '',
    ];
    return spawnSync(process.execPath, [tsc, ...options, 'manifests.ts'], { cwd: folder, encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
