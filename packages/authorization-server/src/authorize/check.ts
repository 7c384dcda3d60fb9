// Step 3, check: what is asked for. Unknown scopes are narrowed, never a failure; everything else is exact.
import { readScopeWords, scopesMeant, type ProtectedResource } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { refuse } from '../refusals.ts';
import { chooseResource } from '../resource.ts';
import { readAskedInteraction } from './asked-interaction.ts';
import { mustUsePkce } from '../without-pkce.ts';
import type { AskedAuthorization, CheckedAuthorization, TrustedAuthorization } from './steps.ts';

/** One place for what is dispatched on and what is advertised. */
export const response_types = ['code'] as const;
export const response_modes = ['query'] as const;
export const code_challenge_methods = ['S256'] as const;

export function checkAuthorization(
  trusted: TrustedAuthorization,
  resources: readonly ProtectedResource[],
): CheckedAuthorization {
  const { asked, client, redirect, state, traceId } = trusted;
  const { values } = asked;
  if (values['request'] !== undefined) throw refuse('request_object_unsupported');
  if (values['request_uri'] !== undefined) throw refuse('request_uri_unsupported');
  // RFC 6749 §4.1.2.1 tells the two apart.
  if (values['response_type'] === undefined) throw refuse('response_type_missing');
  if (!isOneOf(response_types, values['response_type'])) throw refuse('response_type_unsupported');
  if (!isOneOf(response_modes, values['response_mode'] ?? 'query')) throw refuse('response_mode_unsupported');
  if (!client.metadata.grant_types.includes('authorization_code')) throw refuse('grant_type_unregistered');
  const code_challenge = checkCodeChallenge(asked, client);
  const resource = chooseResource(asked.resource, resources);
  const scopeWords = readScopeWords(values['scope'], resource);
  const scope = scopeWords.length > 0 ? scopesMeant(scopeWords, resource) : resource.defaultScopes;
  return {
    client,
    redirect,
    ...(code_challenge !== undefined && { code_challenge }),
    resource,
    scope,
    scopeWords,
    ...readAskedInteraction(values),
    traceId,
    ...(state !== undefined && { state }),
  };
}

// RFC 7636 §4.3. An absent method means `plain` there (and is refused); it is never guessed to be S256.
function checkCodeChallenge({ values }: AskedAuthorization, client: Client): string | undefined {
  const { code_challenge, code_challenge_method, state } = values;
  if (code_challenge === undefined && code_challenge_method === undefined && !mustUsePkce(client)) {
    // What is left against an answer that the client's user never asked for (RFC 6749 §10.12).
    if (state === undefined) throw refuse('state_missing');
    return undefined;
  }
  if (code_challenge === undefined) throw refuse('code_challenge_missing');
  if (!isOneOf(code_challenge_methods, code_challenge_method))
    throw refuse('code_challenge_method_unsupported');
  if (!/^[A-Za-z0-9_-]{43}$/.test(code_challenge)) throw refuse('code_challenge_malformed');
  return code_challenge;
}

function isOneOf(list: readonly string[], value: string | undefined): boolean {
  return value !== undefined && list.includes(value);
}
