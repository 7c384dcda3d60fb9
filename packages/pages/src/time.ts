// When something was, in words that are true in every time zone; the exact time is in the markup.
import { html } from './html.ts';
import type { Html } from './html.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** @param at epoch seconds, as `now` is */
export function ago(at: number, now: number): Html {
  const exact = new Date(at * 1000);
  return html`<time datetime="${exact.toISOString()}">${wordsFor(exact, now - at)}</time>`;
}

/** @param at epoch seconds */
export function onDay(at: number): Html {
  const exact = new Date(at * 1000);
  return html`<time datetime="${exact.toISOString()}">on ${date.format(exact)}</time>`;
}

function wordsFor(exact: Date, seconds: number): string {
  if (seconds < HOUR) return 'less than an hour ago';
  if (seconds < DAY) return count(seconds / HOUR, 'hour');
  if (seconds < 14 * DAY) return count(seconds / DAY, 'day');
  return `on ${date.format(exact)}`;
}

function count(amount: number, unit: string): string {
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`;
}
