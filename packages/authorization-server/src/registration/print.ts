// A client as it is told to whoever registered it (RFC 7591 §3.2.1, RFC 7592 §3).
import type { Client } from '@sallyport/storage';

export function printRegistration(
  { client_id, metadata, createdAt }: Client,
  issuer: string,
  secrets: { readonly client_secret?: string; readonly registration_access_token?: string },
): Readonly<Record<string, unknown>> {
  const { client_secret, registration_access_token } = secrets;
  return {
    client_id,
    // RFC 7591 §3.2.1: an expiry only beside a secret; 0 means never.
    ...(client_secret !== undefined && { client_secret, client_secret_expires_at: 0 }),
    client_id_issued_at: createdAt,
    ...(registration_access_token !== undefined && {
      registration_access_token,
      registration_client_uri: `${issuer}/oauth/register/${encodeURIComponent(client_id)}`,
    }),
    ...metadata,
  };
}
