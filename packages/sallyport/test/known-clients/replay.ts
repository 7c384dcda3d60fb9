// A known client as its row describes it, request by request: it finds its way from the 401, becomes known to the house in
// one of its ways, sends a person there, and goes on with what it gets.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { addPreregisteredClient } from '@sallyport/authorization-server';
import { codeChallengeOf, randomToken } from '@sallyport/crypto';
import { shippedList, type KnownClientRow } from '../../src/known-clients/index.ts';
import { filledIn } from '../../src/known-clients/pattern.ts';
import {
  assertionBy,
  assertionForm,
  clientKey,
  type ClientKey,
} from '../../../authorization-server/test/assertions.ts';
import { json, type World } from '../../../guarded-fetch/test/world.ts';
import { leftTo, openBrowserAt, type Page } from '../house/browser.ts';
import { askToken, signInAt, type Tokens } from '../house/client.ts';
import type { House } from '../house/open-house.ts';

/** What stands in an address where each connection has a part of its own. */
const PART = 'g1a2B3c';

export const rows = shippedList.clients;

/** A client that the house has met, and how it proves that it is the same at the token endpoint. */
export interface Met {
  readonly row: KnownClientRow;
  readonly client_id: string;
  readonly client_secret?: string;
  readonly method: string;
  /** What it signs with, when that is its method. */
  readonly key?: ClientKey;
  /** As they are registered; a loopback one is asked for with another port. */
  readonly redirect_uris: readonly string[];
}

/** Hosts whose documents a world has to be able to prove. */
export const documentHosts = [
  ...new Set(rows.flatMap(({ documents = [] }) => documents.map(({ url }) => new URL(filledIn(url)).host))),
];

/** From the challenge to the metadata, as the MCP specification has it, and what this client looks for there. */
export async function findItsWay(row: KnownClientRow, house: House): Promise<Record<string, unknown>> {
  const challenged = await house.ask('/mcp', { method: 'POST', body: '{}' });
  assert.equal(challenged.status, 401);
  const challenge = challenged.headers.get('www-authenticate') ?? '';
  const [, at = ''] = /^Bearer .*resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  // To a request without a token nothing is said of a token (RFC 6750 §3.1); Grok gives up otherwise.
  assert.doesNotMatch(challenge, /error=/);
  const resource = (await (await house.ask(at)).json()) as Record<string, unknown>;
  assert.equal(resource['resource'], `${house.origin}/mcp`);
  const [issuer] = resource['authorization_servers'] as string[];
  const response = await house.ask('/.well-known/oauth-authorization-server');
  const metadata = (await response.json()) as Record<string, unknown>;
  assert.equal(metadata['issuer'], issuer);
  assert.deepEqual(metadata['code_challenge_methods_supported'], ['S256']);
  assert.equal(metadata['authorization_response_iss_parameter_supported'], true);
  const offered = metadata['token_endpoint_auth_methods_supported'] as string[];
  for (const { way, method } of row.authMethods) {
    // A document may prefer what we do not have, as long as it names something that we do.
    if (way !== 'document') assert.ok(offered.includes(method), method);
  }
  for (const { way } of row.ways) {
    if (way === 'dynamic') assert.equal(metadata['registration_endpoint'], `${house.origin}/oauth/register`);
    if (way === 'document') {
      assert.equal(metadata['client_id_metadata_document_supported'], true);
      assert.ok(offered.includes('none'));
    }
  }
  if (row.tokens?.asksOfflineAccess === true)
    assert.ok((metadata['scopes_supported'] as string[]).includes('offline_access'));
  return metadata;
}

/** What its maker signs with, by where the public half is. */
const keysAt = new Map<string, ClientKey>();

/** The document is where it is in the world, at the real URL. */
export function meetByDocument(
  row: KnownClientRow,
  document: NonNullable<KnownClientRow['documents']>[number],
  method: string,
  world: World,
): Met {
  const client_id = filledIn(document.url, PART);
  assert.ok(document.content);
  const content = filledInContent(document.content);
  world.pages.set(client_id.replace('https://', ''), json({ client_id, ...content }));
  const redirect_uris = content['redirect_uris'] as string[];
  const met = { row, client_id, method, redirect_uris };
  if (method !== 'private_key_jwt') return met;
  const at = String(content['jwks_uri']);
  const key = keysAt.get(at) ?? clientKey(String(content['token_endpoint_auth_signing_alg']));
  keysAt.set(at, key);
  world.pages.set(at.replace('https://', ''), json({ keys: [key.jwk] }));
  return { ...met, key };
}

/** RFC 7591, with the very members that it sends. */
export async function meetByRegistration(row: KnownClientRow, house: House): Promise<Met> {
  assert.ok(row.registration);
  const content = filledInContent(row.registration.content);
  const response = await house.ask('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  });
  const text = await response.text();
  assert.equal(response.status, 201, text);
  const answer = JSON.parse(text) as Record<string, unknown>;
  for (const [member, value] of Object.entries(answer)) {
    // Null and empty members stop clients that read the answer strictly.
    assert.ok(value !== null && value !== '', member);
  }
  assert.deepEqual(answer['redirect_uris'], content['redirect_uris']);
  assert.equal(answer['token_endpoint_auth_method'], content['token_endpoint_auth_method']);
  assert.deepEqual(answer['grant_types'], ['authorization_code', 'refresh_token']);
  const { client_id, client_secret } = answer as { client_id: string; client_secret?: string };
  assert.equal(client_secret === undefined, content['token_endpoint_auth_method'] === 'none');
  return {
    row,
    client_id,
    ...(client_secret !== undefined && { client_secret }),
    method: String(content['token_endpoint_auth_method']),
    redirect_uris: content['redirect_uris'] as string[],
  };
}

/** The operator pastes an id, and a secret where there is one. */
export async function meetByOperator(row: KnownClientRow, method: string, house: House): Promise<Met> {
  // A GPT's address has a wildcard that the server knows itself; elsewhere the operator copies what the client shows.
  const isGpt = row.pkce?.method === 'none';
  const redirect_uris = row.redirects.map(({ uri }) => (isGpt ? uri : filledIn(uri, PART)));
  const { client, client_secret } = await addPreregisteredClient(
    house.storage,
    { client_name: row.name, redirect_uris, token_endpoint_auth_method: method },
    {
      now: house.clock.now,
      policy: { privateUseSchemes: 'allow' },
      ...(isGpt && { requirePkce: false as const }),
    },
  );
  const { client_id } = client;
  return { row, client_id, ...(client_secret !== undefined && { client_secret }), method, redirect_uris };
}

/** As it is asked for: with the port that happened to be free. */
export function askedAs(redirect_uri: string): string {
  const port = randomInt(1024, 65_536);
  return filledIn(redirect_uri, PART).replace(
    /^(http:\/\/(?:\[[^\]]*\]|[^/:]*))(?::\d+)?(?=\/|$)/,
    `$1:${port}`,
  );
}

interface Went {
  /** Undefined when the person was not asked again. */
  readonly consent: Page | undefined;
  readonly code: string;
  readonly code_verifier: string | undefined;
  readonly resource: string | undefined;
}

/** Over the browser and back. */
export async function authorize(
  met: Met,
  redirect_uri: string,
  house: House,
  { sendsResource, asksAgain = false }: { sendsResource: boolean; asksAgain?: boolean },
): Promise<Went> {
  const { row } = met;
  const browser = openBrowserAt(house);
  const code_verifier = row.pkce?.method === 'none' ? undefined : randomToken();
  const state = randomToken(8);
  const resource = sendsResource ? `${house.origin}/mcp` : undefined;
  const offline = row.tokens?.asksOfflineAccess === true;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: met.client_id,
    redirect_uri,
    state,
    ...(code_verifier !== undefined && {
      code_challenge: codeChallengeOf(code_verifier),
      code_challenge_method: 'S256',
    }),
    ...(resource !== undefined && { resource }),
    // The official SDK adds both as soon as the metadata lists the scope.
    ...(offline && { scope: 'read offline_access' }),
    ...((offline || asksAgain) && { prompt: 'consent' }),
  });
  const arrived = await browser.open(`/oauth/authorize?${query.toString()}`);
  const next = 'html' in arrived ? await signInAt(browser, arrived) : arrived;
  const consent = 'html' in next ? next : undefined;
  const back = leftTo(consent === undefined ? next : await browser.submit(consent, { decision: 'allow' }));
  assert.equal(back.href.split('?')[0], redirect_uri);
  assert.equal(back.searchParams.get('state'), state);
  assert.equal(back.searchParams.get('iss'), house.origin);
  const code = back.searchParams.get('code');
  assert.ok(code, back.href);
  return { consent, code, code_verifier, resource };
}

export async function redeem(met: Met, redirect_uri: string, went: Went, house: House): Promise<Tokens> {
  const { code, code_verifier, resource } = went;
  const response = await tokenRequest(
    met,
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri,
      ...(code_verifier !== undefined && { code_verifier }),
      ...(resource !== undefined && { resource }),
    },
    house,
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return JSON.parse(text) as Tokens;
}

export async function refresh(
  met: Met,
  refresh_token: string,
  house: House,
  sendsResource: boolean,
): Promise<Tokens> {
  const form = {
    grant_type: 'refresh_token',
    refresh_token,
    ...(sendsResource && { resource: `${house.origin}/mcp` }),
  };
  const response = await tokenRequest(met, form, house);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as Tokens;
}

export function tokenRequest(
  { client_id, client_secret = '', method, key }: Met,
  form: Readonly<Record<string, string>>,
  house: House,
): Promise<Response> {
  if (method === 'none') return askToken(house, { ...form, client_id });
  if (method === 'client_secret_post') return askToken(house, { ...form, client_id, client_secret });
  if (key !== undefined) {
    const { origin: issuer, clock } = house;
    return askToken(house, {
      ...form,
      client_id,
      ...assertionForm(assertionBy(key, { client_id, issuer, now: clock.now })),
    });
  }
  assert.equal(method, 'client_secret_basic');
  // The SDK does not percent-encode (RFC 6749 §2.3.1 would have it so).
  return askToken(house, form, { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` });
}

function filledInContent(content: Readonly<Record<string, string | string[]>>) {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.map((one) => filledIn(one, PART, randomInt(1024, 65_536))),
    ]),
  );
}
