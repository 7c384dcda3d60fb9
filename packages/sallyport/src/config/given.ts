// What the environment says of each key: the variable itself, or the file that the same name with _FILE names, which is
// how Docker and Kubernetes hand secrets over without putting them where every process listing shows them.

import { resolve } from 'node:path';
import { variables } from './keys.ts';
import type { Environment } from './layers.ts';
import type { Problem } from './problem.ts';
import { readValue } from './value-file.ts';

export interface Given {
  /** The key. */
  readonly path: readonly string[];
  /** The variable that says it, with `_FILE` where it names a file. */
  readonly variable: string;
  readonly isFile: boolean;
  readonly text: string;
}

const own = new Set(variables.map(({ variable }) => variable));

/** Names that stand for a file with the value. A key whose own name ends in `File` is a path, and stays one. */
export const fileVariables: readonly string[] = variables
  .map(({ variable }) => fileVariable(variable))
  .filter((name) => !own.has(name));

function fileVariable(variable: string): string {
  return `${variable}_FILE`;
}

/** @param cwd what a relative path of a file starts at */
export function readEnvironment(
  environment: Environment,
  cwd: string,
  report: (problem: Problem) => void,
): readonly Given[] {
  return variables.flatMap(({ path, variable }) => {
    const inFile = fileVariable(variable);
    // A compose file passes a variable that nobody set as an empty one.
    const text = environment[variable] ?? '';
    const file = (fileVariables.includes(inFile) && environment[inFile]) || '';
    const refuse = (what: string, instead: string): readonly Given[] => {
      report({ key: '', place: { kind: 'environment', variable: inFile }, what, instead });
      return [];
    };
    if (file === '') return text === '' ? [] : [{ path, variable, isFile: false, text }];
    if (text !== '') return refuse(`is set, and so is ${variable}`, 'Set one of them.');
    const content = readValue(resolve(cwd, file));
    if (typeof content !== 'string') return refuse(content.what, content.instead);
    return [{ path, variable: inFile, isFile: true, text: content }];
  });
}
