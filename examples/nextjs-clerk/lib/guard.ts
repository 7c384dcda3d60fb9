// The gate: Clerk signs people in and issues the tokens, this says which of them are good here.
import { clerk, delegatedResourceServer, type ResourceServer } from '@sallyport/resource-server';
import { baseUrl } from './base-url.ts';

let made: ResourceServer | undefined;

/**
 * One for the whole process, since it remembers Clerk's keys and metadata. It is made for the first request: Next loads
 * every route while it builds, where the keys need not be.
 */
export function guard(): ResourceServer {
  made ??= make();
  return made;
}

function make(): ResourceServer {
  const { NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY, CLERK_API_URL } = process.env;
  if (!NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY) throw new Error('Set NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY.');
  return delegatedResourceServer({
    // What people paste into a client, and what a token must be for.
    resource: `${baseUrl()}/mcp`,
    title: 'Next.js with Clerk',
    scopes: [
      { name: 'profile', description: 'see your name and picture' },
      { name: 'email', description: 'see your e-mail address' },
    ],
    authorizationServer: clerk({
      publishableKey: NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY,
      // For opaque tokens, which only Clerk can tell.
      ...(CLERK_SECRET_KEY && { secretKey: CLERK_SECRET_KEY }),
      // As Clerk's own SDKs: for its emulators.
      ...(CLERK_API_URL && { apiUrl: CLERK_API_URL }),
    }),
  });
}
