// Addresses with one part that differs from connection to connection: `*` is letters, digits, `-` and `_`, never a slash,
// and everything else is exactly itself.

const PART = '[A-Za-z0-9_-]{1,128}';
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)):[0-9]{1,5}(?=\/|$)/;

/** @param known exact, or with `*`; of a loopback host without a port, since every port is meant (RFC 8252 §7.3) */
export function matches(known: string, asked: string): boolean {
  return partsOf(known, asked.replace(loopback, '$1')) !== undefined;
}

/** @returns what stands in `asked` where `known` has a `*`; undefined when it does not match */
export function partsOf(known: string, asked: string): readonly string[] | undefined {
  if (!known.includes('*')) return known === asked ? [] : undefined;
  const pattern = known.split('*').map(escaped).join(`(${PART})`);
  return new RegExp(`^${pattern}$`).exec(asked)?.slice(1);
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** An example of the address. @param part in place of each `*` */
export function filledIn(known: string, part = 'x', port = 3118): string {
  return known.replaceAll('*', part).replaceAll('{port}', String(port));
}
