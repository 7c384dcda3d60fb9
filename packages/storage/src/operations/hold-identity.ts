// Whoever unlinks a way to sign in ends what came of it; nothing may come of it afterwards. Whether the identity is there is
// asked by a statement that holds its row until the transaction ends, so that unlinking comes before or after, never between.

import { run, statement } from '../script.ts';
import type { Script } from '../script.ts';

const hold = statement(
  'UPDATE identities SET signed_in_at = signed_in_at WHERE provider = $1 AND subject = $2 AND user_id = $3',
);

interface Held {
  readonly provider: string;
  readonly subject: string;
  readonly userId: string;
}

/** @returns whether the identity is theirs */
export function* holdIdentity({ provider, subject, userId }: Held): Script<boolean> {
  return (yield* run(hold, provider, subject, userId)) === 1;
}
