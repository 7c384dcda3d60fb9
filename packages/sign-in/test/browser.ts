// A browser without a window: keeps cookies, fills in forms, and sends them as browsers do.
import { createSecrets, keychainsOf, readSecrets } from '@sallyport/crypto';
import { browserRules } from '@sallyport/pages';
import { openStorage } from '@sallyport/storage';
import { signIn, type SignIn, type SignInOptions } from '../src/index.ts';

export const publicUrl = 'http://localhost:8000';
export const now = 1_800_000_000;

type LogLine = {
  readonly level: string;
  readonly event: string;
  readonly facts: Record<string, unknown>;
};

/** New keys of every purpose. */
export function openSecrets() {
  const secrets = readSecrets(createSecrets(now));
  return keychainsOf({ read: () => secrets, now: () => now });
}

/** A deployment of its own in memory. */
export async function openDeployment(changes: Partial<SignInOptions> = {}) {
  const storage = changes.storage ?? (await openStorage('sqlite::memory:'));
  const secrets = openSecrets();
  const lines: LogLine[] = [];
  const options: SignInOptions = {
    storage,
    rules: browserRules(publicUrl, secrets.cookies),
    look: { name: 'Sallyport' },
    derivation: secrets.derivation,
    signUp: true,
    log: (level, event, facts = {}) => lines.push({ level, event, facts }),
    ...changes,
  };
  return { storage, secrets, options, lines, room: signIn(options) };
}

export interface Visited {
  readonly response: Response;
  readonly status: number;
  readonly text: string;
  readonly location: string | null;
}

export class Browser {
  readonly cookies = new Map<string, string>();
  address = '192.0.2.1';
  now = now;
  readonly #room: SignIn;

  constructor(room: SignIn) {
    this.#room = room;
  }

  get arrival() {
    return { now: this.now, address: this.address, traceId: 'trace-1' };
  }

  async send(path: string, init: RequestInit = {}): Promise<Visited> {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const request = new Request(new URL(path, publicUrl), { ...init, headers });
    const response = await this.#pageOf(new URL(request.url).pathname)(request, this.arrival);
    this.#keepCookies(response);
    const text = await response.clone().text();
    return { response, status: response.status, text, location: response.headers.get('location') };
  }

  async post(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers = {},
  ): Promise<Visited> {
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: 'null', 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** Opens the page, fills in its form and sends it, hidden fields included. */
  async fillIn(path: string, typed: Record<string, string>): Promise<Visited> {
    const { text } = await this.send(path);
    return this.submit(text, typed);
  }

  async submit(page: string, typed: Record<string, string>): Promise<Visited> {
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`no form on the page:\n${page}`);
    return this.post(action, { ...hiddenFieldsOf(page), ...typed });
  }

  /** Presses the button of the form that says this. */
  async press(page: string, words: string, typed: Record<string, string> = {}): Promise<Visited> {
    const forms = [...page.matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs)];
    const form = forms.find(([, , inside]) =>
      (inside ?? '')
        .replace(/<[^>]+>|\s+/g, ' ')
        .replace(/ +/g, ' ')
        .includes(words),
    );
    if (form === undefined) throw new Error(`no button "${words}" on the page:\n${page}`);
    return this.post(unescaped(form[1] ?? ''), { ...hiddenFieldsOf(form[2] ?? ''), ...typed });
  }

  async whoAmI() {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return this.#room.identify(new Request(publicUrl, { headers: { cookie } }), this.arrival);
  }

  #pageOf(path: string) {
    const { signIn: door, signUp, signOut } = this.#room.pages;
    const upstream = this.#room.upstreamPages.get(path);
    if (upstream !== undefined) return upstream;
    if (path === '/sign-up') return signUp;
    return path === '/sign-out' ? signOut : door;
  }

  #keepCookies(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

export function hiddenFieldsOf(page: string): Record<string, string> {
  const hidden = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...hidden].map(([, name, value]) => [name, unescaped(value ?? '')]));
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

export const ada = { email: 'ada@example.com', password: 'correct horse battery' };
