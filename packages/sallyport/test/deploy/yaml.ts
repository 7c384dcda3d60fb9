// Documents of deploy/ as plain values, without types of their own: tests say what they expect to find.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { repository } from './image.ts';

export type Value = string | number | boolean | null | undefined | readonly Value[] | Map;
export interface Map {
  readonly [key: string]: Value;
}

/** @param path below deploy/ */
export function readYaml(path: string): readonly Map[] {
  // As Docker and Kubernetes read it: with merge keys, and octal numbers that begin with 0.
  const documents = parseAllDocuments(readFileSync(join(repository, 'deploy', path), 'utf8'), {
    version: '1.1',
    merge: true,
  });
  return [...documents].map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join()}`);
    return document.toJS() as Map;
  });
}

/** What is at the end of the path, or undefined where the path ends early. */
export function at(value: Value, ...path: readonly (string | number)[]): Value {
  return path.reduce<Value>(
    (found, step) => (typeof found === 'object' && found !== null ? (found as Map)[step] : undefined),
    value,
  );
}

/** A scalar as text; nothing where there is none. */
export function textAt(value: Value, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'object' || found === undefined ? '' : String(found);
}

export function mapAt(value: Value, ...path: readonly (string | number)[]): Map {
  const found = at(value, ...path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Map) : {};
}

export function listAt(value: Value, ...path: readonly (string | number)[]): readonly Value[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Value[]) : [];
}

/** Every map in it, itself too. */
export function mapsIn(value: Value): readonly Map[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap((one: Value) => mapsIn(one));
  return Array.isArray(value) ? inside : [value as Map, ...inside];
}
