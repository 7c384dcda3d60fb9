// The floor's store in memory: what a server costs that forgets everything when it stops.

import type { Code, FloorStore } from './store.ts';

export function memoryStore(): FloorStore {
  const users = new Map<string, unknown>();
  const sessions = new Map<string, string>();
  const clients = new Map<string, string>();
  const consents = new Set<string>();
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, string>();
  const take = <Value>(from: Map<string, Value>, key: string): Value => {
    const value = from.get(key);
    if (value === undefined) throw new Error('spent');
    from.delete(key);
    return value;
  };
  return {
    addUser: (user) => void users.set(user.id, user),
    user: (id) => users.get(id),
    keepSession: async (digest, user) => void sessions.set(digest, user),
    session: (digest) => sessions.get(digest),
    addClient: async (client_id, metadata) => void clients.set(client_id, metadata),
    client: (client_id) => clients.get(client_id),
    hasConsent: (user, client_id) => consents.has(`${user} ${client_id}`),
    keepConsent: async (user, client_id) => void consents.add(`${user} ${client_id}`),
    addCode: async (code) => void codes.set(code.digest, code),
    code: (digest) => codes.get(digest),
    async redeem(code, refresh) {
      const { user } = take(codes, code);
      refreshTokens.set(refresh.digest, user);
      return user;
    },
    async rotate(refresh, successor) {
      const user = take(refreshTokens, refresh);
      refreshTokens.set(successor.digest, user);
      return user;
    },
    close: () => undefined,
  };
}
