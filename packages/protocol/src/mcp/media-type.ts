// Which `Content-Type` says JSON.

/**
 * RFC 9110 §8.3.1. Parameters are ignored, sloppy ones (`application/json;`) too, since the type itself is not in doubt;
 * a list of types is.
 */
export function isJsonContentType(header: string | null): boolean {
  if (header === 'application/json') return true;
  if (header === null) return false;
  const end = header.indexOf(';');
  const type = (end === -1 ? header : header.slice(0, end)).trim().toLowerCase();
  return type === 'application/json' && (end === -1 || !isList(header.slice(end)));
}

/** Whether a second value follows the parameters: a comma outside a quoted string. */
function isList(parameters: string): boolean {
  let quoted = false;
  for (let index = 0; index < parameters.length; index += 1) {
    const character = parameters[index];
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) return true;
  }
  return false;
}
