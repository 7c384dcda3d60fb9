// npm run conformance: prints what the suite says and what became of each scenario; exits with 1 when one fails.
import { isPassed, runConformance } from './conformance.ts';

const outcomes = await runConformance((line) => console.log(line));
console.log('');
for (const outcome of outcomes) {
  const { scenario, withResource, checks } = outcome;
  console.log(
    `${isPassed(outcome) ? 'passed' : 'FAILED'}  ${scenario}, ${withResource ? 'with' : 'without'} resource`,
  );
  if (checks.length === 0) console.log('        it did not run');
  for (const { id, status, errorMessage } of checks)
    console.log(
      `        ${status.toLowerCase()}  ${id}${errorMessage === undefined ? '' : `: ${errorMessage}`}`,
    );
}
process.exitCode = outcomes.every(isPassed) ? 0 : 1;
