// Reads the project's documents: their fenced examples, code spans, links and headings.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly fences: readonly Fence[];
  /** Everything outside fences. */
  readonly prose: string;
  /** Texts of `code spans` in the prose. */
  readonly spans: readonly string[];
  /** Targets of links and images, without those of other sites. */
  readonly links: readonly string[];
  /** Anchors of the headings, as GitHub makes them. */
  readonly anchors: readonly string[];
}

export interface Fence {
  /** First word of the info string: `sh`, `yaml`, `json` … */
  readonly language: string;
  /** Whether it says `test`: then the example is run. */
  readonly isRun: boolean;
  readonly text: string;
}

const fence = /^```(\S*)([^\n]*)\n([\s\S]*?)^```$/gm;

export function readDocuments(root: string): readonly Document[] {
  return globSync(['*.md', 'docs/**/*.md'], { cwd: root })
    .sort()
    .map((path) => readDocument(path, readFileSync(join(root, path), 'utf8')));
}

export function readDocument(path: string, markdown: string): Document {
  const prose = markdown.replace(fence, '');
  const matches = (pattern: RegExp, text = prose) => [...text.matchAll(pattern)].map(([, one]) => one ?? '');
  return {
    path,
    fences: [...markdown.matchAll(fence)].map(([, language = '', info = '', text = '']) => ({
      language,
      isRun: info.trim() === 'test',
      text,
    })),
    prose,
    spans: matches(/`([^`\n]+)`/g),
    links: matches(/\]\(([^)\s]+)\)/g).filter((target) => !/^[a-z]+:/.test(target)),
    anchors: matches(/^#{1,6} (.+)$/gm).map(anchorOf),
  };
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
