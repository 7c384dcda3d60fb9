// Whose account somebody who comes from a provider signs in to. A pure judgement: what is known is given, nothing is
// looked up or written here. An identity is known by provider and subject; an e-mail address alone opens no account
// unless both sides have it verified and the operator wants that (docs/decisions/identities.md).
import type { KnownIdentity, User } from '@sallyport/storage';
import type { Identity } from '../providers/provider.ts';
import { refuse } from '../refusals.ts';
import { type AccountPolicy, checkMayEnter, isOperatorByRule, named, verifiedEmailOf } from './policy.ts';

export interface Situation {
  readonly identity: Identity;
  readonly policy: AccountPolicy;
  /** This identity as it is known here, and whose it is. */
  readonly known?: { readonly identity: KnownIdentity; readonly user: User } | undefined;
  /** Present when somebody set out to link this way to their account. */
  readonly linking?: { readonly userId: string; readonly signedIn: User | undefined } | undefined;
  /** The account that has the verified address of the identity, and every way to sign in to it. */
  readonly namesake?: { readonly user: User; readonly identities: readonly KnownIdentity[] } | undefined;
  /** Whether they came by the link that makes the first account. */
  readonly hasSetupLink: boolean;
  /** Whether anybody has an account. */
  readonly hasUsers: boolean;
}

/** What is to be done now; each goes on only if the store still finds it so. */
export type Judgement = (
  | { readonly do: 'sign_in'; readonly user: User }
  | { readonly do: 'link'; readonly user: User; readonly isInvited: boolean }
  | { readonly do: 'create'; readonly email: string; readonly isFirst: boolean }
) & {
  /** Whether a rule of the provider says that they are an operator. */
  readonly isOperator: boolean;
};

/**
 * @throws {Refusal} `identity_issuer_changed`, `identity_of_another_account`, `link_session_changed`,
 *   `email_has_account`, `person_denied`, `verified_email_missing`, `membership_unknown`, `person_not_invited`,
 *   `first_account_missing`, `setup_link_spent`
 */
export function judge(situation: Situation): Judgement {
  const { identity, policy, known, linking } = situation;
  // The same subject of another issuer is another person (OpenID Connect Core §2, `sub`).
  if (known !== undefined && known.identity.issuer !== identity.issuer)
    throw refuse('identity_issuer_changed', named(identity));
  checkMayEnter(identity, policy);
  const isOperator = isOperatorByRule(identity, policy);
  if (linking !== undefined) return { ...judgeLinking(linking, situation), isOperator };
  if (known !== undefined) return { do: 'sign_in', user: known.user, isOperator };
  return { ...judgeNewcomer(situation, isOperator), isOperator };
}

type Deed = Judgement extends infer Each ? (Each extends unknown ? Omit<Each, 'isOperator'> : never) : never;

/** Only into the account that is signed in at this browser, and that asked for it there. */
function judgeLinking(
  { userId, signedIn }: NonNullable<Situation['linking']>,
  { identity, known }: Situation,
): Deed {
  if (signedIn?.id !== userId) throw refuse('link_session_changed', named(identity));
  if (known === undefined) return { do: 'link', user: signedIn, isInvited: false };
  if (known.user.id !== userId) throw refuse('identity_of_another_account', named(identity));
  return { do: 'sign_in', user: known.user };
}

function judgeNewcomer(situation: Situation, isOperator: boolean): Deed {
  const { identity, policy, namesake, hasSetupLink, hasUsers } = situation;
  const address = verifiedEmailOf(identity);
  if (namesake !== undefined && address === namesake.user.email) return judgeNamesake(situation, namesake);
  const email = address ?? labelOf(identity);
  if (hasSetupLink && hasUsers) throw refuse('setup_link_spent');
  if (hasSetupLink) return { do: 'create', email, isFirst: true };
  if (policy.accounts === 'invited') throw refuse('person_not_invited', named(identity));
  // Whoever comes first must not find a house without its operator.
  if (!hasUsers && !isOperator) throw refuse('first_account_missing');
  return { do: 'create', email, isFirst: false };
}

function judgeNamesake(
  { identity, policy }: Situation,
  { user, identities }: NonNullable<Situation['namesake']>,
): Deed {
  // The operator made it for whoever has that address, and nobody has signed in to it.
  const isInvited = user.passwordHash === undefined && identities.length === 0;
  if (isInvited) return { do: 'link', user, isInvited };
  // An address that somebody only typed when they signed up may be another person's (pre-hijacking).
  const isVerified = identities.some((one) => verifiedEmailOf(one) === user.email);
  if (policy.linkByVerifiedEmail && isVerified) return { do: 'link', user, isInvited };
  throw refuse('email_has_account', { ...named(identity), userId: user.id, isVerified });
}

/** What an account without a verified address has in its place (`isEmail`); nobody can type or register it. */
const labelOf = ({ provider, subject }: Identity): string => `${provider}:${subject}`;
