// What some tests need from the machine. Where it is absent they are skipped with a message; on CI they fail, so
// that nobody mistakes "was not run" for "passes".

/**
 * The value of a test's `skip` option.
 * @param found what the machine has, or undefined
 * @param what its name and how to get it, shown in the message
 * @throws on CI (`CI=true`) when it is absent
 */
export function skipUnless(found: unknown, what: string): string | false {
  if (found !== undefined) return false;
  if (process.env['CI'] === 'true') throw new Error(`needed on CI and absent: ${what}`);
  return `absent on this machine: ${what}`;
}
