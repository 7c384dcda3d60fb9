// The kinds of provider that people may sign in with: what each is called, what it cannot do without, and where its
// operator finds that. One row for each.

export interface ProviderKind {
  /** What the button says, unless the operator writes a `title`. */
  readonly title: string;
  /** Keys without which nobody can be sent there, besides clientId and clientSecret. */
  readonly needs: readonly ProviderKey[];
  /** Where the operator of the provider makes the app whose id and secret these are. */
  readonly console: string;
  /** Before `CLIENT_ID` in the names of variables that examples use. */
  readonly prefix: string;
  /** Whether apps without a secret exist there, which PKCE alone keeps safe (RFC 8252 §8.4). */
  readonly knowsPublicClients: boolean;
  /** What its operator does so that this server can register itself there (RFC 7591); absent: it cannot. */
  readonly registration?: string;
  /** What it says of people besides who they are: a rule about anything else would let nobody in. */
  readonly tells: readonly ('organizations' | 'groups')[];
  /** Whether only the operator's own people have an account there. */
  readonly knowsOwnPeopleOnly: (house: ProviderHouse) => boolean;
  /** What MXCP asks for where its configuration says nothing. */
  readonly mxcpScopes?: readonly string[];
}

/** What is written of which of its houses it is. */
export interface ProviderHouse {
  readonly tenant?: string | undefined;
  readonly url?: string | undefined;
}

/** What says which of a provider's many houses is meant. */
export type ProviderKey = 'issuer' | 'tenant' | 'domain' | 'url' | 'realm' | 'publishableKey';

/** Microsoft's tenant of all who have a personal account: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';

const always = (): boolean => true;
const never = (): boolean => false;

const providerKinds = {
  github: {
    title: 'GitHub',
    needs: [],
    console: 'https://github.com/settings/developers',
    prefix: 'GITHUB',
    knowsPublicClients: false,
    tells: ['organizations'],
    knowsOwnPeopleOnly: ({ url }) => url !== undefined && new URL(url).hostname !== 'github.com',
    mxcpScopes: ['user:email'],
  },
  atlassian: {
    title: 'Atlassian',
    needs: [],
    console: 'https://developer.atlassian.com/console/myapps/',
    prefix: 'ATLASSIAN',
    knowsPublicClients: false,
    tells: ['organizations'],
    knowsOwnPeopleOnly: never,
    mxcpScopes: [
      'read:me',
      'read:jira-work',
      'read:jira-user',
      'read:confluence-content.all',
      'read:confluence-user',
      'offline_access',
    ],
  },
  clerk: {
    title: 'Clerk',
    needs: ['publishableKey'],
    console: 'https://dashboard.clerk.com/~/oauth-applications',
    prefix: 'CLERK',
    knowsPublicClients: true,
    registration:
      'switch on "Dynamic client registration" at https://dashboard.clerk.com/~/oauth-applications',
    tells: ['groups'],
    knowsOwnPeopleOnly: never,
  },
  google: {
    title: 'Google',
    needs: [],
    console: 'https://console.cloud.google.com/auth/clients',
    prefix: 'GOOGLE',
    knowsPublicClients: false,
    tells: ['organizations'],
    knowsOwnPeopleOnly: never,
  },
  entra: {
    title: 'Microsoft',
    needs: ['tenant'],
    console: 'https://entra.microsoft.com, at App registrations',
    prefix: 'ENTRA',
    knowsPublicClients: false,
    tells: ['organizations', 'groups'],
    // `organizations` and the like are everybody's.
    knowsOwnPeopleOnly: ({ tenant }) => tenant?.includes('-') === true && tenant.toLowerCase() !== CONSUMERS,
  },
  okta: {
    title: 'Okta',
    needs: ['domain'],
    console: 'your Okta Admin Console, at Applications',
    prefix: 'OKTA',
    knowsPublicClients: true,
    tells: ['groups'],
    knowsOwnPeopleOnly: always,
  },
  auth0: {
    title: 'Auth0',
    needs: ['domain'],
    console: 'https://manage.auth0.com, at Applications',
    prefix: 'AUTH0',
    knowsPublicClients: true,
    tells: ['organizations', 'groups'],
    knowsOwnPeopleOnly: never,
  },
  keycloak: {
    title: 'Keycloak',
    needs: ['url', 'realm'],
    console: 'the admin console of your Keycloak, at Clients',
    prefix: 'KEYCLOAK',
    knowsPublicClients: true,
    registration:
      'make an initial access token in its admin console, at Clients, Client registration, and write: registration: { initialAccessToken: ${KEYCLOAK_INITIAL_ACCESS_TOKEN} }',
    tells: ['groups'],
    knowsOwnPeopleOnly: always,
  },
  oidc: {
    title: 'OpenID Connect',
    needs: ['issuer'],
    console: 'your provider, where its apps (clients) are registered',
    prefix: 'OIDC',
    knowsPublicClients: true,
    registration: 'have it let clients register themselves (RFC 7591)',
    tells: ['groups'],
    // Of an issuer that is only a URL nobody knows whose house it is: Google's is one too.
    knowsOwnPeopleOnly: never,
  },
} as const satisfies Readonly<Record<string, ProviderKind>>;

export type UpstreamKind = keyof typeof providerKinds;

export function isUpstreamKind(value: unknown): value is UpstreamKind {
  return typeof value === 'string' && Object.hasOwn(providerKinds, value);
}

/** The row of a kind. */
export const kindOf = (kind: UpstreamKind): ProviderKind => providerKinds[kind];

/** What an example would have the operator write for a key. */
export function exampleOf(kind: UpstreamKind, key: ProviderKey | 'clientId' | 'clientSecret'): string {
  const { prefix } = kindOf(kind);
  const examples: Readonly<Record<ProviderKey, string>> = {
    issuer: 'https://login.example.com',
    tenant: '00000000-0000-0000-0000-000000000000',
    domain: kind === 'auth0' ? 'example.eu.auth0.com' : 'example.okta.com',
    url: 'https://keycloak.example.com',
    realm: 'example',
    publishableKey: `\${${prefix}_PUBLISHABLE_KEY}`,
  };
  if (key === 'clientId') return `\${${prefix}_CLIENT_ID}`;
  return key === 'clientSecret' ? `\${${prefix}_CLIENT_SECRET}` : examples[key];
}
