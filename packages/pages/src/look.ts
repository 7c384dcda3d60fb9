// The look of one deployment: its name, its logo and its colour, made once into the files that its pages ask for.
import { palettesOf } from './accent.ts';
import { asset, type Asset } from './assets.ts';
import { markOf } from './mark.ts';
import { stylesheetOf } from './stylesheet.ts';

/** What an operator may choose about the look of the pages. */
export interface Look {
  /** The name of this Sallyport, in the title and above the card. */
  readonly name: string;
  /** In place of ours. */
  readonly stylesheet?: Asset | undefined;
  /** Above the card and on the browser's tab, in place of our mark. */
  readonly icon?: Asset | undefined;
}

export interface LogoFile {
  readonly type: LogoType;
  readonly content: Uint8Array;
}

export type LogoType = 'image/svg+xml' | 'image/png' | 'image/jpeg' | 'image/webp';

/** @param chosen.accent `#rrggbb`; a shade of it is used where it could not be read */
export function lookOf(chosen: { name: string; logo?: LogoFile; accent?: string }): Look {
  const { name, logo, accent } = chosen;
  const palettes = accent === undefined ? undefined : palettesOf(accent);
  const icon =
    logo === undefined
      ? palettes && asset('svg', 'image/svg+xml', markOf(palettes.light.accent))
      : asset(extensions[logo.type], logo.type, logo.content);
  return {
    name,
    ...(icon && { icon }),
    ...(palettes && {
      stylesheet: asset('css', 'text/css; charset=utf-8', stylesheetOf(palettes.light, palettes.dark)),
    }),
  };
}

const extensions: Readonly<Record<LogoType, string>> = {
  'image/svg+xml': 'svg',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

/** What kind of picture it is, by what is in it; undefined when browsers would show none. */
export function logoTypeOf(content: Uint8Array): LogoType | undefined {
  const begins = Buffer.from(content.subarray(0, 4096));
  if (begins.subarray(0, 4).equals(Buffer.from('89504e47', 'hex'))) return 'image/png';
  if (begins.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg';
  if (begins.toString('latin1', 0, 4) === 'RIFF' && begins.toString('latin1', 8, 12) === 'WEBP')
    return 'image/webp';
  // A comment ends at its first `-->` and nowhere else, so that there is one way to read many of them.
  const isSvg = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*|<!--(?:(?!-->)[^])*-->\s*|<!doctype svg[^>]*>\s*)*<svg[\s>]/i;
  return isSvg.test(begins.toString('utf8')) ? 'image/svg+xml' : undefined;
}
