// A store for `oidc-provider` in memory. Its own one walks through all tokens of a grant whenever one is added, which
// would measure the store of a demonstration instead of the server.

type Payload = Record<string, unknown> & { consumed?: number };

export function mapAdapter() {
  const payloads = new Map<string, Payload>();
  const keysOfGrant = new Map<string, Set<string>>();
  const sessionKeys = new Map<string, string>();

  return (model: string) => {
    const keyOf = (id: string): string => `${model}:${id}`;
    return {
      async upsert(id: string, payload: Payload): Promise<void> {
        const key = keyOf(id);
        payloads.set(key, payload);
        const { grantId, uid } = payload;
        if (model === 'Session') sessionKeys.set(String(uid), key);
        if (typeof grantId !== 'string') return;
        const keys = keysOfGrant.get(grantId);
        if (keys === undefined) keysOfGrant.set(grantId, new Set([key]));
        else keys.add(key);
      },
      find: async (id: string) => payloads.get(keyOf(id)),
      findByUid: async (uid: string) => payloads.get(sessionKeys.get(uid) ?? ''),
      findByUserCode: async () => undefined,
      async consume(id: string): Promise<void> {
        const payload = payloads.get(keyOf(id));
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => void payloads.delete(keyOf(id)),
      async revokeByGrantId(grantId: string): Promise<void> {
        for (const key of keysOfGrant.get(grantId) ?? []) payloads.delete(key);
        keysOfGrant.delete(grantId);
      },
    };
  };
}
