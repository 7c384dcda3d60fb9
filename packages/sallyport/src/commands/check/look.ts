// What became of an operator's colour, which may not be readable as it is.

import { palettesOf } from '@sallyport/pages';
import type { Config } from '../../config/index.ts';
import { ok } from './finding.ts';
import type { Finding } from './finding.ts';

export function judgeLook({ look: { accent } }: Config): Finding[] {
  if (accent === undefined) return [];
  const { light, dark } = palettesOf(accent);
  const shades = `${light.accent} on light pages and ${dark.accent} on dark ones`;
  return [ok('look', `the accent ${accent} is shown as ${shades}, where it can be read`)];
}
