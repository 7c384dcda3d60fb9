// What the contract's tests keep: one of each kind, with what matters to a test overridden.

import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type {
  AccessToken,
  AuthorizationCode,
  Client,
  Consent,
  Grant,
  Item,
  KnownIdentity,
  LoginEvent,
  OutboundRegistration,
  PausedAuthorization,
  PersonalAccessToken,
  RecordsClient,
  RefreshToken,
  Session,
  SigningKey,
  Storage,
  Tag,
  UpstreamSignIn,
  User,
  VaultEntry,
} from '@sallyport/storage';

/** An empty store that is closed when the test ends; `openAgain` opens the same data as another process would. */
export interface Opened {
  readonly storage: Storage;
  readonly openAgain?: () => Promise<Storage>;
}

export type Open = (t: TestContext) => Promise<Opened>;

export const now = 1_800_000_000;
const resource = 'https://mcp.example.com/mcp';
const hour = 3600;

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const aUser = (given: Partial<User> = {}): User => ({
  id: 'user-1',
  email: `${given.id ?? 'user-1'}@example.com`,
  name: 'One',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  role: 'member',
  createdAt: now,
  updatedAt: now,
  ...given,
});

export const aSession = (given: Partial<Session> = {}): Session => ({
  digest: digestOf('session'),
  userId: 'user-1',
  createdAt: now,
  expiresAt: now + hour,
  provider: 'password',
  ...given,
});

export const anIdentity = (given: Partial<KnownIdentity> = {}): KnownIdentity => ({
  provider: 'example',
  subject: 'subject-1',
  issuer: 'https://id.example.com',
  userId: 'user-1',
  email: 'user-1@example.com',
  emailVerified: true,
  name: 'One at the provider',
  username: 'one',
  createdAt: now,
  signedInAt: now,
  ...given,
});

export const aClient = (given: Partial<Client> = {}): Client => ({
  client_id: 'client-1',
  metadata: {
    redirect_uris: ['http://127.0.0.1/callback', 'https://client.example.com/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_name: 'Example client',
  },
  registeredBy: 'dynamic',
  createdAt: now,
  traceId: 'trace-1',
  ...given,
});

/** A client that is named by the URL of its metadata document. */
export const aDocumentClient = (
  given: Partial<Client> = {},
): Client & Required<Pick<Client, 'document'>> => ({
  ...aClient(given),
  client_id: given.client_id ?? 'https://app.example.com/client.json',
  registeredBy: 'document',
  document: given.document ?? { fetchedAt: now, freshUntil: now + hour },
});

export const aPaused = (given: Partial<PausedAuthorization> = {}): PausedAuthorization => ({
  id: digestOf('paused'),
  clientId: 'client-1',
  browser: digestOf('browser'),
  value: '{"scope":["records:read"]}',
  traceId: 'trace-1',
  createdAt: now,
  expiresAt: now + hour,
  ...given,
});

export const anUpstreamSignIn = (given: Partial<UpstreamSignIn> = {}): UpstreamSignIn => ({
  state: digestOf('state'),
  provider: 'github',
  browser: digestOf('browser'),
  value: '{"returnTo":"/"}',
  keyId: 'key-1',
  traceId: 'trace-1',
  createdAt: now,
  expiresAt: now + hour,
  ...given,
});

export const aConsent = (given: Partial<Consent> = {}): Consent => ({
  userId: 'user-1',
  clientId: 'client-1',
  redirectOrigin: 'https://client.example.com',
  resource,
  scope: ['records:read'],
  updatedAt: now,
  ...given,
});

export const aGrant = (given: Partial<Grant> = {}): Grant => ({
  id: 'grant-1',
  userId: 'user-1',
  clientId: 'client-1',
  resource,
  scope: ['records:read', 'records:write'],
  scopeWords: ['records:all'],
  traceId: 'trace-1',
  createdAt: now,
  expiresAt: now + hour,
  provider: 'password',
  ...given,
});

export const aCode = (given: Partial<AuthorizationCode> = {}): AuthorizationCode => ({
  digest: digestOf('code'),
  grantId: 'grant-1',
  redirect_uri: 'http://127.0.0.1:4242/callback',
  code_challenge: digestOf('verifier'),
  createdAt: now,
  expiresAt: now + 600,
  ...given,
});

export const aToken = (given: Partial<RefreshToken> = {}): RefreshToken => ({
  digest: digestOf('token-1'),
  grantId: 'grant-1',
  keyId: 'key-1',
  createdAt: now,
  expiresAt: now + 24 * hour,
  ...given,
});

export const aKey = (given: Partial<SigningKey> = {}): SigningKey => ({
  kid: 'kid-1',
  alg: 'ES256',
  publicJwk: '{"kty":"EC"}',
  sealedPrivateJwk: new Uint8Array([0, 1, 127, 128, 255]),
  createdAt: now,
  signsFromAt: now,
  ...given,
});

export const anAccessToken = (given: Partial<AccessToken> = {}): AccessToken => ({
  digest: digestOf('access-token'),
  grantId: 'grant-1',
  scope: ['read'],
  createdAt: now,
  expiresAt: now + hour,
  ...given,
});

export const aPersonalAccessToken = (given: Partial<PersonalAccessToken> = {}): PersonalAccessToken => ({
  id: 'personal-1',
  userId: 'user-1',
  name: 'A script',
  resource,
  scope: ['records:read'],
  createdAt: now,
  expiresAt: now + 90 * 24 * hour,
  ...given,
});

export const aLoginEvent = (given: Partial<LoginEvent> = {}): LoginEvent => ({
  id: 'event-1',
  traceId: 'trace-1',
  at: now,
  event: 'registered',
  clientId: 'client-1',
  ...given,
});

export const anItem = (given: Partial<Item> = {}): Item => ({
  id: 'item-1',
  userId: 'user-1',
  name: 'A name',
  content: 'Some content',
  tags: [],
  createdAt: now,
  updatedAt: now,
  ...given,
});

export const aTag = (given: Partial<Tag> = {}): Tag => ({
  id: 'tag-1',
  userId: 'user-1',
  name: 'A tag',
  createdAt: now,
  updatedAt: now,
  ...given,
});

export const aRecordsClient = (given: Partial<RecordsClient> = {}): RecordsClient => ({
  id: 'records-client-1',
  userId: 'user-1',
  name: 'A client',
  tags: [],
  createdAt: now,
  updatedAt: now,
  ...given,
});

export const anOutboundRegistration = (given: Partial<OutboundRegistration> = {}): OutboundRegistration => ({
  id: 'registration-1',
  issuer: 'https://id.example.com',
  redirect_uri: 'https://mcp.example.com/oidc/callback',
  client_id: 'client-there-1',
  sealed: new Uint8Array([0, 1, 127, 128, 255]),
  registeredAt: now,
  expiresAt: now + hour,
  ...given,
});

export const aVaultEntry = (given: Partial<VaultEntry> = {}): VaultEntry => ({
  id: 'entry-1',
  userId: 'user-1',
  provider: 'github',
  subject: '12345',
  sealed: new Uint8Array([0, 1, 127, 128, 255]),
  generation: 7,
  expiresAt: now + hour,
  refreshAt: now + hour - 300,
  createdAt: now,
  updatedAt: now,
  ...given,
});

/** A person and a client. */
export async function withPersonAndClient(storage: Storage): Promise<void> {
  await storage.addUser(aUser());
  await storage.addClient(aClient());
}

/** A person, a client, and a grant whose code was not redeemed yet. */
export async function withCode(storage: Storage): Promise<void> {
  await withPersonAndClient(storage);
  await storage.grantAuthorization({ grant: aGrant(), code: aCode(), now });
}

export const redeem = (
  given: {
    digest?: string;
    refreshToken?: RefreshToken;
    accessToken?: AccessToken;
    authMethod?: string;
    now?: number;
  } = {},
) => ({
  digest: digestOf('code'),
  refreshToken: aToken(),
  grantExpiresAt: now + 24 * hour,
  now,
  ...given,
});

/** A grant with the refresh token `token-1`. */
export async function withRefreshToken(storage: Storage): Promise<void> {
  await withCode(storage);
  await storage.redeemCode(redeem());
}

export const rotate = (
  from: string,
  to: string,
  given: Partial<Parameters<Storage['rotateRefreshToken']>[0]> = {},
) => ({
  digest: digestOf(from),
  successor: aToken({ digest: digestOf(to), createdAt: now + 1 }),
  asked: 'records:read records:write https://mcp.example.com/mcp',
  graceSeconds: 300,
  grantExpiresAt: now + 48 * hour,
  now: now + 1,
  ...given,
});

/** Runs something n times at once. @returns how often there was each answer */
export async function tally<Answer extends string>(
  n: number,
  call: (i: number) => Promise<Answer>,
): Promise<Partial<Record<Answer, number>>> {
  const answers = await Promise.all(Array.from({ length: n }, (_, i) => call(i)));
  const counted: Partial<Record<Answer, number>> = {};
  for (const answer of answers) counted[answer] = (counted[answer] ?? 0) + 1;
  return counted;
}

/** Notes what listeners hear. `anything` is left out: a store that others share may say it whenever it has not heard of them. */
export function hearing(storage: Storage): { heard: string[]; stop: () => void } {
  const heard: string[] = [];
  const stop = storage.onChange((change) => {
    if (change !== 'anything') heard.push(change === 'keys' ? change : change.grantId);
  });
  return { heard, stop };
}
