import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dark, light } from '../src/palette.ts';
import type { Palette } from '../src/palette.ts';

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

type Pair = readonly [keyof Palette, keyof Palette];

/** Text needs 4.5:1 (§1.4.3). */
const TEXT: readonly Pair[] = [
  ['text', 'ground'],
  ['text', 'card'],
  ['text', 'quiet'],
  ['muted', 'ground'],
  ['muted', 'card'],
  ['muted', 'quiet'],
  ['accent', 'card'],
  ['accentPressed', 'card'],
  ['onAccent', 'accent'],
  ['onAccent', 'accentPressed'],
  ['caution', 'card'],
  ['caution', 'cautionGround'],
  ['danger', 'card'],
  ['danger', 'dangerGround'],
];

/** What a person must find or see focused needs 3:1 (§1.4.11). */
const EDGES: readonly Pair[] = [
  ['border', 'card'],
  ['border', 'quiet'],
  ['accent', 'card'],
  ['accent', 'ground'],
  ['danger', 'card'],
];

describe('the contrast', () => {
  for (const [name, palette] of Object.entries({ light, dark })) {
    for (const [pairs, least] of [
      [TEXT, 4.5],
      [EDGES, 3],
    ] as const) {
      for (const [front, behind] of pairs) {
        it(`of ${front} on ${behind} is ${least}:1 or more in ${name}`, () => {
          const ratio = contrast(palette[front], palette[behind]);
          assert.ok(ratio >= least, ratio.toFixed(2));
        });
      }
    }
  }

  it('is computed as WCAG does', () => {
    assert.equal(contrast('#000000', '#ffffff').toFixed(1), '21.0');
    assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
  });
});
