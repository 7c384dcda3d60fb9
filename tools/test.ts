// Runs the tests: `npm test [-- <part of a path> …]`, and `npm run test:browser` for those that need Chromium. With
// --write-docs those that hold a generated document write it (generated.ts).
// It is the one launcher, so that the tests and every process or worker they start resolve @sallyport/* to source.

import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const condition = '--conditions=@sallyport/source';

/** No test may hang a build; the slowest file stays far below this, also on a machine that does ten other things. */
const fileTimeoutMilliseconds = 900_000;

const args = process.argv.slice(2);
const inBrowser = args.includes('--browser');
const writesDocs = args.includes('--write-docs');
const wanted = args.filter((arg) => arg !== '--browser' && arg !== '--write-docs');

const files = globSync(['packages/*/test/**/*.test.ts', 'tools/test/**/*.test.ts'], { cwd: root })
  .filter((file) => file.endsWith('.browser.test.ts') === inBrowser)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

if (files.length === 0) {
  console.error(
    wanted.length === 0
      ? 'There is no test to run.'
      : `No test file has "${wanted.join('" or "')}" in its path.`,
  );
  process.exitCode = 1;
} else {
  runTests();
}

function runTests(): void {
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${Math.max(2, availableParallelism())}`,
      `--test-timeout=${fileTimeoutMilliseconds}`,
      ...files,
    ],
    { cwd: root, env: environmentOfTests(), stdio: 'inherit' },
  );
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
  // Ctrl-C reaches the child by itself; staying until it has printed its last lines keeps them whole.
  process.on('SIGINT', () => {});
}

/** Ours, with the source condition added and without settings of a Sallyport that this shell may be running. */
function environmentOfTests(): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SALLYPORT_')),
  );
  const options = environment['NODE_OPTIONS'] ?? '';
  return {
    // Hundreds of processes read the same source: once stripped of its types and compiled, it costs each a third less time.
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
    ...environment,
    ...(writesDocs && { WRITE_DOCS: '1' }),
    NODE_OPTIONS: options.includes(condition) ? options : `${options} ${condition}`.trim(),
  };
}
