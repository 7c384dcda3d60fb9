// The files that pages ask for, at paths that carry the hash of their content.
import { createHash } from 'node:crypto';
import { ASSET_MAX_AGE_SECONDS } from './limits.ts';
import type { Look } from './look.ts';
import { mark } from './mark.ts';
import { copyButtons } from './copy-buttons.ts';
import { css } from './stylesheet.ts';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

export function asset(extension: string, type: string, content: Asset['content']): Asset {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { path: `/assets/sallyport-${hash}.${extension}`, type, content };
}

export const stylesheet = asset('css', 'text/css; charset=utf-8', css);

/** Adds a button to what is worth copying; no page needs it. */
export const script = asset('js', 'text/javascript; charset=utf-8', copyButtons);

/** The mark, also shown above every card. */
export const favicon = asset('svg', 'image/svg+xml', mark);

/**
 * Answers `GET <path>` for the files above and those of the look; they may be kept for ever, because a change of content
 * changes the path.
 * @returns undefined when the path is none of them
 */
export function assetResponse(path: string, look?: Look): Response | undefined {
  const found = [stylesheet, script, favicon, look?.stylesheet, look?.icon].find((one) => one?.path === path);
  if (found === undefined) return undefined;
  const { type, content } = found;
  return new Response(typeof content === 'string' ? content : Buffer.from(content), {
    headers: {
      'Content-Type': type,
      'Cache-Control': `public, max-age=${ASSET_MAX_AGE_SECONDS}, immutable`,
      'X-Content-Type-Options': 'nosniff',
      // Opened by itself, an SVG is a document: it gets nothing to work with but the colours that are written in it.
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    },
  });
}
