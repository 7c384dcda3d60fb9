// The files that pages ask for, at paths that carry the hash of their content.
import { createHash } from 'node:crypto';
import { ASSET_MAX_AGE_SECONDS } from './limits.ts';
import { mark } from './mark.ts';
import { copyButtons } from './copy-buttons.ts';
import { css } from './stylesheet.ts';

export const stylesheet = { path: hashedPath('css', css), css } as const;

/** Adds a button to what is worth copying; no page needs it. */
export const script = { path: hashedPath('js', copyButtons), js: copyButtons } as const;

/** The mark, also shown above every card. */
export const favicon = { path: hashedPath('svg', mark), svg: mark } as const;

/**
 * Answers `GET <path>` for the files above; they may be kept for ever, because a change of content changes the path.
 * @returns undefined when the path is none of them
 */
export function assetResponse(path: string): Response | undefined {
  if (path === stylesheet.path) return file(css, 'text/css; charset=utf-8');
  if (path === script.path) return file(copyButtons, 'text/javascript; charset=utf-8');
  if (path === favicon.path) return file(mark, 'image/svg+xml');
  return undefined;
}

function hashedPath(extension: string, content: string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return `/assets/sallyport-${hash}.${extension}`;
}

function file(content: string, type: string): Response {
  return new Response(content, {
    headers: {
      'Content-Type': type,
      'Cache-Control': `public, max-age=${ASSET_MAX_AGE_SECONDS}, immutable`,
      'X-Content-Type-Options': 'nosniff',
      // Opened by itself, an SVG is a document: it gets nothing to work with.
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    },
  });
}
