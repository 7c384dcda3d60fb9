// What signing in at a provider is for: said when the browser leaves, kept while it is away, and done when it comes back.
import type { Fields, Visit } from '../door.ts';
import type { SignedIn } from '../sessions.ts';

export interface Intent {
  /** A path of this origin. */
  readonly returnTo: string;
  /** Prove once more to be there; whoever is signed in must come back as themselves. */
  readonly isAgain: boolean;
  /** Prove there and then who they are, where nobody is signed in here. */
  readonly isFresh: boolean;
  readonly isSwitch: boolean;
  /** As presented, not judged; never kept. */
  readonly setup?: string | undefined;
  /** Add the identity to the account that is signed in. */
  readonly isLink: boolean;
}

/** Kept as JSON in `upstream_sign_ins`. Ids of accounts are those that were signed in when the browser left. */
export interface KeptIntent {
  readonly returnTo: string;
  /** Prove it there and then. */
  readonly isFresh?: true;
  readonly againAs?: string;
  readonly linkTo?: string;
  /** The setup link was presented, and it was the right one. */
  readonly isSetup?: true;
}

export function intentOf({ returnTo, query }: Visit, fields?: Fields): Intent {
  return {
    returnTo,
    isAgain: query.has('again'),
    isFresh: query.has('fresh'),
    isSwitch: query.has('switch'),
    isLink: fields?.get('link') === '1',
    setup: fields === undefined ? (query.get('setup') ?? undefined) : fields.get('setup'),
  };
}

/**
 * The form's purpose: what was pressed is what was shown. Pressing it is the person's word that they may be sent there for
 * the app whose login waits at `returnTo`, so it counts for no other.
 */
export function leavePurpose(provider: string, { returnTo, isLink, setup }: Intent): string {
  return `sign-in at:${JSON.stringify([provider, returnTo, isLink, setup !== undefined])}`;
}

/** @param signedIn who is, when the browser leaves */
export function keptIntent(intent: Intent, signedIn: SignedIn | undefined): KeptIntent {
  const { returnTo, isAgain, isFresh, isLink, setup } = intent;
  const userId = signedIn?.user.id;
  return {
    returnTo,
    ...((isAgain || isFresh) && { isFresh: true }),
    ...(isAgain && userId !== undefined && { againAs: userId }),
    ...(isLink && userId !== undefined && { linkTo: userId }),
    ...(setup !== undefined && { isSetup: true }),
  };
}
