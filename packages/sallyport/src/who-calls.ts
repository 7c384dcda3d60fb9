// Who calls, for the line that the gate writes of it: the provider by which they signed in when they allowed the client,
// their name and their e-mail address, as far as the operator wants these in the log.
import type { WhoCalls } from '@sallyport/gateway';
import { isEmail, type Caller, type Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import type { Config } from './config/index.ts';
import type { LiveGrants } from './live-grants.ts';

/** A new name is in the log after that; asking for it at each call would cost more than the call. */
const REMEMBERED_SECONDS = 60;
/** People at work at one time; an entry is about 200 bytes. */
const MAX_REMEMBERED = 10_000;

interface Parts {
  readonly storage: Pick<Storage, 'findUser'>;
  readonly grants: Pick<LiveGrants, 'providerOf'>;
  /** What may be in the log. */
  readonly shown: Config['log']['people'];
  readonly log: Log;
}

interface Known {
  readonly who: WhoCalls;
  readonly until: number;
}

/** @returns tells who a caller is; it never rejects, since nobody's call may fail because its line could be better */
export function whoCalls({ storage, grants, shown, log }: Parts) {
  const remembered = new Map<string, Known>();
  const [showsProvider, showsName, showsEmail] = (['provider', 'name', 'email'] as const).map((fact) =>
    shown.includes(fact),
  );
  return ({ sub, grantId, foreign }: Caller, now: number): WhoCalls | Promise<WhoCalls> => {
    const known = grantId === undefined ? foreign?.issuer : grants.providerOf(grantId);
    const provider = showsProvider === true ? known : undefined;
    const by = provider === undefined ? {} : { provider };
    if (showsName !== true && showsEmail !== true) return by;
    const found = remembered.get(sub);
    if (found !== undefined && found.until > now) return { ...by, ...found.who };
    return look(sub, now).then((who) => ({ ...by, ...who }));
  };

  async function look(userId: string, now: number): Promise<WhoCalls> {
    try {
      const user = await storage.findUser(userId);
      const who = {
        ...(showsName === true && user !== undefined && { userName: user.name }),
        ...(showsEmail === true && user !== undefined && isEmail(user.email) && { userEmail: user.email }),
      };
      remembered.delete(userId);
      remembered.set(userId, { who, until: now + REMEMBERED_SECONDS });
      const [oldest] = remembered.keys();
      if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return who;
    } catch (error) {
      log('warn', 'caller_not_described', { userId, message: String(error) });
      return {};
    }
  }
}
