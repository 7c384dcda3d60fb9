// The YAML file: found, read, parsed; and where in it a key stands.

import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { bounds } from './limits.ts';
import { ConfigInvalid } from './problem.ts';
import type { Path, Place } from './problem.ts';

const defaultFileName = 'sallyport.yaml';

/** `{ name: ${NAME} }`, which YAML takes for a map inside a map. */
const isBareVariable = /\{[^'"]*:\s*\$\{/;

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** Relative paths in the file are relative to this. */
  readonly folder: string;
  /** A map, as plain values. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the last step of `path` is written, or the nearest thing around it. */
  place(path: Path): Place;
  has(path: Path): boolean;
}

/**
 * @param asked the path of `--config`; without it `sallyport.yaml` in `cwd`, if there is one
 * @returns undefined when no file was asked for and none is there
 * @throws ConfigInvalid when the file cannot be read or is no YAML map
 */
export function readConfigFile(asked: string | undefined, cwd: string): ConfigFile | undefined {
  const path = resolve(cwd, asked ?? defaultFileName);
  const shown = asked ?? defaultFileName;
  const text = readText(path, shown, asked !== undefined);
  if (text === undefined) return undefined;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', file: basename(path), line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const lineOf = (error: { pos: [number, number] }): number => lines.linePos(error.pos[0]).line;
  if (document.errors.length > 0) {
    // One slip makes several errors; those after the first in a line follow from it.
    const first = document.errors.filter(
      (error, at, all) => at === all.findIndex((other) => lineOf(other) === lineOf(error)),
    );
    throw new ConfigInvalid(
      first.map((error) => ({
        key: '',
        place: placeAt(error.pos[0]),
        what: `This is not valid YAML: ${firstLine(error.message)}`,
        instead: isBareVariable.test(text.split('\n')[lineOf(error) - 1] ?? '')
          ? "Between braces, put the variable in quotes: { key: '${NAME}' }"
          : 'Correct the line; indent with spaces and write `key: value`.',
      })),
    );
  }
  const values = plainValues(document);
  if (!isMap(document.contents) && document.contents !== null) {
    throw new ConfigInvalid([
      {
        key: '',
        place: placeAt(document.contents.range?.[0] ?? 0),
        what: 'The file must be a map of keys',
        instead: 'Begin it, for example, with: publicUrl: https://mcp.example.com',
      },
    ]);
  }
  return {
    path,
    folder: dirname(path),
    values: values as Record<string, unknown>,
    place: (key) => placeAt(offsetOf(document, key)),
    has: (key) => document.hasIn(key),
  };
}

function plainValues(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    throw new ConfigInvalid([
      {
        key: '',
        place: { kind: 'nowhere' },
        what: 'The file uses YAML aliases that grow beyond any use',
        instead: 'Write the values out.',
      },
    ]);
  }
}

function readText(path: string, shown: string, mustExist: boolean): string | undefined {
  const refuse = (what: string, instead: string): never => {
    throw new ConfigInvalid([{ key: '', place: { kind: 'nowhere' }, what, instead }]);
  };
  try {
    if (statSync(path).size > bounds.fileBytes) {
      return refuse(
        `The configuration file ${shown} is larger than 1 MiB`,
        'Check that --config names the right file.',
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigInvalid) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return refuse(
        `The configuration file ${shown} does not exist`,
        'Check the path after --config, or leave it out to start with the defaults.',
      );
    }
    if (code === 'EISDIR') {
      return refuse(`${shown} is a folder`, 'Name the file itself, for example: --config ./sallyport.yaml');
    }
    return refuse(
      `The configuration file ${shown} cannot be read (${code ?? 'unknown error'})`,
      'Let the user that starts Sallyport read it.',
    );
  }
}

/** The offset of a key's name (of an item, for a list). Follows aliases; stops at the last step that exists. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (node === undefined) break;
      offset = (node as Node).range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? message;
  return line.replace(/ at line \d+, column \d+:?$/, '');
}
