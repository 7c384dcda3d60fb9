// Version 3: the records toolset whole: tags, clients, and which tags an item or a client has, in their order.
// An item or a client has a tag once; that index is also how a removed tag finds its places.

export const records = (): readonly string[] => [
  ...['tags', 'records_clients'].flatMap((table) => [
    `CREATE TABLE ${table} (
      id TEXT NOT NULL PRIMARY KEY,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL
    )`,
    `CREATE INDEX ${table}_of_user ON ${table} (user_id, created_at, id)`,
  ]),

  ...[
    { table: 'item_tags', owner: 'item_id', owners: 'items' },
    { table: 'records_client_tags', owner: 'client_id', owners: 'records_clients' },
  ].flatMap(({ table, owner, owners }) => [
    `CREATE TABLE ${table} (
      ${owner} TEXT NOT NULL REFERENCES ${owners} (id) ON DELETE CASCADE,
      position BIGINT NOT NULL,
      tag_id TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
      PRIMARY KEY (${owner}, position)
    )`,
    `CREATE UNIQUE INDEX ${table}_of_tag ON ${table} (tag_id, ${owner})`,
  ]),
];
