// Signing other browsers out. Their buttons are on the overview; whoever comes here otherwise is sent there.
import { redirectResponse } from '@sallyport/pages';
import type { Handler } from '@sallyport/sign-in';
import { accountDoor, type AccountParts, type OwnVisit } from './door.ts';
import { backWith } from './notices.ts';
import { handleOf, refusedToOverview } from './overview.ts';
import { paths } from './paths.ts';

const toOverview = ({ setCookies }: OwnVisit) => redirectResponse(paths.overview, { setCookies });

export function endSessionDoor(parts: AccountParts): Handler {
  const { storage, rules, log } = parts;
  return accountDoor(parts, {
    path: paths.endSession,
    show: toOverview,
    async submit(visit, fields) {
      const { arrival, signedIn } = visit;
      const { id: userId } = signedIn.user;
      // Only among the person's own: a handle says nothing by itself.
      const sessions = await storage.listSessions(userId, arrival.now);
      const session = sessions.find((one) => handleOf(one) === fields.get('session'));
      if (session !== undefined) {
        await storage.endSession(session.digest);
        log('info', 'session_ended', { userId, traceId: arrival.traceId });
      }
      return backWith('session_ended', rules, visit);
    },
    refused: refusedToOverview(parts),
  });
}

export function endOtherSessionsDoor(parts: AccountParts): Handler {
  const { storage, rules, log } = parts;
  return accountDoor(parts, {
    path: paths.endOtherSessions,
    show: toOverview,
    async submit(visit) {
      const { user, session } = visit.signedIn;
      await storage.endOtherSessions({ userId: user.id, keep: session.digest });
      log('info', 'other_sessions_ended', { userId: user.id, traceId: visit.arrival.traceId });
      return backWith('other_sessions_ended', rules, visit);
    },
    refused: refusedToOverview(parts),
  });
}
