// How a person proves who they are, and how their browser is known again: sign-in, sign-up, sign-out, sessions.
import { digest } from '@sallyport/crypto';
import type { ProviderButton } from '@sallyport/pages';
import { type Arrival, learn, type SignedInPerson } from '@sallyport/protocol';
import { arrival } from './accounts/arrive.ts';
import type { Handler } from './door.ts';
import { guesses } from './guesses.ts';
import { ownAccount, type OwnAccount } from './own-account.ts';
import { pathTo } from './paths.ts';
import { passwordProvider } from './providers/password.ts';
import { readReturnTo } from './return-to.ts';
import type { Room, SignInOptions } from './room.ts';
import { sessions, type SignedIn } from './sessions.ts';
import { setupPathOf } from './setup.ts';
import { signInDoor } from './sign-in.ts';
import { signOutDoor, signOutFormOf } from './sign-out.ts';
import { signUpDoor } from './sign-up.ts';
import { upstreamDoors } from './upstream/index.ts';
import { buttonOf } from './ways.ts';

export { addUserWithPassword, invite, type NewAccount } from './accounts.ts';
export {
  checkOwnForm,
  door,
  type Fields,
  type FormPage,
  type Handler,
  sentenceOf,
  type Visit,
} from './door.ts';
export type { OwnAccount, Place } from './own-account.ts';
export { tellEnded } from './accounts/ended.ts';
export { hashPassword, verifyPassword } from './passwords.ts';
export { atlassianProvider } from './providers/atlassian.ts';
export { frontendApiOf } from './providers/clerk.ts';
export { githubProvider, type GitHubSettings } from './providers/github.ts';
export type { OAuthSettings } from './providers/oauth/settings.ts';
export { openIdProvider, type OpenIdParts } from './providers/oidc.ts';
export type { Registering } from './providers/openid/own-client.ts';
export type { OpenIdRow, OpenIdSettings } from './providers/openid/row.ts';
export { openIdRows } from './providers/openid-rows.ts';
export { refusals } from './refusals.ts';
export type {
  Arrived,
  Finding,
  Identity,
  Leaving,
  Returned,
  UpstreamProvider,
} from './providers/provider.ts';
export type { AccountPolicy, PeopleRule } from './accounts/policy.ts';
export type { KeptTokens, SignInOptions, UpstreamWay, WaitingLogin } from './room.ts';
export { presentAt, type SignedIn } from './sessions.ts';

export interface SignIn {
  /** Who is signed in at this browser, if anybody. */
  identify(request: Request, arrival: Arrival): Promise<SignedInPerson | undefined>;
  /** The same, with the session and everything that is kept of the person. */
  identifySession(request: Request, arrival: Arrival): Promise<SignedIn | undefined>;
  readonly ownAccount: OwnAccount;
  /** How people can sign in, in the order in which it is offered; the id of passwords is `password`. */
  readonly ways: readonly { readonly id: string; readonly title: string }[];
  /** Each answers GET, HEAD and POST; the rest is 405. */
  readonly pages: { readonly signIn: Handler; readonly signUp: Handler; readonly signOut: Handler };
  /** By path: of each provider the page with its button, and its callback. */
  readonly upstreamPages: ReadonlyMap<string, Handler>;
  /** Path and query of the link that makes the first account: the same on every instance and after a restart. A secret. */
  setupPath(): string;
  /**
   * Where to send a browser that must sign in first; with `switchAccount` or `again` the form is shown although somebody is
   * signed in; with `fresh`, whoever signs in at a provider must prove there and then who they are.
   * @param returnTo path of this origin; anything else becomes `/`
   */
  signInPath(
    returnTo: string,
    options?: { readonly switchAccount?: boolean; readonly again?: boolean; readonly fresh?: boolean },
  ): string;
  /**
   * Buttons with which the person who is signed in adds a provider to their account, in the order of the configuration.
   * @param browserId from `openBrowser` of the pages
   * @param returnTo path of this origin; anything else becomes `/`
   */
  linkButtons(
    browserId: string,
    returnTo: string,
  ): readonly (ProviderButton & { readonly provider: string })[];
  /** What the front page's sign-out button posts. @param browserId from `openBrowser` of the pages */
  signOutForm(browserId: string): { readonly action: string; readonly csrf: string };
}

export function signIn(options: SignInOptions): SignIn {
  const { storage, rules, derivation, log, ways = ['password'] } = options;
  const room: Room = {
    ...options,
    sessions: sessions(storage, rules, log),
    password: passwordProvider({ storage, derivation, guesses: guesses(storage.openCounter) }),
    upstream: ways.filter((way) => way !== 'password'),
    hasPasswords: ways.includes('password'),
    isPasswordFirst: ways[0] === 'password',
    arrive: arrival({ storage, log }),
  };
  return {
    async identify(request, arrival) {
      const signedIn = await identifySession(request, arrival);
      if (signedIn === undefined) return undefined;
      const { user, session } = signedIn;
      const { id, email, name } = user;
      const { createdAt: signedInAt, provenAt, provider, subject } = session;
      const proof = {
        signedInAt,
        ...(provenAt !== undefined && { provenAt }),
        ...(provider !== undefined && { provider }),
        ...(subject !== undefined && { subject }),
      };
      return { id, email, name, signIn: digest(session.digest), ...proof };
    },
    identifySession,
    ownAccount: ownAccount(storage, room.password),
    ways: ways.map((way) => (way === 'password' ? room.password : way.provider)),
    pages: { signIn: signInDoor(room), signUp: signUpDoor(room), signOut: signOutDoor(room) },
    upstreamPages: upstreamDoors(room),
    setupPath: () => setupPathOf(derivation),
    signInPath: (returnTo, how = {}) =>
      pathTo('signIn', { returnTo: readReturnTo(returnTo, rules.publicUrl), ...how }),
    linkButtons(browserId, to) {
      const going = {
        browser: browserId,
        query: new URLSearchParams(),
        returnTo: readReturnTo(to, rules.publicUrl),
      };
      return room.upstream.map(({ provider }) => ({
        provider: provider.id,
        ...buttonOf(room, going, provider, { isLink: true }),
      }));
    },
    signOutForm: (browserId) => signOutFormOf(room, browserId),
  };

  async function identifySession(request: Request, arrival: Arrival): Promise<SignedIn | undefined> {
    const signedIn = await room.sessions.identify(request, arrival.now);
    learn(arrival, { userId: signedIn?.user.id });
    return signedIn;
  }
}
export { readLine } from './name.ts';
