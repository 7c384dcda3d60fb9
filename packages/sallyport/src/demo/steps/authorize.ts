// A person decides in the browser, and the client gets a code: RFC 6749 §4.1 with PKCE, resource and iss.

import { codeChallengeOf, randomToken } from '@sallyport/crypto';
import { openBrowser } from '../browser.ts';
import type { Arrived, Browser, Page } from '../browser.ts';
import type { Scene, Step } from '../play.ts';
import type { Account } from './people.ts';
import { client_name } from './register.ts';
import type { Registered } from './register.ts';

/** An authorization request on its way: what the client must remember until the browser comes back. */
export interface AskedConsent {
  readonly browser: Browser;
  readonly consent: Page;
  readonly state: string;
  readonly code_verifier: string;
  readonly scope: readonly string[];
}

export interface Code {
  readonly code: string;
  readonly code_verifier: string;
  readonly scope: readonly string[];
}

/** The client opens the person's browser, who is not signed in yet. */
export const signIn: Step<{ client: Registered; account: Account }, AskedConsent> = {
  headline: 'The client opens the browser; the person signs in',
  means: 'The URL carries a PKCE challenge, a state, and the resource that the token is for (RFC 8707).',
  async play(scene, { client, account }) {
    const browser = openBrowser(new URL(client.issuer).origin);
    const asked = newRequest(client, client.scope);
    const signInPage = pageAt(scene, await browser.open(scene, asked.url));
    const isAsked = signInPage.text.includes('Sign in');
    scene.holds(
      'the server asks who this is before anything else',
      isAsked,
      'a sign-in page',
      signInPage.text,
    );
    const consent = pageAt(scene, await browser.submit(scene, signInPage, { ...account }));
    checkConsent(scene, consent, client, client.scope);
    return { ...asked, browser, consent };
  },
};

export const allow: Step<{ client: Registered; asked: AskedConsent }, Code> = {
  headline: 'The person allows it, and the browser goes back to the client',
  means: 'The client checks state (its request) and iss (the server it asked) before it believes the code.',
  play: (scene, { client, asked }) => pressAllow(scene, client, asked),
};

/** A second authorization in the same browser, where the person is signed in. */
export const askForMore: Step<{ client: Registered; browser: Browser; scope: readonly string[] }, Code> = {
  headline: 'The client asks again, for all scopes together',
  means: 'A loopback address proves nothing about a program: people are asked each time (RFC 8252 §8.6).',
  async play(scene, { client, browser, scope }) {
    const asked = newRequest(client, scope);
    const consent = pageAt(scene, await browser.open(scene, asked.url));
    checkConsent(scene, consent, client, scope);
    return pressAllow(scene, client, { ...asked, browser, consent });
  },
};

function newRequest(client: Registered, scope: readonly string[]) {
  const code_verifier = randomToken();
  const state = randomToken(16);
  const url = new URL(client.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.redirect_uri,
    scope: scope.join(' '),
    resource: client.mcpUrl,
    state,
    code_challenge: codeChallengeOf(code_verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, state, code_verifier, scope };
}

/** What a person must be able to see before they decide. */
function checkConsent(scene: Scene, { text }: Page, client: Registered, scope: readonly string[]): void {
  const shows = (what: string, word: string): void =>
    scene.holds(`the consent page ${what}`, text.includes(word), word, text);
  shows('names the client', client_name);
  shows('says that nobody checked who made it', 'Unverified');
  shows('says where the browser goes next', new URL(client.redirect_uri).hostname);
  for (const name of scope) shows(`says what "${name}" allows`, name);
}

async function pressAllow(scene: Scene, client: Registered, asked: AskedConsent): Promise<Code> {
  const arrived = await asked.browser.submit(scene, asked.consent, { decision: 'allow' });
  const location = arrived.kind === 'left' ? arrived.location : arrived.page.url;
  const { searchParams } = location;
  scene.equal('the browser goes back to the redirect URI', location.href.split('?')[0], client.redirect_uri);
  scene.equal('no error came', searchParams.get('error') ?? 'none', 'none');
  scene.equal('state is the one that was sent', searchParams.get('state') ?? undefined, asked.state);
  scene.equal('iss is the issuer, byte for byte', searchParams.get('iss') ?? undefined, client.issuer);
  const { code_verifier, scope } = asked;
  return { code: scene.present('there is a code', searchParams.get('code')), code_verifier, scope };
}

function pageAt(scene: Scene, arrived: Arrived): Page {
  if (arrived.kind === 'page') return arrived.page;
  throw scene.failure('the person sees a page first', 'a page of the server', arrived.location.href);
}
