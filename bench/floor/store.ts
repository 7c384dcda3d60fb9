// What the floor remembers. Reads answer at once; writes answer when they are kept.

export interface Code {
  readonly digest: string;
  readonly client_id: string;
  readonly user: string;
  readonly redirect_uri: string;
  readonly challenge: string;
}

interface Refresh {
  readonly digest: string;
  readonly client_id: string;
}

export interface FloorStore {
  addUser(user: { id: string; email: string; name: string }): void;
  user(id: string): unknown;
  keepSession(digest: string, user: string): Promise<void>;
  session(digest: string): string | undefined;
  addClient(client_id: string, metadata: string): Promise<void>;
  client(client_id: string): string | undefined;
  hasConsent(user: string, client_id: string): boolean;
  keepConsent(user: string, client_id: string): Promise<void>;
  addCode(code: Code): Promise<void>;
  code(digest: string): Code | undefined;
  /** @returns whose it was @throws when it was spent already */
  redeem(code: string, refresh: Refresh): Promise<string>;
  rotate(refresh: string, successor: Refresh): Promise<string>;
  close(): void;
}
