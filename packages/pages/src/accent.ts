// An operator's own accent colour. No single colour is readable on a white and on a dark card, so each gets a shade of it
// that is: WCAG 2.2 AA, as for our own.
import { contrast, mix } from './contrast.ts';
import { dark, light, type Palette } from './palette.ts';

const black = '#000000';
const white = '#ffffff';

export interface Palettes {
  readonly light: Palette;
  readonly dark: Palette;
}

/** @param accent `#rrggbb` */
export function palettesOf(accent: string): Palettes {
  return {
    light: { ...light, ...shades(accent, light, black), onAccent: white },
    dark: { ...dark, ...shades(accent, dark, white), onAccent: dark.ground },
  };
}

/** @param away from the card: where it becomes easier to read */
function shades(accent: string, palette: Palette, away: string) {
  const shade = readable(accent.toLowerCase(), palette, away);
  const further = mix(shade, away, 0.25);
  // What is at the end already goes the other way.
  const accentPressed = contrast(further, shade) > 1.1 ? further : mix(shade, palette.card, 0.25);
  return { accent: shade, accentPressed };
}

/** The first shade on the way to black or white that text may have: links stand on the card, in notes and on the ground. */
function readable(accent: string, { card, ground, quiet }: Palette, away: string): string {
  const steps = 64;
  for (let step = 0; step < steps; step += 1) {
    const shade = mix(accent, away, step / steps);
    if ([card, ground, quiet].every((behind) => contrast(shade, behind) >= 4.5)) return shade;
  }
  return away;
}
