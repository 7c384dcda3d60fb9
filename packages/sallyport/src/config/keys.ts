// What the schema knows: which keys there are at a path, of which kind, and the environment variable of each scalar.

import { z } from 'zod';
import type { Path } from './problem.ts';
import { configFile, settings } from './schema.ts';

export type Kind = 'number' | 'boolean' | 'text' | 'list' | 'map';

/**
 * The schema at a path, without its `optional`; undefined for a path that it does not know.
 * @param values what was written, where it says which of several maps is meant
 */
export function schemaAt(path: Path, values?: unknown): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configFile;
  let value = values;
  for (const step of path) {
    const inner = asMap(bare(schema), value);
    value = inside(value, step);
    if (inner instanceof z.ZodObject) {
      schema = Object.hasOwn(inner.shape, step) ? (inner.shape[step] as z.ZodType) : undefined;
    } else if (inner instanceof z.ZodArray) {
      schema = inner.element as z.ZodType;
    } else if (inner instanceof z.ZodRecord) {
      schema = inner.valueType as z.ZodType;
    } else {
      return undefined;
    }
    if (schema === undefined) return undefined;
  }
  return bare(schema);
}

/** The keys that a map at `path` may have. */
export function keysAt(path: Path, values?: unknown): readonly string[] {
  const schema = asMap(
    schemaAt(path, values),
    path.reduce((value: unknown, step) => inside(value, step), values),
  );
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

export function kindOf(schema: z.ZodType): Kind {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'map';
  if (schema instanceof z.ZodDiscriminatedUnion) return 'map';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  return schema instanceof z.ZodNumber ? 'number' : 'text';
}

/** The first example of a key, as it would be written in YAML. */
export function exampleAt(path: Path): string | undefined {
  const schema = schemaWithMeta(path);
  const [example] = (schema?.meta()?.['examples'] as readonly unknown[] | undefined) ?? [];
  if (example === undefined) return undefined;
  if (typeof example !== 'string') return JSON.stringify(example);
  // Without quotes it would be a comment.
  return example.startsWith('#') ? `'${example}'` : example;
}

export interface ScalarKey {
  readonly path: readonly string[];
  readonly variable: string;
}

/** Every key that also has an environment variable: the scalars, and lists of texts (separated by commas). */
export const variables: readonly ScalarKey[] = collect(settings, []);

function collect(schema: z.ZodType, path: readonly string[]): ScalarKey[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, value]) => collect(value as z.ZodType, [...path, key]));
  }
  if (inner instanceof z.ZodArray && kindOf(bare(inner.element as z.ZodType)) !== 'text') return [];
  return [{ path, variable: variableName(path) }];
}

/** `['listen', 'port']` becomes `SALLYPORT_LISTEN_PORT`. */
function variableName(path: readonly string[]): string {
  return ['SALLYPORT', ...path.map((step) => step.replaceAll(/[A-Z]/g, '_$&').toUpperCase())].join('_');
}

function bare(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
}

/**
 * Of what may be a text or a map, the map: a text has nothing in it. Of several maps that a key tells apart, the one that
 * `value` is, or one that knows the keys of all.
 */
function asMap(schema: z.ZodType | undefined, value?: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodUnion)) return schema;
  const maps = (schema.options as readonly z.ZodType[]).filter((option) => option instanceof z.ZodObject);
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return maps[0];
  const { discriminator } = schema.def;
  const word = inside(value, discriminator);
  const meant = maps.find(({ shape }) => (shape[discriminator] as z.ZodType).safeParse(word).success);
  const [first, ...others] = maps.map(({ shape }) => shape);
  return meant ?? z.object({ ...first, ...(Object.assign({}, ...others) as z.ZodRawShape), ...first });
}

function inside(value: unknown, step: string | number): unknown {
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
  return isThere ? (value as Readonly<Record<string | number, unknown>>)[step] : undefined;
}

/** `meta` belongs to the outermost schema, which may be the `optional`. */
function schemaWithMeta(path: Path): z.ZodType | undefined {
  const parent = asMap(schemaAt(path.slice(0, -1)));
  const last = path.at(-1);
  if (parent instanceof z.ZodObject && typeof last === 'string' && Object.hasOwn(parent.shape, last)) {
    return parent.shape[last] as z.ZodType;
  }
  return parent instanceof z.ZodArray ? (parent.element as z.ZodType) : schemaAt(path);
}
