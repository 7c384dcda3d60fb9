// Whether the ways to sign in are whole and agree with each other: nobody is to find out at the provider's page that a
// secret is missing. Works on values that may be wrong in other ways.

import { isMap } from '../layers.ts';
import type { Path } from '../problem.ts';
import { exampleOf, isUpstreamKind, kindOf } from './kinds.ts';
import type { UpstreamKind } from './kinds.ts';
import { judgePeople } from './judge-people.ts';

type Say = (path: Path, what: string, instead: string) => void;
type SayOf = (key: string, what: string, instead: string) => void;
type Entry = Readonly<Record<string, unknown>>;

/** Our words, and what MXCP calls the same. */
const mxcpWords = {
  clientId: 'client_id',
  clientSecret: 'client_secret',
  scopes: 'scope',
  callbackPath: 'callback_path',
  authorizationUrl: 'auth_url',
  tokenUrl: 'token_url',
} as const;

export function judgeSignIn({ signIn, publicUrl }: Readonly<Record<string, unknown>>, say: Say): void {
  const ids = new Map<unknown, number>();
  const callbacks = new Map<unknown, number>();
  for (const [index, entry] of (Array.isArray(signIn) ? (signIn as unknown[]) : []).entries()) {
    if (!isMap(entry)) continue;
    const sayOf: SayOf = (key, what, instead) => say(['signIn', index, key], what, instead);
    const { provider } = entry;
    const id = entry['id'] ?? provider;
    const other = ids.get(id);
    if (typeof id === 'string' && other !== undefined) sayTwice(entry, other, sayOf);
    else ids.set(id, index);
    if (!isUpstreamKind(provider)) continue;
    judgeSpellings(entry, sayOf);
    judgeWhole(provider, entry, publicUrl, sayOf);
    judgeAuthMethod(entry, sayOf);
    judgePeople(entry, sayOf);
    judgeEnding(provider, entry, sayOf);
    const callback = callbackPathOf(entry);
    const there = callbacks.get(callback);
    if (there !== undefined && other === undefined)
      sayOf('callbackPath', `is ${callback}, as of signIn[${there}]`, 'Give each a path of its own.');
    else callbacks.set(callback, index);
  }
}

function sayTwice({ provider, id }: Entry, other: number, say: SayOf): void {
  if (!isUpstreamKind(provider))
    return say('provider', `is ${String(provider)} a second time`, 'Write each provider once.');
  if (typeof id === 'string')
    return say('id', `is "${id}", as of signIn[${other}]`, 'Give each an id of its own.');
  say('provider', `is ${provider} a second time`, 'Give one of them an id of its own, for example: id: acme');
}

function judgeSpellings(entry: Entry, say: SayOf): void {
  for (const [own, theirs] of Object.entries(mxcpWords))
    if (entry[own] !== undefined && entry[theirs] !== undefined)
      say(theirs, `says the same as ${own} beside it`, 'Keep one of the two lines.');
  if (secretOf(entry) !== undefined && entry['clientSecretFile'] !== undefined)
    say('clientSecretFile', 'is there beside the secret itself', 'Keep one of the two lines.');
}

/** As the entry has it, which may be wrong in other ways. */
function callbackPathOf(entry: Entry): string {
  const written = entry['callbackPath'] ?? entry['callback_path'];
  if (typeof written === 'string') return written;
  const id = entry['id'] ?? entry['provider'];
  return typeof id === 'string' ? `/${id}/callback` : '';
}

const secretOf = (entry: Entry): unknown => entry['clientSecret'] ?? entry['client_secret'];

function judgeWhole(kind: UpstreamKind, entry: Entry, publicUrl: unknown, say: SayOf): void {
  const { needs, console, knowsPublicClients, registration } = kindOf(kind);
  const origin = typeof publicUrl === 'string' ? publicUrl : 'http://localhost:8000';
  // An issuer that is written says where the provider is, whatever would have told so otherwise.
  for (const key of needs)
    if (entry[key] === undefined && entry['issuer'] === undefined)
      say(key, 'is missing', `Write, for example: ${key}: ${exampleOf(kind, key)}`);
  const hasId = (entry['clientId'] ?? entry['client_id']) !== undefined;
  const hasSecret = secretOf(entry) !== undefined || entry['clientSecretFile'] !== undefined;
  if (hasId && registration !== undefined && entry['registration'] !== undefined)
    say('registration', 'is there beside the clientId of an app', 'Keep one of the two.');
  // Who has a secret has an app, and has only left out which.
  if (!hasId && !hasSecret && registration !== undefined) return;
  if (!hasId) {
    const orRegister = registration === undefined ? '' : `; or leave out both, and ${registration}`;
    const app = `Make an app at ${console}, with the callback URL ${origin}${callbackPathOf(entry)}`;
    say('clientId', 'is missing', `${app}, and write: clientId: ${exampleOf(kind, 'clientId')}${orRegister}`);
  }
  const isPublic = entry['authMethod'] === 'none' && knowsPublicClients;
  if (isPublic || hasSecret) return;
  const orNone = knowsPublicClients ? ', or for an app without a secret: authMethod: none' : '';
  say(
    'clientSecret',
    'is missing',
    `Copy it from ${console}, and write: clientSecret: ${exampleOf(kind, 'clientSecret')}${orNone}`,
  );
}

function judgeAuthMethod(entry: Entry, say: SayOf): void {
  if (entry['authMethod'] !== 'none') return;
  if (secretOf(entry) === undefined && entry['clientSecretFile'] === undefined) return;
  say('authMethod', 'is none, beside a secret that would never be used', 'Keep one of the two lines.');
}

/** It hears of the end by refreshing what it keeps; where that can never be, the key would promise what nothing holds. */
function judgeEnding(kind: UpstreamKind, entry: Entry, say: SayOf): void {
  if (entry['endsWithProvider'] !== true) return;
  const key = 'endsWithProvider';
  if (entry['storeTokens'] === false)
    say(key, 'can never end anything beside storeTokens: false', 'Remove one of the two lines.');
  const { scopes, scope, clientId, client_id } = entry;
  const written = typeof scope === 'string' ? scope.split(' ') : scopes;
  if (kind === 'atlassian' && Array.isArray(written) && !written.includes('offline_access'))
    say(key, 'needs a refresh token, which scopes do not ask for', 'Add offline_access to the scopes.');
  // https://docs.github.com/en/apps/oauth-apps: its tokens do not expire, and are never refreshed.
  const id = clientId ?? client_id;
  if (kind === 'github' && typeof id === 'string' && id.startsWith('Ov'))
    say(
      key,
      'needs a GitHub App that expires user tokens, and this is an OAuth app, whose tokens are never refreshed',
      'Make a GitHub App in its place, or remove the line.',
    );
}

const shownAtProvider = new Set(['clientId', 'clientSecret', 'client_id', 'client_secret', 'publishableKey']);

/** Where the operator finds what a variable of the configuration should have held. */
export function foundAt(values: Readonly<Record<string, unknown>>, path: Path): string | undefined {
  const [list, index, key] = path;
  if (list !== 'signIn' || typeof index !== 'number' || typeof key !== 'string') return undefined;
  const entries = values['signIn'];
  const entry: unknown = Array.isArray(entries) ? entries[index] : undefined;
  const provider = isMap(entry) ? entry['provider'] : undefined;
  if (!isUpstreamKind(provider) || !shownAtProvider.has(key)) return undefined;
  return kindOf(provider).console;
}
