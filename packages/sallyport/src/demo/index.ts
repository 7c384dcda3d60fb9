// The whole job as a client does it, over HTTP and nothing else: find the server, register, let a person decide, call
// tools, ask for more, refresh, and be refused where it must be.

import { openPlay } from './play.ts';
import type { Narrator } from './play.ts';
import { allow, askForMore, signIn } from './steps/authorize.ts';
import { askWithoutToken, readAuthorizationServer, readResource } from './steps/discover.ts';
import { speakLegacy, speakModern, useBothScopes } from './steps/mcp.ts';
import { makeFirstAccount } from './steps/people.ts';
import { replayCode, revoke, tamper, writeWithoutScope } from './steps/refuse.ts';
import { registerClient } from './steps/register.ts';
import { redeemCode, redeemWiderCode, refresh, repeatRefresh } from './steps/token.ts';

export { StepFailed } from './play.ts';
export type { Narrator } from './play.ts';

/** What a person has in hand before they begin. */
export interface Given {
  /** What they paste into a client. */
  readonly mcpUrl: string;
  /** The link that makes the first account, as the server prints it. */
  readonly setupUrl: string;
}

/**
 * @param stopped ends the play at the next request
 * @throws StepFailed at the first step that does not do what it should; the reason of `stopped`
 */
export async function playDemo(
  { mcpUrl, setupUrl }: Given,
  narrator: Narrator,
  stopped: AbortSignal,
): Promise<void> {
  const play = openPlay(narrator, stopped);

  const wayIn = await play(askWithoutToken, mcpUrl);
  const resource = await play(readResource, wayIn);
  const server = await play(readAuthorizationServer, resource);
  const client = await play(registerClient, server);

  const account = await play(makeFirstAccount, setupUrl);
  const asked = await play(signIn, { client, account });
  const code = await play(allow, { client, asked });
  const first = await play(redeemCode, { client, code });

  await play(speakLegacy, { mcpUrl, access_token: first.access_token });
  await play(speakModern, { mcpUrl, access_token: first.access_token });
  const scope = await play(writeWithoutScope, { client, tokens: first });
  const wider = await play(askForMore, { client, browser: asked.browser, scope });
  const tokens = await play(redeemWiderCode, { client, code: wider });
  await play(useBothScopes, { mcpUrl, access_token: tokens.access_token });

  const successor = await play(refresh, { client, tokens });
  const again = await play(repeatRefresh, { client, tokens, successor });

  await play(tamper, { client, tokens: again });
  await play(revoke, { client, tokens: again });
  await play(replayCode, { client, tokens: first, code });
}
