// The revisions of MCP, in two eras: up to 2025-11-25 a connection begins with `initialize`; from 2026-07-28 every
// request stands alone and says in `params._meta` which revision it speaks.

/** Newest first: the first is offered to a client that asks for one we do not know. */
export const legacyVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

export const modernVersions = ['2026-07-28'] as const;

/** Revisions are dates, so text order is time order. */
export function isModernVersion(version: string): boolean {
  return version >= modernVersions[0];
}

/** What `initialize` answers: the client's own revision when we speak it, otherwise our newest of its era. */
export function negotiateLegacyVersion(requested: string): string {
  return legacyVersions.find((version) => version === requested) ?? legacyVersions[0];
}
