// The person's own pages: which apps may act for them, where they are signed in, their password, and the end of it all.
import type { Handler } from '@sallyport/sign-in';
import { removeAccessDoor, removeAllAccessDoor } from './access.ts';
import { deleteDoor, deletedPageOf } from './delete.ts';
import type { AccountParts } from './door.ts';
import { overviewDoor } from './overview.ts';
import { passwordDoor } from './password.ts';
import { paths } from './paths.ts';
import { newTokenDoor, revokeTokenDoor } from './personal-tokens.ts';
import { endOtherSessionsDoor, endSessionDoor } from './sessions.ts';
import { linkDoor, unlinkDoor } from './ways.ts';

/** Each path and what answers it. All but the last send a browser to sign in first. */
export function accountPages(parts: AccountParts): readonly (readonly [path: string, handler: Handler])[] {
  return [
    [paths.overview, overviewDoor(parts)],
    [paths.removeAccess, removeAccessDoor(parts)],
    [paths.removeAllAccess, removeAllAccessDoor(parts)],
    [paths.newToken, newTokenDoor(parts)],
    [paths.revokeToken, revokeTokenDoor(parts)],
    [paths.endSession, endSessionDoor(parts)],
    [paths.endOtherSessions, endOtherSessionsDoor(parts)],
    [paths.link, linkDoor(parts)],
    [paths.unlink, unlinkDoor(parts)],
    [paths.password, passwordDoor(parts)],
    [paths.delete, deleteDoor(parts)],
    [paths.deleted, deletedPageOf(parts)],
  ];
}
