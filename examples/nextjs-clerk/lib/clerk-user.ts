// Clerk's record of a person, by its Backend API. The token of the caller is not passed on: this is between Clerk and us,
// with our own key.
import type { Caller } from '@sallyport/resource-server';

const apiUrl = process.env.CLERK_API_URL ?? 'https://api.clerk.com';
/** Longer than that, and the person wonders whether the tool works at all. */
const timeoutMilliseconds = 5000;

/**
 * What the caller's scopes allow of it: `private_metadata` is the app's own notes, and has a scope of its own at Clerk.
 * @throws when Clerk does not answer with a user: the message is for the person, without what Clerk said
 */
export async function clerkUser({ sub, scope }: Caller): Promise<Record<string, unknown>> {
  const response = await fetch(`${apiUrl}/v1/users/${encodeURIComponent(sub)}`, {
    headers: { authorization: `Bearer ${process.env.CLERK_SECRET_KEY}` },
    redirect: 'error',
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (!response.ok) throw new Error(`Clerk answered ${response.status}; try again in a moment.`);
  const { private_metadata, ...user } = (await response.json()) as Record<string, unknown>;
  return scope.includes('private_metadata') ? { ...user, private_metadata } : user;
}
