// Version 23: as whom this deployment registered itself at other parties (RFC 7591), sealed.

export const outboundRegistrations = (bytes: 'BLOB' | 'BYTEA'): readonly string[] => [
  `CREATE TABLE outbound_registrations (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed ${bytes} NOT NULL,
    registered_at BIGINT NOT NULL,
    expires_at BIGINT
  )`,
];
