// Finds what a TypeScript file imports, by its text. It errs on the loud side: what looks like an import counts, and
// one that cannot be read is reported under a name that no rule allows.

const statements = /^\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
const calls = /\b(?:import|require)\s*\(\s*(['"`]?)([^'"`)]*)\1\s*[,)]/g;
const commentLines = /^\s*(?:\/\/|\/\*|\*).*$/gm;

/**
 * Specifiers of every static and dynamic import, re-export and `import('…')` type, each once.
 * A dynamic import of a computed name is given as `(computed) <the expression>`.
 */
export function findImports(text: string): readonly string[] {
  const code = text.replace(commentLines, '');
  const found = [...code.matchAll(statements)].map(([, , specifier]) => specifier ?? '');
  const called = [...code.matchAll(calls)].map(([, quote, what]) =>
    quote === '' || quote === '`' ? `(computed) ${what}` : (what ?? ''),
  );
  return [...new Set([...found, ...called])];
}
