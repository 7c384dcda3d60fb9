#!/usr/bin/env node
// Plain JavaScript that an old Node understands too, so that it can say what is missing.
/* oxlint-disable no-console, typescript/no-unsafe-call, typescript/no-unsafe-member-access -- no types here */
import { existsSync } from 'node:fs';
import process from 'node:process';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Sallyport needs Node.js 24 or newer; this is ${process.versions.node}. See https://nodejs.org`,
  );
  process.exitCode = 1;
} else if (!existsSync(new URL('../dist/main.js', import.meta.url))) {
  console.error(
    'Sallyport is not built here, as in any clone. Use instead: npm run -s sallyport -- <command>',
  );
  process.exitCode = 1;
} else {
  void import('../dist/main.js').then((program) => program.runAsProgram());
}
