// npm run conformance: prints what the suite says and what became of each scenario; exits with 1 when one fails.
import { runConformance } from './conformance.ts';
import { runServerConformance } from './server-conformance.ts';
import { omissions } from './server-scenarios.ts';
import { isPassed, type Check } from './suite.ts';

interface Verdict {
  readonly title: string;
  readonly checks: readonly Check[];
  /** What is left out of it, and why. */
  readonly excepted: readonly string[];
  /** What is left out, and need not be. */
  readonly needless: readonly string[];
}

const print = (line: string): void => console.log(line);
const isGood = (verdict: Verdict): boolean => isPassed(verdict) && verdict.needless.length === 0;
const authorization = (await runConformance(print)).map(({ scenario, withResource, checks }): Verdict => {
  const title = `${scenario}, ${withResource ? 'with' : 'without'} resource`;
  return { title, checks, excepted: [], needless: [] };
});
const servers = (await runServerConformance(print)).map(
  ({ scenario, checks, needlessExceptions }): Verdict => {
    const { name, revision, server, except } = scenario;
    const title = `${name}, revision ${revision}, ${server}`;
    const excepted = except.map(({ checks: ids, because }) => `${ids.join(', ')}: ${because}`);
    return { title, checks, excepted, needless: needlessExceptions };
  },
);

const headings = { 'The authorization server': authorization, 'Servers behind the gate': servers };
for (const [heading, verdicts] of Object.entries(headings)) {
  print(`\n${heading}\n`);
  for (const verdict of verdicts) {
    const { title, checks, excepted, needless } = verdict;
    print(`${isGood(verdict) ? 'passed' : 'FAILED'}  ${title}`);
    if (checks.length === 0) print('        it did not run');
    for (const { id, status, errorMessage } of checks)
      print(`        ${status.toLowerCase()}  ${id}${errorMessage === undefined ? '' : `: ${errorMessage}`}`);
    for (const note of excepted) print(`        left out  ${note}`);
    for (const id of needless) print(`        left out, but it succeeds  ${id}`);
  }
}
print('\nNot run');
for (const { because, names, revision } of omissions)
  print(
    `\nin ${revision ?? 'both, where the suite has it'}: ${because}\n        ${names.join('\n        ')}`,
  );

process.exitCode = [...authorization, ...servers].every(isGood) ? 0 : 1;
