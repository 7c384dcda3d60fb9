// Every server scenario of the official conformance suite for the two revisions: run, or not run and why. The suite
// asks for the tools of its own fixture server nearly everywhere; here is what any server must be able to do.

export type Revision = '2025-11-25' | '2026-07-28';

export interface Scenario {
  readonly name: string;
  readonly revision: Revision;
  /** `records`: what the product serves. `library`: resources and prompts, which records do not have. */
  readonly server: 'records' | 'library';
  /** Checks that cannot succeed at this server, by id; all others must. */
  readonly except: readonly Exception[];
}

export interface Exception {
  readonly checks: readonly string[];
  readonly because: string;
}

export const revisions: readonly Revision[] = ['2025-11-25', '2026-07-28'];

const both = revisions;
const stateful: readonly Revision[] = ['2025-11-25'];
const stateless: readonly Revision[] = ['2026-07-28'];

const neverThere: readonly Exception[] = [
  {
    checks: [
      'sep-2575-server-rejects-undeclared-capability',
      'sep-2575-missing-capability-http-400',
      'sep-2575-http-server-no-independent-requests-on-stream',
      'sep-2575-server-no-log-without-loglevel',
    ],
    because: 'calls diagnostic tools of the fixture server',
  },
  {
    checks: [
      'sep-2575-server-sends-tools-list-changed-on-subscription',
      'sep-2575-server-sends-prompts-list-changed-on-subscription',
    ],
    because: 'the lists never change while the server runs, and it does not say that they might',
  },
];

export const scenarios: readonly Scenario[] = [
  run('server-initialize', stateful, 'records'),
  run('ping', stateful, 'records'),
  run('tools-list', both, 'records'),
  run('dns-rebinding-protection', both, 'records'),
  run('server-sse-multiple-streams', stateless, 'records'),
  run('server-stateless', stateless, 'records', neverThere),
  run('http-header-validation', stateless, 'records'),
  run('input-required-result-unsupported-methods', stateless, 'records'),
  run('resources-list', both, 'library'),
  run('resources-read-text', both, 'library'),
  run('sep-2164-resource-not-found', stateless, 'library'),
  run('caching', stateless, 'library'),
  run('prompts-list', both, 'library'),
  run('prompts-get-simple', both, 'library'),
  run('prompts-get-with-args', both, 'library'),
].flat();

function run(
  name: string,
  inRevisions: readonly Revision[],
  server: Scenario['server'],
  except: readonly Exception[] = [],
): readonly Scenario[] {
  return inRevisions.map((revision) => ({ name, revision, server, except }));
}

/** Scenarios that are not run. */
export interface Omission {
  readonly because: string;
  readonly names: readonly string[];
  /** Not run in this one; without it, in no revision that has them. */
  readonly revision?: Revision;
}

export const omissions: readonly Omission[] = [
  {
    because: 'it calls tools of the fixture server',
    names: [
      'tools-call-simple-text',
      'tools-call-image',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-mixed-content',
      'tools-call-error',
      'tools-call-with-progress',
      'tools-call-with-logging',
      'tools-call-sampling',
      'tools-call-elicitation',
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'json-schema-2020-12',
      'http-custom-header-server-validation',
      'input-required-result-basic-elicitation',
      'input-required-result-basic-sampling',
      'input-required-result-basic-list-roots',
      'input-required-result-request-state',
      'input-required-result-multiple-input-requests',
      'input-required-result-multi-round',
      'input-required-result-missing-input-response',
      'input-required-result-result-type',
      'input-required-result-tampered-state',
      'input-required-result-capability-check',
      'input-required-result-ignore-extra-params',
      'input-required-result-validate-input',
      'server-sse-polling',
    ],
  },
  {
    because: 'it gets a prompt that asks back, or one with a picture or a resource inside; ours are text',
    names: [
      'input-required-result-non-tool-request',
      'prompts-get-embedded-resource',
      'prompts-get-with-image',
    ],
  },
  {
    because:
      'it reads binary resources or templates, or subscribes to resources; ours are texts that do not change',
    names: [
      'resources-read-binary',
      'resources-templates-read',
      'resources-subscribe',
      'resources-unsubscribe',
    ],
  },
  {
    because: 'it needs completions or logging, which no server behind the gate has or advertises',
    names: ['completion-complete', 'logging-set-level'],
  },
  {
    because: 'it is about sessions, and the gate begins none: without a session the suite checks nothing',
    names: ['server-session-lifecycle', 'server-sse-multiple-streams'],
    revision: '2025-11-25',
  },
];
