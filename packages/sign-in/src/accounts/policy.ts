// What an operator may say about the people of a provider, and which of them somebody is.
import { isRefusal, readForeignEmail, type Refusal } from '@sallyport/protocol';
import type { Identity } from '../providers/provider.ts';
import { refuse } from '../refusals.ts';

/** Names of people. Addresses and domains in one spelling (`readEmail`, `readEmailDomain`). */
export interface PeopleRule {
  readonly emails?: readonly string[] | undefined;
  /** Exactly these domains, not what is below them. */
  readonly emailDomains?: readonly string[] | undefined;
  readonly organizations?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

export interface AccountPolicy {
  /** Who may sign in: who fits everything that is named here. An address and a domain are two ways to name the same. */
  readonly allow?: PeopleRule | undefined;
  /** Who may not, whatever else is said: who fits anything of it. */
  readonly deny?: PeopleRule | undefined;
  /** Who is an operator: who fits anything of it. */
  readonly operators?: PeopleRule | undefined;
  /** Who gets an account: whoever comes, or only whom the operator invited. */
  readonly accounts: 'just-in-time' | 'invited';
  /** Whether a verified address is enough to sign in to the account that has the same one, verified too. */
  readonly linkByVerifiedEmail: boolean;
  /** Where `Acme` and `acme` are one organization, as at GitHub. */
  readonly organizationsIgnoreCase?: boolean | undefined;
}

/** The address of the person, if the provider says that it has checked it; in one spelling. */
export function verifiedEmailOf({ email, emailVerified }: Pick<Identity, 'email' | 'emailVerified'>) {
  return emailVerified && email !== undefined ? readForeignEmail(email) : undefined;
}

/** Whether a person is of the people that a kind of name stands for; `unknown` where the provider does not say. */
type Finding = boolean | 'unknown';

/** One finding for each kind that the rule names. */
function findingsOf(rule: PeopleRule, identity: Identity, policy: AccountPolicy): readonly Finding[] {
  const { emails, emailDomains, organizations, groups } = rule;
  const findings: Finding[] = [];
  if (emails !== undefined || emailDomains !== undefined) {
    const email = verifiedEmailOf(identity);
    const domain = email?.slice(email.indexOf('@') + 1);
    findings.push(
      email === undefined || domain === undefined
        ? 'unknown'
        : emails?.includes(email) === true || emailDomains?.includes(domain) === true,
    );
  }
  const spelled = (name: string) => (policy.organizationsIgnoreCase === true ? name.toLowerCase() : name);
  if (organizations !== undefined)
    findings.push(isIn(identity.organizations?.map(spelled), organizations.map(spelled)));
  if (groups !== undefined) findings.push(isIn(identity.groups, groups));
  return findings;
}

const isIn = (own: readonly string[] | undefined, named: readonly string[]): Finding =>
  own === undefined ? 'unknown' : own.some((name) => named.includes(name));

/**
 * Whether the operator lets the person in. What cannot be judged is refused.
 * @throws {Refusal} `person_denied`, `verified_email_missing`, `membership_unknown`
 */
export function checkMayEnter(identity: Identity, policy: AccountPolicy): void {
  const { allow = {}, deny = {} } = policy;
  const denied = findingsOf(deny, identity, policy);
  const allowed = findingsOf(allow, identity, policy);
  if (denied.includes(true)) throw refuse('person_denied', { ...named(identity), rule: 'deny' });
  if (allowed.includes(false)) throw refuse('person_denied', { ...named(identity), rule: 'allow' });
  if (!denied.includes('unknown') && !allowed.includes('unknown')) return;
  if (asksForEmail(allow) || asksForEmail(deny))
    if (verifiedEmailOf(identity) === undefined) throw refuse('verified_email_missing', named(identity));
  throw refuse('membership_unknown', named(identity));
}

/** Whether it is the operator's rule that refuses, and not the person's way here. */
export function isOfPolicy(failure: unknown): failure is Refusal {
  return isRefusal(failure) && ruleReasons.includes(failure.reason);
}

const ruleReasons: readonly string[] = ['person_denied', 'verified_email_missing', 'membership_unknown'];

const asksForEmail = ({ emails, emailDomains }: PeopleRule): boolean =>
  emails !== undefined || emailDomains !== undefined;

/** Whether a rule makes the person an operator; what cannot be judged makes nobody one. */
export function isOperatorByRule(identity: Identity, policy: AccountPolicy): boolean {
  return findingsOf(policy.operators ?? {}, identity, policy).includes(true);
}

/** For the log: who was refused. Ids, no address. */
export const named = ({ provider, subject }: Identity) => ({ provider, subject });
