// From a bare MCP URL to everything that a client has to know: RFC 9728, RFC 8414, MCP authorization.

import { readChallenge, readScope, wellKnownUrl } from '@sallyport/protocol';
import type { Step } from '../play.ts';
import { legacyCall } from './mcp.ts';

export interface WayIn {
  readonly mcpUrl: string;
  readonly resource_metadata: string;
  /** What to ask for first. */
  readonly scope: readonly string[];
}

export const askWithoutToken: Step<string, WayIn> = {
  headline: 'A client without a token is told the way in',
  means: 'The 401 names the document to read next and the scope to ask for (RFC 9728 §5.1, RFC 6750 §3).',
  async play(scene, mcpUrl) {
    const answer = await scene.send(legacyCall({ mcpUrl }, 'tools/list'));
    scene.equal('without a token: 401', answer.status, 401);
    const challenge = readChallenge(answer.headers.get('www-authenticate'));
    scene.equal(
      'WWW-Authenticate has no error, because no token was tried',
      challenge?.error === undefined,
      true,
    );
    return {
      mcpUrl,
      resource_metadata: scene.present('but it names resource_metadata', challenge?.resource_metadata),
      scope: readScope(scene.present('and the scope to ask for', challenge?.scope)),
    };
  },
};

export interface Resource extends WayIn {
  readonly issuer: string;
}

export const readResource: Step<WayIn, Resource> = {
  headline: 'The MCP server says who issues tokens for it',
  means: 'The document must be about the very URL that the person pasted (RFC 9728 §3.3).',
  async play(scene, wayIn) {
    const { status, document } = await scene.send({ url: wayIn.resource_metadata });
    scene.equal('the document is there', status, 200);
    scene.equal('resource is the MCP URL, byte for byte', document['resource'], wayIn.mcpUrl);
    scene.equal('tokens go in the header only', String(document['bearer_methods_supported']), 'header');
    const servers: unknown = document['authorization_servers'];
    const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined;
    return { ...wayIn, issuer: scene.present('it names an authorization server', issuer) };
  },
};

/** What the client knows now. */
export interface Discovered extends Resource {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint: string;
  readonly revocation_endpoint: string;
}

export const readAuthorizationServer: Step<Resource, Discovered> = {
  headline: 'The authorization server says what it can do',
  means: 'The issuer in it must be the one that was asked for; another one is a trap (RFC 8414 §3.3).',
  async play(scene, resource) {
    const { status, document } = await scene.send({
      url: wellKnownUrl('oauth-authorization-server', resource.issuer),
      show: {
        answered: [
          'issuer',
          'authorization_endpoint',
          'token_endpoint',
          'registration_endpoint',
          'revocation_endpoint',
          'code_challenge_methods_supported',
          'token_endpoint_auth_methods_supported',
          'grant_types_supported',
          'authorization_response_iss_parameter_supported',
        ],
      },
    });
    scene.equal('the document is there', status, 200);
    scene.equal('issuer is what was asked for, byte for byte', document['issuer'], resource.issuer);
    scene.equal(
      'PKCE with S256, and nothing weaker',
      String(document['code_challenge_methods_supported']),
      'S256',
    );
    const iss = document['authorization_response_iss_parameter_supported'];
    scene.equal('it promises iss in every authorization response (RFC 9207)', iss, true);
    const { authorization_endpoint, token_endpoint, registration_endpoint, revocation_endpoint } = document;
    return {
      ...resource,
      authorization_endpoint: scene.present('where people are asked', authorization_endpoint),
      token_endpoint: scene.present('where codes become tokens', token_endpoint),
      registration_endpoint: scene.present('where clients introduce themselves', registration_endpoint),
      revocation_endpoint: scene.present('and where tokens end', revocation_endpoint),
    };
  },
};
