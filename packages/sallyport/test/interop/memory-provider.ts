// What a host keeps for the SDKs' clients (their `OAuthClientProvider`), in memory. Both SDKs take it: the shape is one.
import assert from 'node:assert/strict';
import type {
  OAuthClientMetadata,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

/** Nobody listens there: the test is the browser, and reads the answer from the redirect. */
export const REDIRECT_URL = 'http://127.0.0.1:3334/callback';

export class MemoryProvider {
  readonly redirectUrl = REDIRECT_URL;
  readonly clientMetadata: OAuthClientMetadata;
  /** Where the client wanted the browser to go; the oldest first. */
  readonly sentTo: URL[] = [];
  client: StoredOAuthClientInformation | undefined;
  stored: StoredOAuthTokens | undefined;
  /** What the client threw away: 'tokens', 'client' … */
  readonly invalidated: string[] = [];
  #verifier: string | undefined;
  #states = 0;
  #discovery: OAuthDiscoveryState | undefined;

  constructor(metadata: Partial<OAuthClientMetadata> = {}) {
    this.clientMetadata = {
      client_name: 'Interop client',
      redirect_uris: [REDIRECT_URL],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    };
  }

  /** The tokens, when there must be some. */
  get tokensNow(): StoredOAuthTokens {
    assert.ok(this.stored, 'the client has no tokens');
    return this.stored;
  }

  /** Where the client has just sent the browser. */
  lastSentTo(): URL {
    const url = this.sentTo.at(-1);
    assert.ok(url, 'the client never sent the browser anywhere');
    return url;
  }

  state(): string {
    this.#states += 1;
    return this.#lastState();
  }

  /** Compares `state`, which the SDKs leave to the host. */
  judgeState(answer: URL): void {
    assert.equal(answer.searchParams.get('state'), this.#lastState());
  }

  #lastState(): string {
    return `state ${this.#states} & so on`;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.client;
  }
  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.client = client;
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.stored;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.stored = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.sentTo.push(url);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    assert.ok(this.#verifier, 'no code verifier was saved');
    return this.#verifier;
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }
  invalidateCredentials(what: string): void {
    this.invalidated.push(what);
    if (what === 'tokens' || what === 'all') this.stored = undefined;
    if (what === 'client' || what === 'all') this.client = undefined;
  }
}
