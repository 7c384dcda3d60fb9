// A house whose people sign in with `oidc-provider`, as somebody else wrote it, and the way there and back in a browser
// without a screen that keeps the cookies of both.
import assert from 'node:assert/strict';
import { openOidcProvider, type RunningProvider } from '../../../sign-in/test/openid/oidc-provider.ts';
import type { Config } from '../../src/config/index.ts';
import { leftTo, openBrowserAt, pageOf, type Arrived, type Browser, type Page } from '../house/browser.ts';
import { openHouse, type House, type HouseOptions } from '../house/open-house.ts';

export const clientSecret = 'the-secret-of-this-house-at-the-provider';

export interface UpstreamHouse extends House {
  readonly provider: RunningProvider;
}

type Way = Config['signIn'][number];

/** @param more ways besides `oidc`, and what differs of that */
export async function openUpstreamHouse(
  options: HouseOptions & {
    readonly change?: Partial<Extract<Way, { people: unknown }>>;
    readonly more?: (issuer: string) => readonly Way[];
  } = {},
): Promise<UpstreamHouse> {
  const provider = await openOidcProvider(
    ['oidc', 'second'].map((id) => ({
      client_id: id,
      client_secret: clientSecret,
      redirect_uris: [`http://localhost:8000/${id}/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
    })),
  );
  const { change = {}, more = () => [], configure, ...rest } = options;
  const house = await openHouse({
    now: Math.floor(Date.now() / 1000),
    ...rest,
    configure(config) {
      const signIn = [oidcWay(provider.issuer, change), ...more(provider.issuer)];
      const changed = { ...config, signIn };
      return configure?.(changed) ?? changed;
    },
  });
  return {
    ...house,
    provider,
    async close() {
      await house.close();
      await provider.close();
    },
  };
}

/** As the configuration makes it of `provider: oidc` with an issuer, an id and a secret. */
export function oidcWay(issuer: string, change: Partial<Extract<Way, { people: unknown }>> = {}): Way {
  const { id = 'oidc' } = change;
  return {
    provider: 'oidc',
    id,
    title: 'Example ID',
    callbackPath: `/${id}/callback`,
    clientId: id,
    clientSecret,
    issuer,
    people: { accounts: 'just-in-time', linkByVerifiedEmail: false },
    storeTokens: true,
    ...change,
  };
}

/** A browser at the provider, which has cookies of its own there. */
export const browserAtProvider = ({ provider }: UpstreamHouse): Browser =>
  openBrowserAt({ origin: provider.issuer, ask: provider.ask });

/** From the page with its button to the provider. */
export async function pressButton(browser: Browser, page: Page, id = 'oidc'): Promise<URL> {
  return leftTo(await browser.submit(page, {}, `/sign-in/${id}`));
}

/** Through the provider's own pages. @returns where it sends the browser back to */
export async function throughProvider(at: Browser, url: URL, as = 'ada'): Promise<URL> {
  let arrived = await at.open(url.href);
  for (let pages = 0; 'html' in arrived && pages < 3; pages++)
    arrived = await at.submit(pageOf(arrived), { login: as, password: 'any' });
  return leftTo(arrived);
}

/** From a page with a button, there and back. */
export async function signInUpstream(
  house: UpstreamHouse,
  browser: Browser,
  page: Arrived,
  { as = 'ada', at = browserAtProvider(house), id = 'oidc' } = {},
): Promise<Arrived> {
  const away = await pressButton(browser, pageOf(page), id);
  const back = await throughProvider(at, away, as);
  assert.equal(back.origin, house.origin);
  return browser.open(back.href);
}
