// A backup does not know what ended after it was made. Where that matters, everything ends that lets anybody in
// without signing in and agreeing again.

import { run, statement } from '../script.ts';
import type { Script } from '../script.ts';

const endings = [
  'DELETE FROM sessions',
  'DELETE FROM paused_authorizations',
  'DELETE FROM consents',
  'DELETE FROM initial_access_tokens',
  'UPDATE clients SET former_secret_digest = NULL, former_secret_until = NULL WHERE former_secret_until IS NOT NULL',
].map((sql) => statement(sql));
const endGrants = statement('UPDATE grants SET revoked_at = $1 WHERE revoked_at IS NULL');

export function* revokeAll(now: number): Script<void> {
  for (const ending of endings) yield* run(ending);
  yield* run(endGrants, now);
}
