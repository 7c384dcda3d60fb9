// The paths that this room's pages are served at, as its forms and links name them.

const paths = { signIn: '/sign-in', signUp: '/sign-up', signOut: '/sign-out' } as const;

export interface PathOptions {
  /** Of a page that belongs to one. */
  readonly provider?: string | undefined;
  /** A path of this origin, already judged. */
  readonly returnTo?: string | undefined;
  /** Show the form although somebody is signed in. */
  readonly switchAccount?: boolean | undefined;
  /** The same, for the person who is signed in. */
  readonly again?: boolean | undefined;
  /** Whoever signs in at a provider must prove there and then who they are. */
  readonly fresh?: boolean | undefined;
  /** The proof from the operator's terminal. */
  readonly setup?: string | undefined;
}

export function pathTo(
  page: keyof typeof paths,
  { provider, returnTo, switchAccount, again, fresh, setup }: PathOptions = {},
): string {
  const query = new URLSearchParams();
  if (setup !== undefined) query.set('setup', setup);
  if (switchAccount === true) query.set('switch', '1');
  if (again === true) query.set('again', '1');
  if (fresh === true) query.set('fresh', '1');
  if (returnTo !== undefined && returnTo !== '/') query.set('return_to', returnTo);
  const path = provider === undefined ? paths[page] : `${paths[page]}/${provider}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
