// The official conformance suite has two scenarios for authorization servers: both pass, nothing is left out.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { runConformance, scenarios, type Outcome } from './conformance.ts';
import { isPassed } from './suite.ts';

describe('the official conformance suite', () => {
  const said: string[] = [];
  let outcomes: readonly Outcome[];
  before(async () => {
    outcomes = await runConformance((line) => void said.push(line));
  });

  for (const withResource of [false, true])
    for (const scenario of scenarios)
      it(`passes ${scenario} ${withResource ? 'with' : 'without'} resource`, () => {
        const outcome = outcomes.find(
          (one) => one.scenario === scenario && one.withResource === withResource,
        );
        assert.ok(outcome && isPassed(outcome), said.join('\n'));
        for (const { id, status } of outcome.checks) assert.equal(status, 'SUCCESS', id);
      });

  it('has no other scenario for authorization servers', () => {
    assert.ok(
      said.some((line) => line.startsWith(`Running test (${scenarios.length} scenarios)`)),
      said.join('\n'),
    );
  });
});

describe('a conformance outcome', () => {
  const outcome = (...statuses: Outcome['checks'][number]['status'][]): Outcome => ({
    scenario: 'any',
    withResource: false,
    checks: statuses.map((status) => ({ id: 'any', status })),
  });
  it('is no pass when nothing ran, or something failed or was skipped', () => {
    assert.ok(isPassed(outcome('SUCCESS', 'WARNING')));
    for (const bad of [
      outcome(),
      outcome('WARNING'),
      outcome('SUCCESS', 'FAILURE'),
      outcome('SUCCESS', 'SKIPPED'),
    ])
      assert.ok(!isPassed(bad));
  });
});
