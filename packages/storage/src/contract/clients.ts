// Clients, however they became known, and what the operator says of them.

import type { ClientMetadata } from '@sallyport/protocol';
import type { Digest } from './digest.ts';

/** A registered client: the RFC 7591 metadata that we honour, as registered, and what we know of it. */
export interface Client {
  readonly client_id: string;
  readonly metadata: ClientMetadata;
  /**
   * `document`: by nobody; it published its metadata at the URL that its client_id is. `configuration`: by the operator,
   * in the file that the server starts with.
   */
  readonly registeredBy: 'dynamic' | 'operator' | 'configuration' | 'document';
  /** Present when it is by `configuration` and not in it any more: it gets nothing until it is there again. */
  readonly withdrawn?: true;
  /** Present exactly when it is by `document`: when that was fetched, and until when it need not be again. */
  readonly document?: {
    readonly fetchedAt: number;
    readonly freshUntil: number;
    /** It could not be fetched then, and this is what a list says of it. */
    readonly isPinned?: true;
  };
  /** SHA-256 of the client secret; present exactly when the method uses one. */
  readonly secretDigest?: Digest;
  /** The secret before this one, which is good for a while longer. */
  readonly formerSecret?: { readonly digest: Digest; readonly validUntil: number };
  readonly createdAt: number;
  /** When it last completed an authorization, to the minute. */
  readonly usedAt?: number;
  /** How its access tokens are made; absent: as all others. */
  readonly accessTokenFormat?: 'jwt' | 'opaque';
  /** Resources whose access tokens it may ask about (RFC 7662), because it guards them; absent: none. */
  readonly introspects?: readonly string[];
  /** Whether the operator has let it in; absent: nobody had to. */
  readonly admission?: 'waiting' | 'refused';
  /** When the operator let it in, who had to; it is then never forgotten for not being used. */
  readonly approvedAt?: number;
  /** Name of the initial access token that it registered with (RFC 7591 §3). */
  readonly registeredWith?: string;
  /** SHA-256 of its registration access token (RFC 7592). */
  readonly registrationDigest?: Digest;
  /** Digest of what it registered, by which an identical registration is found again. */
  readonly metadataDigest?: Digest;
  /** Present when the operator, or an initial access token, let it do without PKCE: confidential clients only. */
  readonly requirePkce?: false;
  /** Scopes that it may have for itself, by exact resource identifier (RFC 6749 §4.4); absent: none. */
  readonly ownScope?: Readonly<Record<string, readonly string[]>>;
  /** The login that its registration began. */
  readonly traceId: string;
}

export interface ClientStorage {
  addClient(client: Client): Promise<'added' | 'taken'>;
  findClient(client_id: string): Promise<Client | undefined>;
  /** Newest first. */
  listClients(): Promise<readonly Client[]>;
  /**
   * Keeps what a client's metadata document says, in place of an older one; a newer one, and a client that others
   * registered under this id, stay. Only `maxUnused` clients of documents are kept that nobody has used.
   * @returns the client as it is kept now; `full` when it is one too many
   */
  keepDocumentClient(kept: {
    client: Client & Required<Pick<Client, 'document'>>;
    maxUnused: number;
    /** Clients that wait for approval, of any kind; absent: any number. */
    maxWaiting?: number | undefined;
  }): Promise<Client | 'full'>;
  /** The secret before this one is good until `formerUntil` as well, if given; no other one is from now on. */
  replaceClientSecret(change: {
    client_id: string;
    secretDigest: Digest;
    formerUntil?: number;
  }): Promise<'replaced' | 'not_found'>;
  /** From now on only the newest secret is good. Idempotent. */
  endFormerSecret(client_id: string): Promise<'ended' | 'not_found'>;
  /**
   * Makes the clients by `configuration` these, and withdraws the others of that kind; when they were added and used
   * stays as it was, and so does what the operator decided about them.
   * @returns the client_ids that belong to clients of another kind: nothing is written then; and which are withdrawn now
   */
  keepConfiguredClients(
    clients: readonly Client[],
  ): Promise<{ readonly taken: readonly string[]; readonly withdrawn: readonly string[] }>;
  /**
   * What the operator says of a client. A refused one's grants end, and its consents and paused authorizations go;
   * nothing is granted to it.
   */
  decideClient(decided: {
    client_id: string;
    decision: 'approved' | 'refused';
    now: number;
  }): Promise<'decided' | 'not_found'>;
  /** Of a client that the operator added. Grants that exceed what it may have from now on are revoked. */
  setOwnScope(change: {
    client_id: string;
    ownScope: Client['ownScope'];
    now: number;
  }): Promise<'changed' | 'not_found'>;
  /** Takes its paused authorizations, consents, grants (revoked, then gone) and its service account along. */
  removeClient(client_id: string): Promise<'removed' | 'not_found'>;
}
