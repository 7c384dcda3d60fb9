// The shape of the settings against the schema; every finding in words that say what to write instead.

import type { z } from 'zod';
import { unresolved } from './interpolate.ts';
import { exampleAt, keysAt, kindOf, schemaAt, variables } from './keys.ts';
import type { Kind } from './keys.ts';
import { laterKey, laterValue } from './later.ts';
import { isMap } from './layers.ts';
import { nearest } from './nearest.ts';
import { printPath } from './problem.ts';
import type { Path, Place, Problem } from './problem.ts';
import type { Settings } from './schema.ts';

/** @returns the settings when nothing was reported, otherwise undefined */
export function judgeShape(
  values: Readonly<Record<string, unknown>>,
  schema: z.ZodType<Settings>,
  place: (path: Path) => Place,
  report: (problem: Problem) => void,
): Settings | undefined {
  const judged = schema.safeParse(values, { reportInput: false });
  if (judged.success) return judged.data;
  const findings = judged.error.issues.flatMap((issue) => findingsOf(issue, values));
  // An entry of a list that belongs to a later version is said to be so once, not once per key.
  const laterEntries = new Set(findings.flatMap((finding) => (finding.later ? [entryOf(finding.path)] : [])));
  const said = new Set<string>();
  for (const { path, what, instead, later } of findings) {
    const entry = entryOf(path);
    if (entry !== '' && laterEntries.has(entry)) {
      if (what === missing || (later && said.has(entry))) continue;
      if (later) said.add(entry);
    }
    const written = place(path);
    report({ key: printPath(path), place: written, what, instead: inPlace(instead, path, written) });
  }
  return undefined;
}

/** Advice for YAML, in the form of the place where the value was written. */
function inPlace(instead: string, path: Path, place: Place): string {
  if (place.kind !== 'environment') return instead;
  return instead.replaceAll(
    `${String(path.findLast((step) => typeof step === 'string'))}: `,
    place.isFile === true ? '' : `${place.variable}=`,
  );
}

/** Only whether its keys are known: a profile that was not chosen may name variables that are not set here. */
export function judgeKeys(
  values: unknown,
  path: Path,
  schema: z.ZodType,
  place: (path: Path) => Place,
  report: (problem: Problem) => void,
): void {
  const judged = schema.safeParse(values);
  for (const issue of judged.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') continue;
    for (const { path: inner, what, instead } of findingsOf(issue, values)) {
      const whole = [...path, ...inner];
      report({ key: printPath(whole), place: place(whole), what, instead });
    }
  }
}

const missing = 'is missing';

interface Finding {
  readonly path: Path;
  readonly what: string;
  readonly instead: string;
  readonly later: boolean;
}

function findingsOf(issue: z.core.$ZodIssue, values: unknown): Finding[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], values));
  const value = valueAt(values, path);
  if (value === unresolved) return [];
  // What may be a text or a map was meant to be the one that it is.
  if (issue.code === 'invalid_union' && isMap(value)) {
    const ofMap = issue.errors.find((own) =>
      own.every((one) => one.code !== 'invalid_type' || one.path.length > 0),
    );
    if (ofMap !== undefined)
      return ofMap.flatMap((one) => findingsOf({ ...one, path: [...issue.path, ...one.path] }, values));
  }
  const today = laterValue(path, value);
  if (today !== undefined) {
    return [
      {
        path,
        what: `is "${String(value)}", which this version does not support yet`,
        instead: today,
        later: true,
      },
    ];
  }
  return [{ path, ...sentence(issue, path, value), later: false }];
}

function unknownKey(path: Path, values: unknown): Finding {
  const today = laterKey(path);
  if (today !== undefined) {
    return { path, what: 'is not supported by this version', instead: today, later: true };
  }
  const key = String(path.at(-1));
  const around = path.slice(0, -1);
  const known = keysAt(around, values);
  const meant = nearest(key, known) ?? (around.length === 0 ? elsewhere(key) : undefined);
  const instead =
    meant === undefined ? `Known keys here are: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return { path, what: 'is not a key that Sallyport knows', instead, later: false };
}

/** `port` at the top was meant to be `listen.port`. */
function elsewhere(key: string): string | undefined {
  return variables
    .map(({ path }) => path)
    .find((path) => path.at(-1) === key)
    ?.join('.');
}

function sentence(issue: z.core.$ZodIssue, path: Path, value: unknown): { what: string; instead: string } {
  const name = path.findLast((step) => typeof step === 'string') ?? '';
  const example = exampleAt(path);
  const write = example === undefined ? 'See: sallyport schema' : `Write, for example: ${name}: ${example}`;
  if (issue.code === 'custom') {
    const instead: unknown = issue.params?.['instead'];
    return { what: issue.message, instead: typeof instead === 'string' ? instead : write };
  }
  if (value === undefined) return { what: missing, instead: write };
  if (value === null) return { what: 'has no value', instead: `${write}, or remove the line.` };
  if (issue.code === 'invalid_union' && 'options' in issue) {
    const choices = (issue.options as readonly unknown[]).map(String);
    const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
    return {
      what: `must be one of ${choices.join(', ')}`,
      instead: `Write: ${name}: ${meant ?? choices[0] ?? ''}`,
    };
  }
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const what = choices.length === 1 ? `must be ${choices.join()}` : `must be one of ${choices.join(', ')}`;
    return { what, instead: `Write: ${name}: ${choices[0] ?? ''}` };
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    if (issue.origin !== 'array')
      return {
        what: `${typeof value === 'number' ? `is ${value}, but ` : ''}must be ${limit}`,
        instead: write,
      };
    const what = issue.code === 'too_small' ? 'is an empty list' : `must have ${limit} entries`;
    return { what, instead: 'Add or remove entries, or leave the key out.' };
  }
  const schema = schemaAt(path);
  return { what: `must be ${kinds[schema === undefined ? 'map' : kindOf(schema)]}`, instead: write };
}

const kinds: Readonly<Record<Kind, string>> = {
  number: 'a whole number',
  boolean: 'true or false',
  text: 'a text',
  list: 'a list',
  map: 'a map of keys',
};

function valueAt(values: unknown, path: Path): unknown {
  let value = values;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isMap(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function entryOf(path: Path): string {
  const index = path.findIndex((step) => typeof step === 'number');
  return index === -1 ? '' : printPath(path.slice(0, index + 1));
}
