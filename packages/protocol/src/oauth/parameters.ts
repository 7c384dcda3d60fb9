// Request parameters of the OAuth endpoints: none twice, none without a value, none of unbounded size
// (RFC 6749 §3.1 and §3.2).

export interface Parameters {
  /** By wire name; one that was sent empty is absent (RFC 6749 §3.1). */
  readonly values: Readonly<Record<string, string>>;
  /** The one parameter that may repeat (RFC 8707 §2). */
  readonly resource: readonly string[];
}

export interface ParametersFault {
  readonly fault: 'duplicate' | 'too_long';
  readonly name: string;
}

const MAX_RESOURCES = 16; // Each is compared with every server; nobody asks for more than a few.
const MAX_VALUE_CHARACTERS = 8192; // A long `state` is real; nothing honest is longer.

/**
 * @param source a query or a form body, already decoded
 * @returns the parameters, or which of them is at fault
 */
export function readParameters(source: URLSearchParams): Parameters | ParametersFault {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  const resource: string[] = [];
  for (const [name, value] of source) {
    if (value.length > MAX_VALUE_CHARACTERS) return { fault: 'too_long', name: name.slice(0, 64) };
    if (value === '') continue;
    if (name === 'resource' && resource.length === MAX_RESOURCES) return { fault: 'too_long', name };
    if (name === 'resource') resource.push(value);
    else if (name in values) return { fault: 'duplicate', name: name.slice(0, 64) };
    else values[name] = value;
  }
  return { values, resource };
}
