// What the pages look like: the name, the logo and the colour of whoever runs them.

import { z } from 'zod';
import { shownText, text } from '../judged-text.ts';
import { bounds } from '../limits.ts';
import { judgeLogo } from '../logo.ts';
import type { Judgement } from '../public-url.ts';

export const look = z
  .strictObject({
    name: shownText(bounds.lookNameCharacters)
      .optional()
      .meta({
        description: 'The name at the head of every page. Default: Sallyport.',
        examples: ['Example'],
      }),
    logo: text(judgeLogo)
      .optional()
      .meta({
        description:
          'A picture above every page and on the tab of the browser: an SVG, PNG, JPEG or WebP of at most 128 KiB; relative to this file, or a data: URL. Default: our mark.',
        examples: ['./logo.svg'],
      }),
    accent: text(judgeColour)
      .optional()
      .meta({
        description:
          'The colour of links, of the main button and of focus, in quotes. Where it could not be read, on light or on dark pages, a shade of it is used. Default: ours.',
        examples: ['#7a1fa2'],
      }),
  })
  .optional();

/** Six digits, so that nobody has to guess what a name or a short form is. */
function judgeColour(value: string): Judgement | undefined {
  if (/^#[0-9a-f]{6}$/i.test(value)) return undefined;
  return {
    what: 'must be a colour of six hexadecimal digits',
    instead: "Write, for example: accent: '#7a1fa2'",
  };
}
