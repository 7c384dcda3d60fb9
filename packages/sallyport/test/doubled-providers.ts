// Each provider as somebody else built it again, and Atlassian as it documents itself: how the configuration names it, and
// what a person does there.
import type { Page } from 'playwright-core';
import { openOidcProvider } from '../../sign-in/test/openid/oidc-provider.ts';
import type { UpstreamConfig } from '../src/config/index.ts';
import { decideAt, openAtlassian } from './atlassian-double.ts';
import { leftTo, openBrowserAt } from './house/browser.ts';
import { emulate, people, pressAt, tenant, type Emulated, type Service } from './emulated.ts';

export const common = {
  storeTokens: true,
  people: { accounts: 'just-in-time', linkByVerifiedEmail: false },
} as const;

export interface DoubledProvider {
  readonly provider: UpstreamConfig['provider'];
  readonly title: string;
  /** @param callback where it sends people back to */
  readonly open: (callback: string) => Promise<{
    readonly way: Partial<UpstreamConfig> & Pick<UpstreamConfig, 'clientId'>;
    readonly pass: (url: string) => Promise<string>;
    /** The same in a browser. */
    readonly press: (page: Page) => Promise<void>;
    readonly close: () => Promise<void>;
  }>;
  /** What becomes of the person here. */
  readonly email: string | undefined;
  readonly issuer: RegExp;
  /** Whether tokens of it can be refreshed here. */
  readonly refreshes: boolean;
}

const emulated =
  (service: Service, wayOf: (running: Emulated) => Partial<UpstreamConfig>): DoubledProvider['open'] =>
  async (callback) => {
    const running = await emulate(service, [callback]);
    const { clientId, clientSecret } = running;
    return {
      way: { clientId, clientSecret, ...wayOf(running) },
      pass: (url) => pressAt(url, people.ada.email),
      press: (page) => page.locator('button', { hasText: people.ada.email }).click(),
      close: () => running.close(),
    };
  };

const atlassian: DoubledProvider['open'] = async (callback) => {
  const double = await openAtlassian(callback);
  const { url, clientId, clientSecret } = double;
  return {
    way: {
      clientId,
      clientSecret,
      authorizationUrl: `${url}/authorize`,
      tokenUrl: `${url}/oauth/token`,
      apiUrl: url,
    },
    pass: (at) => decideAt(at),
    press: (page) => page.getByRole('button', { name: 'Accept' }).click(),
    close: () => double.close(),
  };
};

/**
 * `oidc-provider`, whose pages ask for any name, and then for consent.
 * @param path of its issuer; @param wayOf what of the configuration says where it is
 */
const oidcProvider =
  (
    path = '',
    wayOf: (issuer: string) => Partial<UpstreamConfig> = (issuer) => ({ issuer }),
  ): DoubledProvider['open'] =>
  async (callback) => {
    const app = { client_id: 'example-client', client_secret: 'example-secret-of-the-client' };
    const grant_types = ['authorization_code', 'refresh_token'];
    const running = await openOidcProvider([{ ...app, grant_types, redirect_uris: [callback] }], { path });
    const { issuer, ask } = running;
    return {
      way: { clientId: app.client_id, clientSecret: app.client_secret, ...wayOf(issuer) },
      async pass(url) {
        const browser = openBrowserAt({ origin: new URL(issuer).origin, ask });
        let arrived = await browser.open(url);
        for (let pages = 0; 'html' in arrived && pages < 3; pages += 1)
          arrived = await browser.submit(arrived, { login: 'ada', password: 'any' });
        return leftTo(arrived).href;
      },
      async press(page) {
        await page.getByPlaceholder('Enter any login').fill('ada');
        await page.getByPlaceholder('and password').fill('any');
        await page.getByRole('button', { name: 'Sign-in' }).click();
        await page.getByRole('button', { name: 'Continue' }).click();
      },
      close: () => running.close(),
    };
  };

/** `oidc-provider` gives a refresh token only where consent is asked for; Auth0 and Keycloak do not need that. */
const consenting = { authorizationParameters: { prompt: 'consent' } } as const;

export const doubledProviders: readonly DoubledProvider[] = [
  {
    // emulate knows neither PKCE nor `/api/v3`, and verifies every address.
    provider: 'github',
    title: 'GitHub',
    open: emulated('github', ({ url }) => ({ url, apiUrl: url })),
    email: people.ada.email,
    issuer: /^http:\/\/127\.0\.0\.1:\d+$/,
    refreshes: false,
  },
  {
    provider: 'atlassian',
    title: 'Atlassian',
    open: atlassian,
    // Nothing says that the address was verified, so it is none of the account's.
    email: undefined,
    issuer: /^http:\/\/127\.0\.0\.1:\d+$/,
    refreshes: true,
  },
  {
    provider: 'clerk',
    title: 'Clerk',
    open: emulated('clerk', ({ issuer }) => ({ issuer })),
    email: people.ada.email,
    issuer: /^http:\/\/127\.0\.0\.1:\d+$/,
    refreshes: false,
  },
  {
    provider: 'google',
    title: 'Google',
    open: emulated('google', ({ issuer }) => ({ issuer, hostedDomain: 'example.com' })),
    email: people.ada.email,
    issuer: /^http:\/\/127\.0\.0\.1:\d+$/,
    refreshes: true,
  },
  {
    provider: 'entra',
    title: 'Microsoft',
    open: emulated('microsoft', ({ issuer }) => ({ issuer })),
    // Without `xms_edov` whoever administers a tenant could have written it.
    email: undefined,
    issuer: new RegExp(`/${tenant}/v2\\.0$`),
    refreshes: true,
  },
  {
    provider: 'okta',
    title: 'Okta',
    open: emulated('okta', ({ issuer }) => ({ issuer })),
    email: people.ada.email,
    issuer: /^http:\/\/127\.0\.0\.1:\d+$/,
    refreshes: true,
  },
  {
    provider: 'oidc',
    title: 'Example ID',
    open: oidcProvider(),
    email: people.ada.email,
    issuer: /^http:\/\/localhost:\d+$/,
    refreshes: true,
  },
  {
    // Its issuer ends in a slash, and `iss` is compared byte for byte.
    provider: 'auth0',
    title: 'Auth0',
    open: oidcProvider('/', (issuer) => ({ issuer, ...consenting })),
    email: people.ada.email,
    issuer: /^http:\/\/localhost:\d+\/$/,
    refreshes: true,
  },
  {
    provider: 'keycloak',
    title: 'Keycloak',
    open: oidcProvider('/realms/example', (issuer) => ({
      url: new URL(issuer).origin,
      realm: 'example',
      ...consenting,
    })),
    email: people.ada.email,
    issuer: /^http:\/\/localhost:\d+\/realms\/example$/,
    refreshes: true,
  },
];

/** One way to sign in, as the configuration is when it has been read. */
export function wayOf(
  { provider, title }: Pick<DoubledProvider, 'provider' | 'title'>,
  way: Partial<UpstreamConfig> & Pick<UpstreamConfig, 'clientId'>,
): UpstreamConfig {
  return { ...common, provider, id: provider, title, callbackPath: `/${provider}/callback`, ...way };
}
