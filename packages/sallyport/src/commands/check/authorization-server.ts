// Whether clients would find their way by what somebody else's authorization server publishes.

import { readForeignMetadata, type ForeignAuthorizationServer } from '@sallyport/resource-server';
import { wayOut } from '../../delegated/way-out.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

/** Whether clients would find their way by what it publishes now. */
export async function judgeAuthorizationServer(server: ForeignAuthorizationServer): Promise<Finding[]> {
  const about = 'authorizationServer';
  const next =
    'Look at its metadata in a browser; `authorizationServer.issuer` must be its `issuer` to the letter.';
  let metadata: Readonly<Record<string, unknown>>;
  try {
    metadata = await readForeignMetadata(server, {
      now: Math.floor(Date.now() / 1000),
      fetch: wayOut(server, undefined),
    });
  } catch (error) {
    return [fail(about, (error as Error).message, next)];
  }
  const { code_challenge_methods_supported: pkce, jwks_uri, introspection_endpoint: asked } = metadata;
  const findings = [ok(about, `${server.issuer} publishes its metadata`)];
  const say = (says: string, then: string): void => void findings.push(warn(about, says, then));
  if (!(Array.isArray(pkce) && pkce.includes('S256')))
    say(
      'its metadata does not offer PKCE with S256, and MCP clients refuse to go on without',
      'Switch PKCE on there.',
    );
  if (
    metadata['registration_endpoint'] === undefined &&
    metadata['client_id_metadata_document_supported'] !== true
  )
    say(
      'it lets no client register itself, so people have to be given a client id for each app',
      'Switch on client ID metadata documents or dynamic client registration there.',
    );
  if (jwks_uri === undefined) findings.push(fail(about, 'its metadata names no keys (jwks_uri)', next));
  const asks = typeof server.introspection === 'object' && server.introspection.endpoint === undefined;
  if (asks && asked === undefined)
    findings.push(
      fail(about, 'its metadata names no introspection endpoint', 'Write: introspection.endpoint'),
    );
  if (server.acceptTokensWithoutAudienceBecauseTheIssuerHasNone === true)
    say(
      'tokens that name no server are let in: whoever runs another server of this issuer can use here what it is shown',
      'Have it name an audience, if it can, and remove acceptTokensWithoutAudienceBecauseTheIssuerHasNone.',
    );
  return findings;
}
