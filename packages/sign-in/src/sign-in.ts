// The sign-in page: who is it, and on to where they were going.
import { redirectResponse } from '@sallyport/pages';
import { isEmail, learn, type Refusal } from '@sallyport/protocol';
import { checkOwnForm, door, type Fields, type Handler, type Visit } from './door.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { checkMayMakeFirst } from './setup.ts';
import { firstAccountAnswer, passwordPurpose, signInAnswer } from './ways.ts';

export function signInDoor(room: Room): Handler {
  const { rules, log, sessions, password } = room;
  return door(room, { refusedEvent: 'sign_in_failed', show, submit, refused });

  async function show(visit: Visit): Promise<Response> {
    const { request, arrival, query, returnTo, login } = visit;
    const person = await sessions.identify(request, arrival.now);
    const asksAnyway = query.has('switch') || query.has('again');
    if (person !== undefined && !asksAnyway) return redirectResponse(returnTo);
    await checkMayMakeFirst(room, undefined, room.upstream.find(({ policy }) => policy.operators)?.policy);
    const again = query.has('again') ? person?.user.email : undefined;
    const email = login?.email ?? (again !== undefined && isEmail(again) ? again : undefined);
    return signInAnswer(room, visit, { email });
  }

  async function submit(visit: Visit, fields: Fields): Promise<Response> {
    const { request, arrival, browser, setCookies, returnTo } = visit;
    checkOwnForm(rules, visit, passwordPurpose, fields);
    await checkMayMakeFirst(room, undefined);
    if (!room.hasPasswords) throw refuse('passwords_unused');
    const user = await password.finish({
      email: fields.get('email') ?? '',
      password: fields.get('password') ?? '',
      address: arrival.address,
      browser,
    });
    const session = await sessions.begin(request, user, arrival, { provider: password.id });
    learn(arrival, { userId: user.id });
    const { traceId, client_id } = arrival;
    log('info', 'signed_in', { userId: user.id, provider: password.id, client_id, traceId });
    return redirectResponse(returnTo, { setCookies: [...setCookies, session] });
  }

  async function refused(visit: Visit, refusal: Refusal, fields: Fields | undefined): Promise<Response> {
    const email = fields?.get('email');
    return firstAccountAnswer(room, visit, refusal) ?? signInAnswer(room, visit, { email, refusal });
  }
}
