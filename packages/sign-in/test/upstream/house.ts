// A house of this room with two providers, and the way of a browser to one and back.
import assert from 'node:assert/strict';
import { addUserWithPassword } from '../../src/index.ts';
import type { KeptTokens, SignInOptions } from '../../src/room.ts';
import { ada, Browser, now, openDeployment } from '../browser.ts';
import { riggedProvider, wayOf } from './rigged-provider.ts';

export const sessionName = 'sallyport-session-8000';

/** A house with an operator, and two providers beside passwords. */
export async function opened(changes: Partial<SignInOptions> = {}) {
  const github = riggedProvider();
  const google = riggedProvider({ id: 'google', title: 'Google' });
  const kept: KeptTokens[] = [];
  const deployment = await openDeployment({
    ways: [wayOf(github), wayOf(google), 'password'],
    keepTokens: async (tokens) => void kept.push(tokens),
    ...changes,
  });
  const operator = await addUserWithPassword(deployment.storage, { ...ada, role: 'operator' }, now);
  return { ...deployment, github, google, kept, operator, browser: new Browser(deployment.room) };
}

/** As far as the provider. @returns the path with which the browser comes back */
export async function leave(
  browser: Browser,
  path = '/sign-in',
  button = 'Continue with GitHub',
): Promise<string> {
  const { text } = await browser.send(path);
  const { status, location } = await browser.press(text, button);
  assert.equal(status, 303);
  return callbackOf(location);
}

export function callbackOf(location: string | null): string {
  const { searchParams } = new URL(location ?? '');
  const callback = new URL(searchParams.get('redirect_uri') ?? '');
  return `${callback.pathname}?code=c1&state=${searchParams.get('state')}`;
}
