// RFC 6749 §3.3: scope is a list of tokens, in no order, separated by spaces.

const token = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * @param text the `scope` parameter, absent or empty included
 * @returns the tokens that fit the grammar, each once, in the order given; what does not fit is dropped
 */
export function readScope(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter((part) => token.test(part)))];
}

export function printScope(scope: readonly string[]): string {
  return scope.join(' ');
}

/** Whether every scope that is needed is there. */
export function includesScopes(granted: readonly string[], needed: readonly string[]): boolean {
  return needed.every((name) => granted.includes(name));
}
