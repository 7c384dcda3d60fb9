// The official conformance suite's server scenarios: what needs no fixture tools passes through the gate, in both revisions.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { listedScenarios, runServerConformance, type ServerOutcome } from './server-conformance.ts';
import { omissions, revisions, scenarios } from './server-scenarios.ts';
import { isPassed } from './suite.ts';

for (const revision of revisions)
  describe(`the server scenarios of revision ${revision}`, () => {
    it('are each either run, or not run for a reason', async () => {
      const run = scenarios.filter((scenario) => scenario.revision === revision).map(({ name }) => name);
      const listed = await listedScenarios(revision);
      const omitted = omissions.filter((one) => one.revision === undefined || one.revision === revision);
      const notRun = omitted.flatMap(({ names }) => names).filter((name) => listed.includes(name));
      assert.deepEqual([...run, ...notRun].toSorted(), listed.toSorted());
    });
  });

describe('through the gate, with a token', () => {
  const said: string[] = [];
  let outcomes: readonly ServerOutcome[];
  before(async () => {
    outcomes = await runServerConformance((line) => void said.push(line));
  });

  for (const { name, revision, server } of scenarios)
    it(`${name} passes in ${revision} (${server})`, () => {
      const outcome = outcomes.find(
        ({ scenario }) => scenario.name === name && scenario.revision === revision,
      );
      assert.ok(outcome && isPassed(outcome), said.join('\n'));
      assert.deepEqual(outcome.needlessExceptions, []);
      for (const { id, status } of outcome.checks) assert.notEqual(status, 'WARNING', id);
    });
});
