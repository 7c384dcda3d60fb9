// Signing in at a provider that somebody else runs: the browser leaves when its person presses the button, and comes back
// once (OpenID Connect Core §3.1, RFC 6749 §4.1, RFC 9700 §4.4 and §4.7).
import { redirectResponse } from '@sallyport/pages';
import { learn } from '@sallyport/protocol';
import { checkOwnForm, door, type Fields, type Handler, type Visit } from '../door.ts';
import type { UpstreamProvider } from '../providers/provider.ts';
import { limits } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Room, UpstreamWay } from '../room.ts';
import { presentAt, type SignedIn } from '../sessions.ts';
import { checkMayMakeFirst } from '../setup.ts';
import { firstAccountAnswer, linkAnswer, signInAnswer } from '../ways.ts';
import { ask, judgeAuthorizationUrl } from './ask.ts';
import { callbackDoor, type Coming } from './callback.ts';
import { intentOf, keptIntent, leavePurpose } from './intent.ts';
import { countLeaving } from './leaving.ts';
import { checkFresh, checkSamePerson, provenAt } from './once-more.ts';
import { readAnswer } from './response.ts';
import { secretsAgain } from './secrets.ts';
import { checkTaken, keepState, newState } from './state.ts';

/** @returns by path: each provider's page with its one button, and its callback */
export function upstreamDoors(room: Room): ReadonlyMap<string, Handler> {
  const { storage, rules, derivation, log, sessions, arrive, keepTokens } = room;
  const count = countLeaving(storage.openCounter);
  return new Map(
    room.upstream.flatMap((way) => [
      [`/sign-in/${way.provider.id}`, leaveDoor(way)] as const,
      [
        way.provider.callbackPath,
        callbackDoor(room, way.provider, (coming) => comeBack(way, coming)),
      ] as const,
    ]),
  );

  function leaveDoor(way: UpstreamWay): Handler {
    const { provider, policy } = way;
    return door(room, {
      refusedEvent: 'sign_in_failed',
      facts: { provider: provider.id },
      /** Never goes there by itself: a link on a stranger's page must not sign anybody in. */
      async show(visit) {
        await checkMayMakeFirst(room, undefined, policy);
        return signInAnswer(room, visit, { only: provider });
      },
      submit: (visit, fields) => leave(way, visit, fields),
      refused: (visit, refusal, fields) =>
        firstAccountAnswer(room, visit, refusal, fields?.get('setup')) ??
        (fields?.get('link') === '1'
          ? linkAnswer(room, visit, refusal)
          : signInAnswer(room, visit, { refusal, tried: provider })),
    });
  }

  /** The story of leaving. Pressing the button is the person's word that they may be sent there for the app that waits. */
  async function leave({ provider, policy }: UpstreamWay, visit: Visit, fields: Fields): Promise<Response> {
    const { request, arrival, browser, setCookies, login } = visit;
    const intent = intentOf(visit, fields);
    checkOwnForm(rules, visit, leavePurpose(provider.id, intent), fields);
    await checkMayMakeFirst(room, intent.setup, policy);
    const signedIn = await sessions.identify(request, arrival.now);
    if (intent.isLink) checkMayLink(signedIn, arrival.now);
    await count(browser, arrival);
    const { traceId, now } = arrival;
    const fresh = newState(room);
    const url = await ask(() =>
      provider.begin({
        redirect_uri: redirectUriOf(provider),
        state: fresh.state,
        nonce: fresh.nonce,
        code_verifier: fresh.code_verifier,
        login_hint: login?.email,
        again: intent.isAgain || intent.isFresh,
        switchAccount: intent.isSwitch,
        now,
      }),
    );
    const location = judgeAuthorizationUrl(url);
    const away = { provider: provider.id, browser, intent: keptIntent(intent, signedIn), traceId, now };
    await keepState(fresh, away, room);
    log('info', 'upstream_left', { provider: provider.id, client_id: login?.client_id, traceId });
    return redirectResponse(location, { setCookies });
  }

  /** The story of coming back. Whatever fails in it has spent the state: the person begins again with the same login. */
  async function comeBack({ provider, policy }: UpstreamWay, coming: Coming): Promise<Response> {
    const { request, arrival, setCookies, login, back, state } = coming;
    const { now } = arrival;
    checkTaken(back);
    const { intent, signIn } = back;
    const { nonce, code_verifier } = await secretsAgain(state, signIn.keyId, derivation);
    const redirect_uri = redirectUriOf(provider);
    const parameters = readAnswer(request);
    const arrived = await ask(() => provider.finish({ parameters, redirect_uri, nonce, code_verifier, now }));
    coming.met(arrived.identity);
    checkFresh(arrived, { isFresh: intent.isFresh, waits: login !== undefined }, signIn);
    const signedIn = await sessions.identify(request, now);
    await checkSamePerson(arrived, intent, storage);
    const { identity, tokens } = arrived;
    const { linkTo, isSetup: hasSetupLink } = intent;
    const linking = linkTo === undefined ? undefined : { userId: linkTo, signedIn: signedIn?.user };
    const { traceId, client_id } = arrival;
    const { user } = await arrive({ identity, policy, linking, hasSetupLink, traceId, client_id, now });
    await keepTokens?.({ userId: user.id, provider: provider.id, subject: identity.subject, tokens, now });
    learn(arrival, { userId: user.id });
    // Nobody signs in anew who is signed in.
    if (linking !== undefined) return redirectResponse(intent.returnTo, { setCookies });
    const session = await sessions.begin(request, user, arrival, {
      provider: provider.id,
      subject: identity.subject,
      provenAt: provenAt(arrived, intent, now),
    });
    log('info', 'signed_in', { userId: user.id, provider: provider.id, client_id, traceId });
    return redirectResponse(intent.returnTo, { setCookies: [...setCookies, session] });
  }

  function checkMayLink(signedIn: SignedIn | undefined, now: number): void {
    if (signedIn === undefined) throw refuse('link_session_changed');
    if (now - presentAt(signedIn.session) > limits.linkSignInSeconds) throw refuse('link_sign_in_old');
  }

  function redirectUriOf({ callbackPath }: UpstreamProvider): string {
    return new URL(callbackPath, rules.publicUrl).href;
  }
}
