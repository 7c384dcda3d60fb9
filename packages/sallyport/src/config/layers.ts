// Layers, the later one wins: variables of the Trilix server, the file, the chosen profile in it, the environment. Each
// value remembers its place.

import type { ConfigFile } from './file.ts';
import { fileVariables, readEnvironment } from './given.ts';
import type { Given } from './given.ts';
import { kindOf, schemaAt, variables } from './keys.ts';
import { nearest } from './nearest.ts';
import type { Path, Place, Problem } from './problem.ts';
import { readTrilixVariables } from './trilix.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Layers {
  /** The merged settings as plain values, not yet interpolated, without `profiles`. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly place: (path: Path) => Place;
  /** Whether the value at `path` came as text from the environment. */
  isFromEnvironment(path: Path): boolean;
}

/** Variables that are no keys. */
export const ownVariables = { config: 'SALLYPORT_CONFIG', profile: 'SALLYPORT_PROFILE' } as const;

export function mergeLayers(
  file: ConfigFile | undefined,
  profile: string | undefined,
  environment: Environment,
  cwd: string,
  report: (problem: Problem) => void,
): Layers {
  const { profiles, ...base } = file?.values ?? {};
  let values: Readonly<Record<string, unknown>> = {};
  const fromTrilix = new Map<string, string>();
  const isInFile = (path: Path): boolean =>
    file !== undefined && (file.has(path) || isInProfile(file, ['profiles', profile ?? '', ...path]));
  for (const { path, variable, value } of readTrilixVariables(environment, isInFile, report)) {
    values = merge(values, nested(path, value));
    fromTrilix.set(path.join('.'), variable);
  }
  values = merge(values, base);
  const chosen = chooseProfile(profiles, profile, report);
  if (chosen !== undefined) values = merge(values, chosen);

  const fromEnvironment = new Map<string, Given>();
  for (const given of readEnvironment(environment, cwd, report)) {
    const { path, text } = given;
    values = merge(values, nested(path, readVariable(path, text)));
    fromEnvironment.set(path.join('.'), given);
  }
  reportUnknownVariables(environment, report);
  reportEmptyToken(values, environment, report);

  return {
    values,
    isFromEnvironment: (path) =>
      givenAt(fromEnvironment, path) !== undefined || fromTrilix.has(path.join('.')),
    place: (path) => {
      const given = givenAt(fromEnvironment, path);
      if (given !== undefined) {
        const { variable, isFile } = given;
        return { kind: 'environment', variable, ...(isFile && { isFile }) };
      }
      const variable = fromTrilix.get(path.join('.'));
      if (variable !== undefined) return { kind: 'environment', variable };
      if (file === undefined) return { kind: 'nowhere' };
      const inProfile = profile === undefined ? undefined : ['profiles', profile, ...path];
      return file.place(inProfile !== undefined && isInProfile(file, inProfile) ? inProfile : path);
    },
  };
}

/** An empty variable counts as not set; but whoever passes a token on does not mean that clients need none. */
function reportEmptyToken(
  { registration }: Readonly<Record<string, unknown>>,
  environment: Environment,
  report: (problem: Problem) => void,
): void {
  if (isMap(registration) && ('mode' in registration || 'accessToken' in registration)) return;
  for (const variable of ['SALLYPORT_REGISTRATION_ACCESS_TOKEN', 'OAUTH_DCR_ACCESS_TOKEN'])
    if (environment[variable] === '')
      report({
        key: '',
        place: { kind: 'environment', variable },
        what: 'is empty, and without a token every client may register',
        instead: 'Set it, or if that is meant: SALLYPORT_REGISTRATION_MODE=open.',
      });
}

function chooseProfile(
  profiles: unknown,
  name: string | undefined,
  report: (problem: Problem) => void,
): Readonly<Record<string, unknown>> | undefined {
  if (name === undefined) return undefined;
  const known = isMap(profiles) ? Object.keys(profiles) : [];
  if (!isMap(profiles) || !Object.hasOwn(profiles, name)) {
    report({
      key: 'profiles',
      place: { kind: 'nowhere' },
      what: `has no profile "${name}"`,
      instead:
        known.length === 0
          ? 'Add it under `profiles:`, or leave --profile and SALLYPORT_PROFILE out.'
          : `Choose one of: ${known.join(', ')}.`,
    });
    return undefined;
  }
  const profile = profiles[name];
  // What is not a map is reported when the file is judged as a whole.
  return isMap(profile) ? profile : undefined;
}

/** Maps are merged key by key; anything else, lists too, is replaced. */
function merge(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      if (!Object.hasOwn(over, key)) return [key, base[key]];
      const [below, above] = [Object.hasOwn(base, key) ? base[key] : undefined, over[key]];
      return [key, isMap(below) && isMap(above) ? merge(below, above) : above];
    }),
  );
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nested(path: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}

function readVariable(path: Path, text: string): unknown {
  const schema = schemaAt(path);
  if (schema === undefined || kindOf(schema) !== 'list') return readText(path, text);
  return text.split(',').map((item) => item.trim());
}

/** Text from outside YAML has no type; the schema says which one was meant. */
export function readText(path: Path, text: string): unknown {
  const schema = schemaAt(path);
  const kind = schema === undefined ? 'text' : kindOf(schema);
  if (kind === 'number' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function givenAt(fromEnvironment: ReadonlyMap<string, Given>, path: Path): Given | undefined {
  for (let length = path.length; length > 0; length--) {
    const given = fromEnvironment.get(path.slice(0, length).join('.'));
    if (given !== undefined) return given;
  }
  return undefined;
}

/** A list in a profile replaces the one below as a whole, so that everything inside it is the profile's. */
function isInProfile(file: ConfigFile, path: Path): boolean {
  const list = path.findIndex((step) => typeof step === 'number');
  return file.has(list === -1 ? path : path.slice(0, list));
}

/** Only what looks like a slip: platforms put names of their own there, such as SALLYPORT_SERVICE_HOST. */
function reportUnknownVariables(environment: Environment, report: (problem: Problem) => void): void {
  const known = [...variables.map(({ variable }) => variable), ...Object.values(ownVariables)];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('SALLYPORT_') || text === undefined || text === '') continue;
    if (known.includes(name) || fileVariables.includes(name)) continue;
    const suffix = name.slice('SALLYPORT_'.length);
    const meant = nearest(
      suffix,
      known.map((variable) => variable.slice('SALLYPORT_'.length)),
    );
    const place: Place = { kind: 'environment', variable: name };
    if (meant !== undefined && !/^(?:PORT|SERVICE)(?:_|$)/.test(suffix)) {
      report({
        key: '',
        place,
        what: 'is not a variable that Sallyport knows',
        instead: `Did you mean SALLYPORT_${meant}?`,
      });
    }
  }
}
