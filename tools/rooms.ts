// Holds the code to the table of rooms in docs/architecture.md: which package may import which.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { findImports } from './imports.ts';

/** Room → rooms it may import, as the table says. */
export type Table = ReadonlyMap<string, readonly string[]>;

export interface Package {
  /** Folder under `packages/`. */
  readonly room: string;
  readonly manifest: Manifest;
  readonly sources: readonly Source[];
}

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Source {
  /** From the package's folder, with `/`: `src/index.ts`. */
  readonly path: string;
  readonly text: string;
}

/** The one room that joins the others: it alone has routes, and its name stands alone. */
const house = 'sallyport';

/** What other rooms may take from Hono: templates and cookies, never routing. */
const honoForAll = /^hono\/(html|cookie|utils\/(html|cookie))$/;

/**
 * Reads the table under the heading "The rooms": | `room` | what it is for | may import |.
 * @throws when there is no such table, or a row cannot be understood
 */
export function readTable(markdown: string): Table {
  const section = markdown.split(/^## /m).find((text) => text.startsWith('The rooms'));
  const rows = (section ?? '').split('\n').filter((line) => /^\|\s*`/.test(line));
  if (rows.length === 0) throw new Error('docs/architecture.md has no table under "## The rooms"');
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const rooms = cells.map(([, room]) => (room ?? '').replaceAll('`', ''));
  return new Map(
    cells.map(([, , , may], index) => [rooms[index] ?? '', readMayImport(may ?? '', rooms, index)]),
  );
}

function readMayImport(cell: string, rooms: readonly string[], index: number): readonly string[] {
  if (cell === '–') return [];
  if (cell === 'all') return rooms.filter((_, other) => other !== index);
  const names = cell.split(',').map((name) => name.trim());
  const stranger = names.find((name) => !rooms.includes(name));
  if (stranger !== undefined)
    throw new Error(`the row of ${rooms[index]} names "${stranger}", which has no row`);
  return names;
}

/** @returns one sentence for each place where table and code differ; empty when they agree */
export function differences(table: Table, packages: readonly Package[]): readonly string[] {
  return [
    ...differencesOfRows(table, packages),
    ...packages
      .filter(({ room }) => table.has(room))
      .flatMap((one) => differencesOfPackage(table, packages, one)),
    ...differencesOfServers(packages),
  ];
}

function differencesOfRows(table: Table, packages: readonly Package[]): readonly string[] {
  const rooms = packages.map(({ room }) => room);
  return [
    ...rooms
      .filter((room) => !table.has(room))
      .map((room) => `${room}: a package without a row in the table`),
    ...[...table.keys()]
      .filter((row) => !rooms.includes(row))
      .map((row) => `${row}: a row without a package`),
    ...[...table.keys()]
      .filter((row) => reaches(table, row, row))
      .map((row) => `${row}: the table lets it import itself, through other rooms`),
  ];
}

function reaches(table: Table, from: string, target: string, seen = new Set<string>()): boolean {
  return (table.get(from) ?? []).some((next) => {
    if (next === target) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(table, next, target, seen);
  });
}

function differencesOfPackage(table: Table, packages: readonly Package[], one: Package): readonly string[] {
  const found: string[] = [];
  const published = one.room === house ? house : `@sallyport/${one.room}`;
  if (one.manifest.name !== published)
    found.push(`${one.room}: its package.json calls it "${one.manifest.name}"`);

  const dependencies = Object.entries(one.manifest.dependencies ?? {});
  for (const [name, version] of dependencies) {
    if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version)) {
      found.push(`${one.room}: dependency ${name} has the range "${version}" instead of an exact version`);
    }
    const complaint = judgeRoom(table, packages, one.room, name);
    if (complaint !== undefined) found.push(`${one.room}: dependency ${name}: ${complaint}`);
  }

  const used = new Set<string>();
  for (const source of one.sources) {
    for (const specifier of findImports(source.text)) {
      if (!isPath(specifier)) used.add(packageOf(specifier));
      const complaint = judgeImport(table, packages, one, source, specifier);
      if (complaint !== undefined)
        found.push(`${one.room}/${source.path}: import of "${specifier}": ${complaint}`);
    }
  }
  for (const [name] of dependencies) {
    if (!used.has(name)) found.push(`${one.room}: dependency ${name} is imported nowhere in src`);
  }
  return found;
}

function judgeImport(
  table: Table,
  packages: readonly Package[],
  one: Package,
  source: Source,
  specifier: string,
): string | undefined {
  if (isPath(specifier)) {
    const target = posix.join(posix.dirname(source.path), specifier);
    return target.startsWith('src/') ? undefined : 'leaves the src of its room';
  }
  if (isBuiltin(specifier))
    return specifier.startsWith('node:') ? undefined : 'a built-in module without "node:"';

  const name = packageOf(specifier);
  const complaint = judgeRoom(table, packages, one.room, name);
  if (complaint !== undefined) return complaint;
  if (roomOf(name) !== undefined && !isExported(packages, name, specifier)) {
    return 'goes past the exports of that room';
  }
  if (one.manifest.dependencies?.[name] === undefined) return 'not among the dependencies in package.json';
  if (name === 'hono' && one.room !== house && !honoForAll.test(specifier)) {
    return `only ${house} has routes; other rooms may use Hono's html and cookie functions`;
  }
  return undefined;
}

/** Whether `room` may know the package `name`, when that is a room. */
function judgeRoom(
  table: Table,
  packages: readonly Package[],
  room: string,
  name: string,
): string | undefined {
  const other = roomOf(name);
  if (other === undefined) return undefined;
  if (!packages.some((one) => one.room === other)) return 'there is no such room';
  return table.get(room)?.includes(other) === true
    ? undefined
    : `the table does not let ${room} import ${other}`;
}

function isExported(packages: readonly Package[], name: string, specifier: string): boolean {
  const subpath = `.${specifier.slice(name.length)}`;
  return packages.some(({ manifest }) => manifest.name === name && manifest.exports?.[subpath] !== undefined);
}

/** Rule: requests come in through one file. */
function differencesOfServers(packages: readonly Package[]): readonly string[] {
  const files = packages.flatMap(({ room, sources }) =>
    sources
      .filter(({ text }) => findImports(withoutTypes(text)).some((name) => /^(node:)?https?2?$/.test(name)))
      .map(({ path }) => `${room}/${path}`),
  );
  return files.length > 1 ? [`node:http is imported in more than one file: ${files.join(', ')}`] : [];
}

/** An adapter may say whose requests it takes without opening a door of its own. */
function withoutTypes(text: string): string {
  return text.replaceAll(/^import type\b[^;]*;/gm, '');
}

function isPath(specifier: string): boolean {
  return specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('file:');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function roomOf(name: string): string | undefined {
  if (name === house) return house;
  return name.startsWith('@sallyport/') ? name.slice('@sallyport/'.length) : undefined;
}
