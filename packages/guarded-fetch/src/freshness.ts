// How long an answer says that it is good for (RFC 9111 §4.2), as one who keeps it for itself.

/**
 * @param header a header's value by lower-case name, or undefined
 * @returns seconds from now; 0 when it must be asked for again each time; undefined when it says nothing
 */
export function freshForSeconds(header: (name: string) => string | undefined): number | undefined {
  const control = new Map(
    (header('cache-control') ?? '').split(',').map((directive) => {
      const [name = '', value = ''] = directive.split('=', 2);
      return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
    }),
  );
  if (control.has('no-store') || control.has('no-cache')) return 0;
  const age = secondsOf(header('age')) ?? 0;
  if (control.has('max-age')) return Math.max(0, (secondsOf(control.get('max-age')) ?? 0) - age);
  const expires = header('expires');
  if (expires === undefined) return undefined;
  // §5.3: a date that cannot be read, such as 0, is in the past. Compared with the server's own clock.
  const [until, since] = [Date.parse(expires), Date.parse(header('date') ?? '')];
  if (!Number.isFinite(until) || !Number.isFinite(since)) return 0;
  return Math.max(0, Math.floor((until - since) / 1000) - age);
}

/** §1.2.2: a number too large to be kept is as good as the largest. */
function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), 2 ** 31) : undefined;
}
