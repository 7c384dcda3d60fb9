import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { palettesOf } from '../src/accent.ts';
import { contrast } from '../src/contrast.ts';
import { dark, light } from '../src/palette.ts';
import type { Palette } from '../src/palette.ts';

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
  ['proven', 'card'],
  ['onProven', 'proven'],
  ['caution', 'card'],
  ['caution', 'cautionGround'],
  ['danger', 'card'],
  ['danger', 'dangerGround'],
];

/** Links of an operator's accent, wherever they may stand. */
const LINKS: readonly Pair[] = [
  ['accent', 'ground'],
  ['accent', 'quiet'],
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

  it('is as good with any accent that an operator may choose', () => {
    const colour = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
    fc.assert(
      fc.property(fc.oneof(colour, fc.constantFrom('#000000', '#ffffff', '#ffcc00', '#7f7f7f')), (accent) => {
        for (const palette of Object.values(palettesOf(accent)))
          for (const [pairs, least] of [
            [[...TEXT, ...LINKS], 4.5],
            [EDGES, 3],
          ] as const)
            for (const [front, behind] of pairs)
              assert.ok(contrast(palette[front], palette[behind]) >= least, `${front} on ${behind}`);
      }),
    );
  });

  it('leaves an accent as it is where it can be read', () => {
    assert.equal(palettesOf('#7A1FA2').light.accent, '#7a1fa2');
    assert.equal(palettesOf('#ffcc00').dark.accent, '#ffcc00');
    assert.notEqual(palettesOf('#ffcc00').light.accent, '#ffcc00');
    const { accent, accentPressed } = palettesOf('#000000').light;
    assert.ok(contrast(accent, accentPressed) > 1.1, 'a button that is pressed looks different');
  });

  it('is computed as WCAG does', () => {
    assert.equal(contrast('#000000', '#ffffff').toFixed(1), '21.0');
    assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
  });
});
