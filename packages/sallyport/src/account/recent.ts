// What outlives a session asks for a sign-in that is not long ago, since whoever finds a browser open must not do it.
import { redirectResponse } from '@sallyport/pages';
import { presentAt, type SignIn } from '@sallyport/sign-in';
import type { OwnVisit } from './door.ts';

export const signedInWithin = ({ signedIn, arrival }: OwnVisit, seconds: number): boolean =>
  arrival.now - presentAt(signedIn.session) <= seconds;

/** To sign in as the same person, in any of their ways, and back. */
export function toSignInAgain(people: SignIn, { request, setCookies }: OwnVisit): Response {
  const { pathname, search } = new URL(request.url);
  return redirectResponse(people.signInPath(pathname + search, { again: true }), { setCookies });
}
