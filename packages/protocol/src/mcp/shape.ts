// What a JSON value must look like, and what is wrong with it in the words that MCP servers use for that.
// Only as much as the protocol's own messages need; a tool's arguments are judged by the toolset.

export type JsonObject = Readonly<Record<string, unknown>>;

/** One thing that is wrong; the members and their order are those of the answers of other MCP servers. */
export interface ShapeIssue {
  readonly expected?: string;
  readonly code: 'invalid_type' | 'invalid_union' | 'invalid_value';
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Adds to `issues` what is wrong with `value`, which stands at `path`. */
export type Shape = (value: unknown, path: readonly (string | number)[], issues: ShapeIssue[]) => void;

/**
 * More wrong elements than this are not listed: an issue is a hundred times as long as what is wrong, so a body of 4 MB
 * could ask for an answer of half a gigabyte.
 */
const maxListedIssues = 100;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRequestId(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

export const string: Shape = (value, path, issues) => {
  if (typeof value !== 'string') issues.push(wrongType('string', value, path));
};

export const boolean: Shape = (value, path, issues) => {
  if (typeof value !== 'boolean') issues.push(wrongType('boolean', value, path));
};

export const number: Shape = (value, path, issues) => {
  if (typeof value !== 'number') issues.push(wrongType('number', value, path));
};

/** Any object, whatever its members. */
export const anyObject: Shape = (value, path, issues) => {
  if (!isJsonObject(value)) issues.push(wrongType('record', value, path));
};

/** A string or an integer, as request ids and progress tokens are. */
export const stringOrInteger: Shape = (value, path, issues) => {
  if (!isRequestId(value)) issues.push({ code: 'invalid_union', path, message: 'Invalid input' });
};

/** May be absent, but never null. */
export function optional(shape: Shape): Shape {
  return (value, path, issues) => {
    if (value !== undefined) shape(value, path, issues);
  };
}

/** An object with these members and any others. */
export function object(members: Readonly<Record<string, Shape>>): Shape {
  const list = Object.entries(members);
  return (value, path, issues) => {
    if (!isJsonObject(value)) {
      issues.push(wrongType('object', value, path));
      return;
    }
    for (const [name, shape] of list) {
      // An inherited member is none: `{}` has no `constructor`.
      shape(Object.hasOwn(value, name) ? value[name] : undefined, [...path, name], issues);
    }
  };
}

export function listOf(element: Shape): Shape {
  return (value, path, issues) => {
    if (!Array.isArray(value)) issues.push(wrongType('array', value, path));
    else judgeEach(value.entries(), element, path, issues);
  };
}

/** An object used as a map: any names, every value of one shape. */
export function recordOf(element: Shape): Shape {
  return (value, path, issues) => {
    if (!isJsonObject(value)) issues.push(wrongType('record', value, path));
    else judgeEach(Object.entries(value), element, path, issues);
  };
}

function judgeEach(
  entries: Iterable<readonly [string | number, unknown]>,
  element: Shape,
  path: readonly (string | number)[],
  issues: ShapeIssue[],
): void {
  for (const [key, entry] of entries) {
    if (issues.length >= maxListedIssues) return;
    element(entry, [...path, key], issues);
  }
}

export function oneOf(...values: readonly string[]): Shape {
  const expected = values.map((value) => JSON.stringify(value)).join('|');
  return (value, path, issues) => {
    if (!values.some((known) => known === value)) {
      issues.push({ code: 'invalid_value', path, message: `Invalid option: expected one of ${expected}` });
    }
  };
}

/** @returns what is wrong, in the order of the shape's members; all of it, unless it is very much; empty when nothing is */
export function issuesOf(
  shape: Shape,
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly ShapeIssue[] {
  const issues: ShapeIssue[] = [];
  shape(value, path, issues);
  return issues;
}

function wrongType(expected: string, value: unknown, path: readonly (string | number)[]): ShapeIssue {
  const received = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return {
    expected,
    code: 'invalid_type',
    path,
    message: `Invalid input: expected ${expected}, received ${received}`,
  };
}
