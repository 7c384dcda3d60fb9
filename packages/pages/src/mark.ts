// The mark: an arch with its portcullis half up, on a tile that is readable on a light and on a dark ground.
import { light } from './palette.ts';

/** @param accent of the tile: white can be seen on it */
export const markOf = (
  accent: string,
): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
<rect width="32" height="32" rx="8" fill="${accent}"/>
<path d="M8 26V15a8 8 0 0 1 16 0v11" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>
<path d="M12.5 9.5V19M16 8v11M19.5 9.5V19M9 14.5h14" fill="none" stroke="#fff" stroke-width="1.5"/>
</svg>
`;

export const mark = markOf(light.accent);
