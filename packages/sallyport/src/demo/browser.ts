// A browser without JavaScript and without a screen: it keeps cookies, follows redirects of one origin, fills in forms.

import type { Scene } from './play.ts';
import type { Answer } from './wire.ts';

/** More hops than any sign-in needs. */
const maxHops = 10;

export interface Page {
  readonly url: URL;
  readonly html: string;
  /** As it is read: without tags, spaces made single. */
  readonly text: string;
}

/** Where the browser came to rest. */
export type Arrived =
  | { readonly kind: 'page'; readonly page: Page }
  /** A redirect to another origin, which this browser does not follow: the client waits there. */
  | { readonly kind: 'left'; readonly location: URL };

export interface Browser {
  open(scene: Scene, url: string): Promise<Arrived>;
  /**
   * Submits the page's form with its hidden fields.
   * @param typed what the person fills in; the form must have a field (or a button) of each name
   */
  submit(scene: Scene, page: Page, typed: Readonly<Record<string, string>>): Promise<Arrived>;
}

export function openBrowser(origin: string): Browser {
  const cookies = new Map<string, string>();
  return {
    open: (scene, url) => visit(scene, url, { 'sec-fetch-site': 'none' }),
    async submit(scene, page, typed) {
      const form = readForm(page);
      for (const name of Object.keys(typed)) {
        if (form.names.includes(name)) continue;
        throw scene.failure('the page has a form to fill in', `a field named ${name}`, form.names.join(', '));
      }
      // Under Referrer-Policy: no-referrer a browser names no origin, even to the page's own server (Fetch §3.2).
      const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' };
      return visit(scene, new URL(form.action, page.url).href, headers, { ...form.hidden, ...typed });
    },
  };

  async function visit(
    scene: Scene,
    first: string,
    headers: Readonly<Record<string, string>>,
    form?: Readonly<Record<string, string>>,
  ): Promise<Arrived> {
    let answer = await request(scene, first, headers, form);
    for (let hops = 0; ; hops += 1) {
      const { location } = answer;
      if (location === undefined) return { kind: 'page', page: pageOf(scene, answer) };
      if (location.origin !== origin) return { kind: 'left', location };
      if (hops === maxHops) {
        throw scene.failure(
          'the redirects come to an end',
          `at most ${maxHops}`,
          `one more, to ${location.pathname}`,
        );
      }
      // 303 and 302: whatever was posted, the next request is a GET.
      answer = await request(scene, location.href, headers);
    }
  }

  async function request(
    scene: Scene,
    url: string,
    headers: Readonly<Record<string, string>>,
    form?: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await scene.send({
      url,
      headers: { accept: 'text/html', ...headers, ...(cookie !== '' && { cookie }) },
      ...(form && { form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /;\s*max-age=0\b/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }
}

function pageOf(scene: Scene, { url, status, text: html }: Answer): Page {
  const text = unescape(html.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (status !== 200)
    throw scene.failure(`${url.pathname} shows its page`, 'status 200', `status ${status}: ${text}`);
  return { url, html, text };
}

interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  /** Of everything that can be filled in or pressed. */
  readonly names: readonly string[];
}

/** The page's form that is posted; without one, a form that has no fields. */
function readForm({ html, url }: Page): Form {
  const form = /<form\b[^>]*method="post"[^>]*>[\s\S]*?<\/form>/i.exec(html)?.[0] ?? '';
  const controls = [...form.matchAll(/<(?:input|button|textarea|select)\b[^>]*>/gi)].map(([tag]) =>
    attributesOf(tag),
  );
  const hidden = controls.filter(({ type, name }) => type === 'hidden' && name);
  const names = controls.flatMap(({ type, name }) => (type === 'hidden' || !name ? [] : [name]));
  return {
    action: attributesOf(/<form\b[^>]*>/i.exec(form)?.[0] ?? '')['action'] ?? url.href,
    hidden: Object.fromEntries(hidden.map(({ name = '', value = '' }) => [name, value])),
    names,
  };
}

function attributesOf(tag: string): Record<string, string> {
  return Object.fromEntries(
    [...tag.matchAll(/([a-z-]+)="([^"]*)"/gi)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      unescape(value),
    ]),
  );
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

function unescape(text: string): string {
  return text.replaceAll(/&(#\d+|#x[0-9a-f]+|[a-z]+);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return named[entity] ?? whole;
    return String.fromCodePoint(Number(entity.replace(/^#(?=\d)/, '').replace(/^#x/i, '0x')));
  });
}
