// A time as it is typed: 30m, 24h, 7d.

const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 24 * 3600 };

/** @returns undefined for what is no time, none at all, or longer than `mostSeconds` */
export function readSpan(text: string, mostSeconds: number): number | undefined {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (units[unit] ?? 0);
  return seconds > 0 && seconds <= mostSeconds ? seconds : undefined;
}
