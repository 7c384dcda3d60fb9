// POST /oauth/token: read → authenticate the client → the grant type judges, mints and keeps → print (RFC 6749 §3.2).
import { jsonResponse, printScope, type TokenResponse } from '@sallyport/protocol';
import type { Handler, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { admitClient } from './admit.ts';
import { followCode } from './follow.ts';
import { grantTypes, type Issued } from './grants/index.ts';
import { readTokenRequest } from './read.ts';

export function tokenEndpoint(options: Room): Handler {
  return async (request, arrival) => {
    const form = await readTokenRequest(request);
    const client = await admitClient(request, form, options, arrival).catch(async (failure: unknown) => {
      await followCode(arrival, form, options.storage);
      throw failure;
    });
    const { client_id } = client;
    const grantType = chooseGrantType(form.values['grant_type']);
    if (!client.metadata.grant_types.includes(grantType.grant_type))
      throw refuse('grant_type_unregistered', { client_id });
    // Its grants ended when it was refused; this is for what was under way at that moment, and for its own account.
    if (client.admission === 'refused')
      throw refuse(isOfAPerson(grantType) ? 'grant_of_refused_client' : 'client_not_admitted', { client_id });
    const missing = grantType.parameters.find((name) => form.values[name] === undefined);
    if (missing !== undefined) throw refuse('parameter_missing', { client_id, missing });
    const { grant, isFirst, ...tokens } = await grantType.handle(client, form, options, arrival);
    options.log('info', 'tokens_issued', {
      traceId: grant.traceId,
      grant_type: grantType.grant_type,
      client_id,
      grantId: grant.id,
      ...(isFirst !== undefined && { isFirst }),
    });
    return printTokens(tokens, options.lifetimes.accessTokenSeconds);
  };
}

/** A client drops its tokens at `invalid_grant` and asks the person again, who is then told why. */
const isOfAPerson = ({ grant_type }: { readonly grant_type: string }): boolean =>
  ['authorization_code', 'refresh_token'].includes(grant_type);

function printTokens(
  { access_token, refresh_token, scope }: Omit<Issued, 'grant' | 'isFirst'>,
  expires_in: number,
): Response {
  const response: TokenResponse = {
    access_token,
    token_type: 'Bearer',
    expires_in,
    ...(refresh_token !== undefined && { refresh_token }),
    scope: printScope(scope),
  };
  return jsonResponse(response, { headers: { pragma: 'no-cache' } });
}

function chooseGrantType(asked: string | undefined): (typeof grantTypes)[number] {
  if (asked === undefined) throw refuse('grant_type_missing');
  const grantType = grantTypes.find(({ grant_type }) => grant_type === asked);
  if (grantType === undefined) throw refuse('grant_type_unsupported', { grant_type: asked.slice(0, 100) });
  return grantType;
}
