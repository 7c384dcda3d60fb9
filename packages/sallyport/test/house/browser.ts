// A browser without a screen: keeps cookies, follows redirects on the house's own origin, reads and fills forms.
import assert from 'node:assert/strict';

/** What a browser needs to know of a house: it may be in this process or behind a socket. */
export interface Site {
  readonly origin: string;
  /** One request, without following redirects. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** Where the browser ended: a page of the house, or a redirect to somewhere else. */
export type Arrived = Page | { readonly left: URL };

export interface Browser {
  /** Follows redirects inside the house. */
  open(url: string): Promise<Arrived>;
  /** Fills and submits the page's form, the first, or the first with this path; hidden fields come along. */
  submit(page: Page, fields: Readonly<Record<string, string>>, path?: string): Promise<Arrived>;
  /** One request with this browser's cookies; nothing is followed. */
  request(url: string, init?: RequestInit): Promise<Response>;
  readonly cookies: Map<string, string>;
}

export function openBrowserAt(house: Site): Browser {
  const cookies = new Map<string, string>();
  return { open, submit, request, cookies };

  async function request(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    headers.set('accept', headers.get('accept') ?? 'text/html');
    const response = await house.ask(url, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0/i.test(line) || value === '') cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return response;
  }

  async function follow(url: URL, response: Response, hops = 0): Promise<Arrived> {
    const location = response.headers.get('location');
    if (location === null)
      return { url, status: response.status, html: await response.text(), headers: response.headers };
    assert.ok(hops < 10, `too many redirects, last to ${location}`);
    const next = new URL(location, url);
    if (next.origin !== house.origin) return { left: next };
    return follow(next, await request(next.href), hops + 1);
  }

  async function open(url: string): Promise<Arrived> {
    return follow(new URL(url, house.origin), await request(url));
  }

  async function submit(
    page: Page,
    fields: Readonly<Record<string, string>>,
    path?: string,
  ): Promise<Arrived> {
    const form = formOf(page, path);
    const action = new URL(form.action, page.url);
    const body = new URLSearchParams({ ...form.fields, ...fields });
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'null',
      'sec-fetch-site': 'same-origin',
    };
    return follow(action, await request(action.href, { method: 'POST', body: body.toString(), headers }));
  }
}

/** The first form of a page, or the first that is posted to this path: its action and hidden fields. */
export function formOf(
  { html, url }: Page,
  path?: string,
): {
  readonly action: string;
  readonly fields: Record<string, string>;
} {
  const forms = [...html.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  const actionOf = (form: string) => unescape(/action="([^"]*)"/.exec(form)?.[1] ?? url.href);
  const form = forms.find((one) => path === undefined || new URL(actionOf(one), url).pathname === path);
  assert.ok(form, `no form on ${url.href}: ${html}`);
  const action = actionOf(form);
  const fields: Record<string, string> = {};
  for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g))
    fields[/name="([^"]*)"/.exec(input)![1]!] = unescape(/value="([^"]*)"/.exec(input)?.[1] ?? '');
  return { action, fields };
}

function isPage(arrived: Arrived): arrived is Page {
  return 'html' in arrived;
}

export function pageOf(arrived: Arrived): Page {
  assert.ok(
    isPage(arrived),
    `expected a page, but the browser left to ${'left' in arrived ? arrived.left.href : ''}`,
  );
  return arrived;
}

export function leftTo(arrived: Arrived): URL {
  assert.ok(!isPage(arrived), `expected to leave, but stayed: ${isPage(arrived) ? arrived.html : ''}`);
  return arrived.left;
}

const unescape = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
