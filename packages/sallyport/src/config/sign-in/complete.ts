// The ways to sign in with every default filled in, and with their secrets, which may be in files.

import type { AccountPolicy, OpenIdSettings } from '@sallyport/sign-in';
import type { Path } from '../problem.ts';
import { readValue } from '../value-file.ts';
import { kindOf } from './kinds.ts';
import type { UpstreamKind } from './kinds.ts';
import { completePeople, namesAny } from './people.ts';
import type { SignInSettings } from './schema.ts';

export interface PasswordConfig {
  readonly provider: 'password';
  readonly signUp: boolean;
}

/** A provider that people are sent to. With its secret in the clear: never to be printed. */
export interface UpstreamConfig extends Omit<OpenIdSettings, 'offlineAccess'> {
  readonly provider: UpstreamKind;
  readonly storeTokens: boolean;
  /** Whether people's sessions and grants end when the provider refuses their tokens for good. */
  readonly endsWithProvider?: boolean | undefined;
  /** Who is let in, who gets an account, who is an operator. */
  readonly people: AccountPolicy;
  /** Of what has an API in place of OpenID Connect: where that answers. */
  readonly apiUrl?: string | undefined;
}

export type SignInConfig = PasswordConfig | UpstreamConfig;

export const isUpstream = (way: SignInConfig): way is UpstreamConfig => way.provider !== 'password';

interface Around {
  readonly signUpByDefault: boolean;
  /** Of a file in the configuration. */
  readonly absolute: (path: Path, value: string) => string;
  readonly say: (path: Path, what: string, instead: string) => void;
}

export function completeSignIn(settings: readonly SignInSettings[], around: Around): readonly SignInConfig[] {
  return settings.map((entry, index) =>
    entry.provider === 'password'
      ? { provider: entry.provider, signUp: entry.signUp ?? around.signUpByDefault }
      : completeUpstream(entry, ['signIn', index], around),
  );
}

type UpstreamSettings = Exclude<SignInSettings, { provider: 'password' }>;

function completeUpstream(
  entry: UpstreamSettings,
  path: Path,
  { signUpByDefault, absolute, say }: Around,
): UpstreamConfig {
  const {
    provider,
    client_id,
    client_secret,
    scope,
    callback_path,
    auth_url,
    token_url,
    clientSecretFile,
    accounts,
    allow,
    deny,
    operators,
    linkByVerifiedEmail,
    ...own
  } = entry;
  const kind = kindOf(provider);
  const id = own.id ?? provider;
  const inFile = clientSecretFile && readSecret(absolute([...path, 'clientSecretFile'], clientSecretFile));
  const given = { accounts, allow, deny, operators, linkByVerifiedEmail };
  const house = {
    tenant: 'tenant' in own ? own.tenant : undefined,
    url: 'url' in own ? own.url : undefined,
  };
  const isOpen = signUpByDefault || kind.knowsOwnPeopleOnly(house);
  const people = completePeople(given, provider, isOpen);
  const written = 'groupsClaim' in own ? own.groupsClaim : undefined;
  const groupsClaim = written ?? (namesAny(people, 'groups') ? 'groups' : undefined);
  const authorizationUrl = own.authorizationUrl ?? auth_url;
  const tokenUrl = own.tokenUrl ?? token_url;
  const clientSecret = own.clientSecret ?? client_secret ?? inFile;
  const scopes = own.scopes ?? scope?.split(' ') ?? (client_id === undefined ? undefined : kind.mxcpScopes);
  return {
    ...own,
    provider,
    id,
    title: own.title ?? titleOf(entry),
    callbackPath: own.callbackPath ?? callback_path ?? `/${id}/callback`,
    clientId: own.clientId ?? client_id,
    storeTokens: own.storeTokens ?? true,
    clientSecret,
    authorizationUrl,
    tokenUrl,
    scopes,
    people,
    ...(groupsClaim !== undefined && { groupsClaim }),
  };

  function readSecret(file: string): string {
    const read = readValue(file);
    const isOne = typeof read === 'string' && /^[\x21-\x7e]+$/.test(read);
    if (isOne) return read;
    const { what, instead } =
      typeof read === 'string'
        ? {
            what: `names ${file}, whose text has other characters than those of ASCII without spaces`,
            instead: 'Write the secret into it, and nothing else.',
          }
        : read;
    say([...path, 'clientSecretFile'], what, instead);
    return '';
  }
}

/** People know their company's provider by its address rather than by the name of a standard. */
function titleOf(entry: UpstreamSettings): string {
  if (entry.provider === 'oidc' && entry.issuer !== undefined) return new URL(entry.issuer).host;
  return kindOf(entry.provider).title;
}
