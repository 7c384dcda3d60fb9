// `${NAME}` in a text of the file becomes the environment variable; an unset one is an error, never an empty text.

import type { Environment } from './layers.ts';
import type { Path, Problem } from './problem.ts';
import { printPath } from './problem.ts';
import type { Layers } from './layers.ts';
import { isMap, readText } from './layers.ts';

/** `$${NAME}` stands for the text `${NAME}` itself. */
const reference = /\$(\$?)\{([^}]*)\}?/g;

export function interpolate(
  layers: Layers,
  environment: Environment,
  report: (problem: Problem) => void,
  /** Where the value of a key is to be had, if anybody knows. */
  foundAt: (path: Path) => string | undefined = () => undefined,
): Readonly<Record<string, unknown>> {
  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (isMap(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
      );
    }
    // What came from the environment is taken as it is: a value with `${` in it is no template.
    if (typeof value !== 'string' || layers.isFromEnvironment(path)) return value;
    const from = foundAt(path);
    const text = replaceReferences(value, environment, (what, instead) =>
      report({
        key: printPath(path),
        place: layers.place(path),
        what,
        instead: from === undefined ? instead : `${instead} (it is shown at ${from})`,
      }),
    );
    return text === undefined ? unresolved : text === value ? value : readText(path, text);
  };
  return walk(layers.values, []) as Readonly<Record<string, unknown>>;
}

/** Marks a value that could not be filled in, so that it is not reported a second time for its type. */
export const unresolved = Symbol('unresolved');

function replaceReferences(
  text: string,
  environment: Environment,
  refuse: (what: string, instead: string) => void,
): string | undefined {
  let failed = false;
  const replaced = text.replaceAll(reference, (match, escaped: string, name: string) => {
    if (escaped === '$') return match.slice(1);
    if (!match.endsWith('}') || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      failed = true;
      refuse('has a "${" that names no variable', 'Write ${NAME}, or $${ for the characters themselves.');
      return '';
    }
    const value = environment[name];
    if (value === undefined || value === '') {
      failed = true;
      refuse(
        `needs the environment variable ${name}, which is ${value === undefined ? 'not set' : 'empty'}`,
        `Set it before starting: export ${name}=…`,
      );
      return '';
    }
    return value;
  });
  return failed ? undefined : replaced;
}
