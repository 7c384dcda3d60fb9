// A client's metadata document (draft-ietf-oauth-client-id-metadata-document §4): RFC 7591 metadata that the client
// publishes at its own client_id. Judged as strictly as it is easy for its maker to mend.
import { readStrictJson, type JsonFault } from '../strict-json.ts';
import { hasPrivateKey } from './client-keys.ts';
import {
  readClientMetadata,
  type AuthMethods,
  type ClientMetadata,
  type Supported,
} from './client-metadata.ts';

export type ClientDocumentFault =
  | { readonly fault: 'json'; readonly why: JsonFault }
  /** The document is another client's, or its maker wrote the URL in another way. */
  | { readonly fault: 'client_id' }
  /** §4.1: there is nobody to share a secret with, and what is published is none. */
  | { readonly fault: 'secret'; readonly member: string }
  | { readonly fault: 'auth_method'; readonly method: string }
  | { readonly fault: 'member'; readonly member: string }
  | { readonly fault: 'redirect_uris' };

/** @returns the metadata and, where the document names one, its `jwks_uri`, which is for the caller to judge */
export function readClientDocument(
  text: string,
  client_id: string,
  supported: Supported,
): { readonly metadata: ClientMetadata; readonly jwks_uri?: string } | ClientDocumentFault {
  const read = readStrictJson(text);
  if (typeof read === 'string') return { fault: 'json', why: read };
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: 'json', why: 'malformed' };
  const document = value as Record<string, unknown>;
  if (document['client_id'] !== client_id) return { fault: 'client_id' };
  const secret = secretIn(document);
  if (secret !== undefined) return { fault: 'secret', member: secret };

  const methods = authMethodsOf(document, supported);
  if ('fault' in methods) return methods;
  const metadata = readClientMetadata(document, supported, methods);
  if ('error' in metadata)
    return metadata.error === 'invalid_redirect_uri'
      ? { fault: 'redirect_uris' }
      : { fault: 'member', member: metadata.member };
  if (metadata.client_name === undefined) return { fault: 'member', member: 'client_name' };
  const { jwks_uri } = document;
  if (jwks_uri === undefined) return { metadata };
  return typeof jwks_uri === 'string' ? { metadata, jwks_uri } : { fault: 'member', member: 'jwks_uri' };
}

function secretIn(document: Record<string, unknown>): string | undefined {
  const member = ['client_secret', 'client_secret_expires_at'].find((name) => name in document);
  if (member !== undefined) return member;
  return hasPrivateKey(document['jwks']) ? 'jwks' : undefined;
}

/**
 * §4.1 forbids every method with a shared secret. A document that names none means `none`, and one that lists several
 * (`token_endpoint_auth_methods_supported`) may be met at any of them that is supported here.
 * @returns at least one, the one that it asks for first
 */
function authMethodsOf(
  document: Record<string, unknown>,
  supported: Supported,
): AuthMethods | ClientDocumentFault {
  const asked = document['token_endpoint_auth_method'] ?? 'none';
  if (typeof asked !== 'string') return { fault: 'member', member: 'token_endpoint_auth_method' };
  if (asked.startsWith('client_secret')) return { fault: 'secret', member: 'token_endpoint_auth_method' };
  const list: unknown = document['token_endpoint_auth_methods_supported'];
  const offered: readonly unknown[] = [asked, ...(Array.isArray(list) ? (list as unknown[]) : [])];
  const { token_endpoint_auth_methods } = supported;
  const others = token_endpoint_auth_methods.filter((name) => name !== asked && offered.includes(name));
  const [first, ...rest] = token_endpoint_auth_methods.includes(asked) ? [asked, ...others] : others;
  return first === undefined ? { fault: 'auth_method', method: asked.slice(0, 64) } : [first, ...rest];
}
