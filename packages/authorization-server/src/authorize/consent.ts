// Step 4, consent: found from before, or asked on our own page (design rule 7).
import { consentPage, csrfToken, pageResponse } from '@sallyport/pages';
import { impliedScopes, includesScopes, type Person } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import { shownAs } from '../clients.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { isConfidential } from '../token/client-auth/index.ts';
import { resumePath } from './pause.ts';
import type { CheckedAuthorization, Resumed, Step } from './steps.ts';

/**
 * Whether an answer is never remembered. On this computer any program can listen on a port or claim a scheme, so loopback
 * and private-use redirects are asked every time (RFC 8252 §8.6). So is a client that does without PKCE, where somebody
 * who looks is part of what protects the code, and one that stands for GPTs of many makers. And so is a web address
 * that is known to pass answers on, as vscode.dev does to any program here, for clients that need prove nothing: whoever begins
 * the login chooses where it goes from there.
 */
export function isAskedEveryTime(
  { client, redirect }: Pick<CheckedAuthorization, 'client' | 'redirect'>,
  { recognize }: Pick<AuthorizationServerOptions, 'recognize'>,
): boolean {
  if (redirect.kind !== 'web' || redirect.isOneOfMany || client.requirePkce === false) return true;
  return !isConfidential(client) && recognize?.(client, redirect.text).passesOn === true;
}

/** Whether this person agreed before to all that is asked. */
export async function findConsent(
  { client, redirect, resource, scope }: CheckedAuthorization,
  person: Person,
  storage: Storage,
): Promise<boolean> {
  const consent = await storage.findConsent({
    userId: person.id,
    clientId: client.client_id,
    redirectOrigin: redirect.origin,
    resource: resource.resource,
  });
  return consent !== undefined && includesScopes(consent.scope, scope, resource.scopes);
}

/** What a decision's form token is bound to, besides the browser: this request and this person. */
export const consentPurpose = ({ id }: Resumed, person: Person): string => `consent:${id}:${person.id}`;

export function askConsent(
  { resumed, person, browser, action }: Step,
  { rules, look, signInPath, accountPath, recognize }: AuthorizationServerOptions,
  notice?: string,
): Response {
  const { client, redirect, resource, scope, traceId } = resumed.checked;
  const { client_uri } = client.metadata;
  const here = resumePath(resumed.id);
  const page = consentPage({
    look,
    action,
    csrf: csrfToken(rules, browser.id, consentPurpose(resumed, person)),
    fields: {},
    client: {
      client_id: client.client_id,
      ...shownAs(client),
      ...recognize?.(client, redirect.text),
      ...(client_uri !== undefined && { client_uri }),
    },
    redirect: { kind: redirect.kind, host: redirect.host },
    person,
    resource: { title: resource.title, url: resource.resource },
    scopes: impliedScopes(scope, resource.scopes),
    switchAccountHref: signInPath(here, { switchAccount: true }),
    accountHref: accountPath,
    ...(notice !== undefined && { notice }),
    traceId,
  });
  const setCookies = browser.setCookie === undefined ? [] : [browser.setCookie];
  return pageResponse(page, { status: notice === undefined ? 200 : 403, setCookies, traceId });
}
