// The colours, by what they are for; a test computes every contrast that the pages use.

export interface Palette {
  /** Behind everything. */
  readonly ground: string;
  readonly card: string;
  readonly text: string;
  readonly muted: string;
  /** Lines that only separate. */
  readonly line: string;
  /** Borders that a person must see to find a field or button (3:1, WCAG 2.2 §1.4.11). */
  readonly border: string;
  /** Behind code and quiet boxes. */
  readonly quiet: string;
  /** The one accent: links, the main button, focus. */
  readonly accent: string;
  readonly accentPressed: string;
  readonly onAccent: string;
  /** What was proven: never the operator's accent, which might be the colour of a warning. */
  readonly proven: string;
  readonly onProven: string;
  readonly caution: string;
  readonly cautionGround: string;
  readonly danger: string;
  readonly dangerGround: string;
}

export const light: Palette = {
  ground: '#f4f4f1',
  card: '#ffffff',
  text: '#1b1d1f',
  muted: '#5b6066',
  line: '#e3e3de',
  border: '#84888d',
  quiet: '#f4f4f1',
  accent: '#0f5c66',
  accentPressed: '#0a454d',
  onAccent: '#ffffff',
  proven: '#0f5c66',
  onProven: '#ffffff',
  caution: '#7a4a00',
  cautionGround: '#fdf3df',
  danger: '#a3211b',
  dangerGround: '#fdeeec',
};

export const dark: Palette = {
  ground: '#121416',
  card: '#1b1e21',
  text: '#eceded',
  muted: '#a6abb0',
  line: '#2e3236',
  border: '#767c83',
  quiet: '#24282c',
  accent: '#7cc9d3',
  accentPressed: '#a2dce4',
  onAccent: '#06272c',
  proven: '#7cc9d3',
  onProven: '#06272c',
  caution: '#f2c878',
  cautionGround: '#34280f',
  danger: '#ffb3a9',
  dangerGround: '#3b1b18',
};
