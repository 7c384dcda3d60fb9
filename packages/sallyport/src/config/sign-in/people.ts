// Of the people of a provider: who is let in, who gets an account, and who is an operator.

import { readEmail, readEmailDomain, readForeignEmail } from '@sallyport/protocol';
import type { AccountPolicy, PeopleRule } from '@sallyport/sign-in';
import { z } from 'zod';
import { judgeShown, text } from '../judged-text.ts';
import { bounds } from '../limits.ts';
import type { Judgement } from '../public-url.ts';
import type { UpstreamKind } from './kinds.ts';

const names = (description: string, example: string, judge: (value: string) => Judgement | undefined) =>
  z
    .array(text(judge).meta({ examples: [example] }))
    .min(1)
    .max(bounds.peopleNames)
    .optional()
    .meta({ description, examples: [[example]] });

const emails = names('E-mail addresses that the provider has verified.', 'ada@example.com', judgeEmail);
const organizations = names(
  'Organizations: their names at GitHub, their ids elsewhere.',
  'example',
  judgeName,
);
const groups = names('Groups or roles, as the claim `groupsClaim` names them.', 'engineering', judgeName);
const rule = {
  emails,
  emailDomains: names(
    'What follows the @ of a verified address: exactly this, nothing below it.',
    'example.com',
    judgeDomain,
  ),
  organizations,
  groups,
};

/** Keys of every provider but the password. */
export const people = {
  accounts: z
    .enum(['just-in-time', 'invited'])
    .optional()
    .meta({
      description:
        'Who gets an account: whoever is let in, or only whom you invited. Default: just-in-time with `allow`, on this machine, and where the provider knows nobody but your own people; otherwise invited.',
      examples: ['just-in-time'],
    }),
  allow: z.strictObject(rule).optional().meta({
    description: 'Who is let in: who fits each kind of name that is here. Default: everybody.',
  }),
  deny: z.strictObject(rule).optional().meta({
    description: 'Who is not let in, whatever else is said: who fits any of it. Default: nobody.',
  }),
  operators: z.strictObject({ emails, organizations, groups }).optional().meta({
    description: 'Who is an operator as long as they fit any of it. Default: whom you made one.',
  }),
  linkByVerifiedEmail: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether a verified address is enough to sign in to the account that another provider has verified it for. Default: false.',
      examples: [true],
    }),
};

/** For what speaks OpenID Connect. */
export const groupsClaim = text(judgeName)
  .optional()
  .meta({
    description: 'The claim that lists the groups or roles of a person. Default: groups.',
    examples: ['groups'],
  });

type Given = { readonly [Key in keyof typeof people]?: z.infer<(typeof people)[Key]> };

/** @param isOpen whether strangers may get an account unless the operator says otherwise */
export function completePeople(given: Given, kind: UpstreamKind, isOpen: boolean): AccountPolicy {
  const { allow, deny, operators, linkByVerifiedEmail = false } = given;
  const { accounts = allow !== undefined || isOpen ? 'just-in-time' : 'invited' } = given;
  return {
    accounts,
    linkByVerifiedEmail,
    ...(allow !== undefined && { allow: inOneSpelling(allow) }),
    ...(deny !== undefined && { deny: inOneSpelling(deny) }),
    ...(operators !== undefined && { operators: inOneSpelling(operators) }),
    // https://docs.github.com/en/rest/orgs/orgs: a login is found in any case.
    ...(kind === 'github' && { organizationsIgnoreCase: true }),
  };
}

function inOneSpelling({ emails: addresses, emailDomains, ...others }: PeopleRule): PeopleRule {
  return {
    ...others,
    ...(addresses && { emails: addresses.flatMap((one) => readForeignEmail(one) ?? []) }),
    ...(emailDomains && { emailDomains: emailDomains.flatMap((one) => readEmailDomain(one) ?? []) }),
  };
}

/** Whether any rule names people in this way, so that the provider must be asked about it. */
export function namesAny({ allow, deny, operators }: AccountPolicy, key: keyof PeopleRule): boolean {
  return [allow, deny, operators].some((given) => given?.[key] !== undefined);
}

/** Who gets an account by a provider, in a few words. */
export function describePeople({ accounts, allow }: AccountPolicy): string {
  if (accounts === 'invited') return 'whom you invited (sallyport users invite <email>)';
  return allow === undefined ? 'whoever has an account there' : 'whom `allow` names';
}

function judgeEmail(value: string): Judgement | undefined {
  if (readForeignEmail(value) !== undefined) return undefined;
  return { what: 'is no e-mail address', instead: 'Write, for example: ada@example.com' };
}

function judgeDomain(value: string): Judgement | undefined {
  if (readEmailDomain(value) !== undefined) return undefined;
  const domain = value.replace(/^[@*.]+/, '');
  const instead = readEmail(`x@${domain}`) === undefined ? 'example.com' : domain;
  return {
    what: 'is no domain of e-mail addresses',
    instead: `Write, for example: emailDomains: [${instead}]`,
  };
}

function judgeName(value: string): Judgement | undefined {
  return judgeShown(value, bounds.peopleNameCharacters);
}
