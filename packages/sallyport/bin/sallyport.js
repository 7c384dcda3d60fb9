#!/usr/bin/env node
// Plain JavaScript that an old Node understands too, so that it can say what is missing.
/* global process */
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    'Sallyport needs Node.js 24 or newer; this is ' +
      process.versions.node +
      '. Get it at https://nodejs.org',
  );
  process.exitCode = 1;
} else {
  import('../dist/main.js')
    .then(function (program) {
      return program.runAsProgram();
    })
    .catch(function (error) {
      console.error(error);
      process.exitCode = 1;
    });
}
