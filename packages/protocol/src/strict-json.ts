// JSON that means one thing to everybody (RFC 8259 §4, RFC 7493 §2.3): a member that is there twice, of which one reader
// takes the first and another the last, is refused, and so is a name that JavaScript reads as something else.

export type JsonFault = 'malformed' | 'repeated_member' | 'forbidden_member' | 'too_deep';

/** Deeper than any document of the standards. */
const MAX_DEPTH = 32;
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/gs;

/** @returns the value, or why it is not taken */
export function readStrictJson(text: string): { readonly value: unknown } | JsonFault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'malformed';
  }
  return faultOfMembers(text) ?? { value };
}

/** @param text parses as JSON: only the names of members are looked at, object by object */
function faultOfMembers(text: string): JsonFault | undefined {
  const open: (Set<string> | undefined)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : undefined) > MAX_DEPTH) return 'too_deep';
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      // Read as JSON reads it, because `\u0061` is an `a`.
      const name = JSON.parse(previous) as string;
      const names = open.at(-1);
      if (name === '__proto__') return 'forbidden_member';
      if (names?.has(name) === true) return 'repeated_member';
      names?.add(name);
    }
    previous = token;
  }
  return undefined;
}
