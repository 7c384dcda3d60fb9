// Atlassian's sign-in as its documentation describes it, since nobody has built it again. Each rule names its page; what no
// page says is not here. [3lo]: https://developer.atlassian.com/cloud/oauth/getting-started/implementing-oauth-3lo/
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { codeChallengeOf, randomToken } from '@sallyport/crypto';
import { freePort } from './program/free-port.ts';

const clientId = 'atlassian-example-client';
const clientSecret = 'atlassian-example-secret';

/** https://developer.atlassian.com/cloud/oauth/getting-started/making-calls-to-api/, the shape of an answer. */
export const site = {
  id: '1324a887-45db-1bf4-1e99-ef0ff456d421',
  name: 'Site name',
  url: 'https://your-domain.atlassian.net',
  scopes: ['read:jira-work'],
  avatarUrl: 'https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png',
};

/** https://developer.atlassian.com/cloud/oauth/getting-started/faq/, User Identity API. It does not say that an address is verified. */
export const mia = {
  account_type: 'atlassian',
  account_id: '112233aa-bb11-cc22-33dd-445566abcabc',
  email: 'mia@example.com',
  name: 'Mia Example',
  picture: 'https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/112233aa/1234abcd',
  account_status: 'active',
  nickname: 'mia',
  locale: 'en-US',
};

/** "Access tokens … expire in one hour": https://community.developer.atlassian.com/t/60806/2, an answer of its staff. */
const accessSeconds = 3600;
/** The same answer: a refresh token that is not used for 90 days ends; each use begins them anew. */
const inactivitySeconds = 90 * 24 * 3600;

interface Granted {
  readonly scopes: readonly string[];
  readonly redirect_uri: string;
  readonly code_challenge: string | undefined;
}

export interface AtlassianDouble {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Epoch seconds; tests move it. */
  readonly clock: { now: number };
  /** Whoever signs in. */
  person: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** @param callbackUrl the one that an app has: "Enter the Callback URL", Authorization page of the developer console [3lo] */
export async function openAtlassian(callbackUrl: string): Promise<AtlassianDouble> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const codes = new Map<string, Granted>();
  const access = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  const refresh = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  const double = {
    url,
    clientId,
    clientSecret,
    clock: { now: Math.floor(Date.now() / 1000) },
    person: mia,
    close,
  };
  const door = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const response = answer(
        new URL(incoming.url ?? '/', url),
        Buffer.concat(chunks).toString(),
        String(incoming.headers['content-type']),
        incoming.headers.authorization,
      );
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(await response.text());
    })();
  }).listen(port, '127.0.0.1');
  await once(door, 'listening');
  return double;

  function answer(asked: URL, body: string, type: string, authorization: string | undefined): Response {
    switch (asked.pathname) {
      case '/authorize':
        return consentPage(asked.searchParams);
      case '/decision':
        return decide(new URLSearchParams(body));
      case '/oauth/token':
        // Documented as JSON; a form is taken as well, which is what its authorization server's own libraries send.
        return token(
          type.startsWith('application/json')
            ? (JSON.parse(body) as Record<string, string>)
            : Object.fromEntries(new URLSearchParams(body)),
        );
      case '/me':
        // "Add the read:me scope to the authorization URL" (faq).
        return api(authorization, ['read:me'], double.person);
      case '/oauth/token/accessible-resources':
        return api(authorization, [], [site]);
      default:
        return new Response('Not found', { status: 404 });
    }
  }

  /** [3lo], "Direct the user to the authorization URL to get an authorization code": which parameters are required. */
  function consentPage(query: URLSearchParams): Response {
    const refuse = (why: string) =>
      new Response(`<h1>Something went wrong</h1>${why}`, { status: 400, headers: html });
    if (query.get('audience') !== 'api.atlassian.com') return refuse('audience');
    if (query.get('client_id') !== clientId) return refuse('client_id');
    if (query.get('response_type') !== 'code') return refuse('response_type');
    if (query.get('prompt') !== 'consent') return refuse('prompt');
    if ((query.get('scope') ?? '') === '') return refuse('scope');
    if (query.get('redirect_uri') !== callbackUrl) return refuse('redirect_uri');
    const hidden = [...query]
      .map(
        ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}"/>`,
      )
      .join('');
    return new Response(
      `<h1>Example gate is requesting access to your Atlassian account</h1><form method="post" action="/decision">${hidden}
      <label>Authorize for <select name="site"><option>${site.url}</option></select></label>
      <button name="decision" value="accept">Accept</button><button name="decision" value="cancel">Cancel</button></form>`,
      { headers: html },
    );
  }

  function decide(form: URLSearchParams): Response {
    const back = new URL(callbackUrl);
    back.searchParams.set('state', form.get('state') ?? '');
    if (form.get('decision') !== 'accept') {
      // RFC 6749 §4.1.2.1.
      back.searchParams.set('error', 'access_denied');
      return Response.redirect(back, 302);
    }
    const code = randomToken();
    codes.set(code, {
      scopes: (form.get('scope') ?? '').split(' '),
      redirect_uri: form.get('redirect_uri') ?? '',
      code_challenge: form.get('code_challenge') ?? undefined,
    });
    back.searchParams.set('code', code);
    return Response.redirect(back, 302);
  }

  /** [3lo], "Exchange authorization code for access token", and …/getting-started/refresh-tokens/. */
  function token(form: Readonly<Record<string, string>>): Response {
    if (form['client_id'] !== clientId || form['client_secret'] !== clientSecret)
      return Response.json({ error: 'access_denied', error_description: 'Unauthorized' }, { status: 401 });
    if (form['grant_type'] === 'refresh_token') return rotate(form['refresh_token'] ?? '');
    const granted = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    const isProven =
      granted?.code_challenge === undefined ||
      codeChallengeOf(form['code_verifier'] ?? '') === granted.code_challenge;
    if (granted === undefined || !isProven || form['redirect_uri'] !== granted.redirect_uri)
      return Response.json(
        { error: 'invalid_grant', error_description: 'Invalid authorization code' },
        { status: 403 },
      );
    return issue(granted.scopes);
  }

  /** "You receive a new refresh token as well and the refresh token you used for the request is disabled." */
  function rotate(refresh_token: string): Response {
    const known = refresh.get(refresh_token);
    refresh.delete(refresh_token);
    if (known === undefined || double.clock.now >= known.until)
      return Response.json(
        { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
        { status: 403 },
      );
    return issue(known.scopes);
  }

  function issue(scopes: readonly string[]): Response {
    const { now } = double.clock;
    const access_token = randomToken();
    access.set(access_token, { scopes, until: now + accessSeconds });
    const answered = {
      access_token,
      expires_in: accessSeconds,
      token_type: 'Bearer',
      scope: scopes.join(' '),
    };
    // "To get a refresh token in your initial authorization flow, add offline_access to the scope parameter."
    if (!scopes.includes('offline_access')) return Response.json(answered);
    const refresh_token = randomToken();
    refresh.set(refresh_token, { scopes, until: now + inactivitySeconds });
    return Response.json({ ...answered, refresh_token });
  }

  function api(authorization: string | undefined, needed: readonly string[], says: unknown): Response {
    const known = access.get(authorization?.replace(/^Bearer /, '') ?? '');
    if (known === undefined || double.clock.now >= known.until)
      return Response.json({ code: 401, message: 'Unauthorized' }, { status: 401 });
    if (!needed.every((scope) => known.scopes.includes(scope)))
      return Response.json({ code: 403, message: 'Forbidden' }, { status: 403 });
    return Response.json(says);
  }

  async function close(): Promise<void> {
    door.closeAllConnections();
    door.close();
    await once(door, 'close');
  }
}

const html = { 'content-type': 'text/html; charset=utf-8' };

/** What a person without scripts does there. @returns where Atlassian sends the browser back to */
export async function decideAt(url: string, decision: 'accept' | 'cancel' = 'accept'): Promise<string> {
  const page = await fetch(url);
  assert.equal(page.status, 200, await page.clone().text());
  const fields = new URLSearchParams({ decision });
  for (const [, name = '', value = ''] of (await page.text()).matchAll(
    /<input[^>]*name="([^"]*)" value="([^"]*)"/g,
  ))
    fields.set(name, value.replaceAll('&quot;', '"'));
  const answer = await fetch(new URL('/decision', url), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: fields.toString(),
  });
  const location = answer.headers.get('location');
  assert.ok(location, await answer.text());
  return location;
}
