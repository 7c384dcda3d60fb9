// The documents that clients find their way by, at every address where one of the field looks: the path inserted (RFC
// 9728 §3.1, RFC 8414 §3.1), appended (OpenID Connect Discovery §4.1), and at the root for clients of MCP 2025-03-26.
import { jsonResponse, type ProtectedResource, type Refusal } from '@sallyport/protocol';
import { anyOrigin, preflight } from './cors.ts';
import type { IssuersMetadata } from './delegated/metadata.ts';
import { FOREIGN_METADATA_MAX_AGE_SECONDS, RETRY_SECONDS } from './limits.ts';
import { refuse } from './refusals.ts';
import { AuthorizationServerUnavailable } from './unavailable.ts';

type Document = (now: number) => Response | Promise<Response>;

/** @param isDefault whether the addresses at the root, which name no server, mean this one */
export function wellKnownPaths(
  { resource, isDefault }: Pick<ProtectedResource, 'resource' | 'isDefault'>,
  metadata: () => Response,
  issuers: IssuersMetadata | undefined,
): (request: Request, now: number) => Promise<Response | undefined> {
  const path = new URL(resource).pathname.replace(/\/$/, '');
  const documents = new Map<string, Document>();
  const at = (name: string, document: Document, isAppended: boolean): void => {
    for (const suffix of new Set(isDefault ? ['', path] : [path]))
      documents.set(`/.well-known/${name}${suffix}`, document);
    if (isAppended) documents.set(`${path}/.well-known/${name}`, document);
  };
  at('oauth-protected-resource', metadata, false);
  if (issuers !== undefined) {
    at('oauth-authorization-server', (now) => ofIssuer(issuers.oauth, now), true);
    at('openid-configuration', (now) => ofIssuer(issuers.openid, now), true);
  }
  return async (request, now) => {
    const document = documents.get(new URL(request.url).pathname);
    if (document === undefined) return undefined;
    if (request.method === 'OPTIONS') return preflight('GET, HEAD, OPTIONS', 200);
    if (request.method !== 'GET' && request.method !== 'HEAD') return anyOrigin(notAllowed());
    const answer = anyOrigin(await document(now));
    return request.method === 'HEAD' ? new Response(null, answer) : answer;
  };
}

function notAllowed(): Response {
  return told(refuse('well_known_method'), { allow: 'GET, HEAD, OPTIONS' });
}

async function ofIssuer(document: IssuersMetadata['oauth'], now: number): Promise<Response> {
  try {
    const headers = { 'cache-control': `public, max-age=${FOREIGN_METADATA_MAX_AGE_SECONDS}` };
    return new Response(JSON.stringify(await document.get(now)), {
      headers: { 'content-type': 'application/json', ...headers },
    });
  } catch (error) {
    if (!(error instanceof AuthorizationServerUnavailable)) throw error;
    return unavailable();
  }
}

/** The issuer cannot be had: nobody is let through, nobody is blamed. */
export function unavailable(): Response {
  return told(refuse('issuer_unavailable'), { 'retry-after': String(RETRY_SECONDS) });
}

function told({ row: { error, sentence, status } }: Refusal, headers: Record<string, string>): Response {
  return jsonResponse({ error, error_description: sentence }, { status, headers });
}
