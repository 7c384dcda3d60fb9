// Who comes with a token of somebody else's issuer is a person here too: made when they first come, known by issuer and
// subject from then on, never by an e-mail address.
import { randomToken } from '@sallyport/crypto';
import { readForeignEmail, type Caller, type ForeignIdentity, type Log } from '@sallyport/protocol';
import { readLine } from '@sallyport/sign-in';
import type { KnownIdentity, Storage, User } from '@sallyport/storage';

type People = Pick<Storage, 'findIdentity' | 'addUserWithIdentity'>;

/** @returns tells which account a foreign caller has */
export function foreignPeople(storage: People, log: Log) {
  return async function accountOf({ sub, foreign }: Caller, now: number): Promise<string> {
    if (foreign === undefined) throw new TypeError('the caller has a token of our own');
    const { issuer } = foreign;
    // The issuer itself is the provider: another one's subjects are other people.
    const known = await storage.findIdentity({ provider: issuer, subject: sub });
    return known?.user.id ?? make(sub, foreign, now);
  };

  async function make(subject: string, foreign: ForeignIdentity, now: number): Promise<string> {
    const { issuer } = foreign;
    const label = `${issuer}:${subject}`;
    const email = foreign.emailVerified ? readForeignEmail(foreign.email ?? '') : undefined;
    const identity = identityOf(subject, foreign, email, now);
    const id = randomToken(16);
    // Somebody else may have the address already: then it names nobody here, and the two stay two. Who was unlinked from
    // an account left its label there.
    for (const address of new Set([email ?? label, label, `${label}:${id}`])) {
      const user: User = {
        id,
        email: address,
        name: readLine(foreign.name ?? foreign.username) ?? email ?? subject,
        role: 'member',
        createdAt: now,
        updatedAt: now,
      };
      const added = await storage.addUserWithIdentity({ user, identity });
      if (added === 'added') {
        log('info', 'signed_up', { userId: user.id, role: user.role, provider: issuer });
        return user.id;
      }
      // Their first two calls came at once.
      const known = await storage.findIdentity({ provider: issuer, subject });
      if (known !== undefined) return known.user.id;
    }
    throw new Error(`no account could be made for a subject of ${issuer}`);
  }
}

function identityOf(
  subject: string,
  { issuer, emailVerified, ...said }: ForeignIdentity,
  email: string | undefined,
  now: number,
): Omit<KnownIdentity, 'userId'> {
  const name = readLine(said.name);
  const username = readLine(said.username);
  return {
    provider: issuer,
    subject,
    issuer,
    ...(email !== undefined && { email }),
    emailVerified: emailVerified && email !== undefined,
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
    createdAt: now,
    signedInAt: now,
  };
}
