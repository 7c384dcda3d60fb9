// POST /oauth/token: read → authenticate the client → the grant type decides → mint → print (RFC 6749 §3.2).
import { jsonResponse } from '@sallyport/protocol';
import type { AuthorizationServerOptions, Handler } from '../options.ts';
import { refuse } from '../refusals.ts';
import { authenticateClient } from './client-auth/index.ts';
import { grantTypes } from './grants/index.ts';
import { mintTokens } from './mint.ts';
import { readTokenRequest } from './read.ts';

export function tokenEndpoint(options: AuthorizationServerOptions): Handler {
  return async (request, arrival) => {
    const form = await readTokenRequest(request);
    const client = await authenticateClient(request, form, options.storage, arrival.now);
    const grantType = chooseGrantType(form.values['grant_type']);
    const { client_id } = client;
    if (!client.metadata.grant_types.includes(grantType.grant_type))
      throw refuse('grant_type_unregistered', { client_id });
    const missing = grantType.parameters.find((name) => form.values[name] === undefined);
    if (missing !== undefined) throw refuse('parameter_missing', { client_id, missing });
    const issue = await grantType.handle(client, form, options, arrival);
    const tokens = await mintTokens(issue, options, arrival.now);
    options.log('info', 'tokens_issued', {
      traceId: issue.traceId,
      grant_type: grantType.grant_type,
      client_id,
      grantId: issue.grantId,
    });
    return jsonResponse(tokens, { headers: { pragma: 'no-cache' } });
  };
}

function chooseGrantType(asked: string | undefined): (typeof grantTypes)[number] {
  if (asked === undefined) throw refuse('grant_type_missing');
  const grantType = grantTypes.find(({ grant_type }) => grant_type === asked);
  if (grantType === undefined) throw refuse('grant_type_unsupported', { grant_type: asked.slice(0, 100) });
  return grantType;
}
