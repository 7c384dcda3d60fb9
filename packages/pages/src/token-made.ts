// An access token that was just made: the only page that ever shows it.
import { script } from './assets.ts';
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { onDay } from './time.ts';

export interface TokenMadePageData extends PageData {
  readonly access_token: string;
  readonly name: string;
  readonly server: { readonly title: string; readonly url: string };
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly accountHref: string;
}

export function tokenMadePage({ look, traceId, ...data }: TokenMadePageData): Html {
  const { access_token, name, server, expiresAt, accountHref } = data;
  return layout({
    look,
    traceId,
    wide: true,
    title: 'Your new access token',
    head: html`<script src="${script.path}" defer></script> `,
    main: html`<h1>Your new access token</h1>
      <p class="note caution">Copy it now. It is shown this once, and nobody can show it to you again.</p>
      <pre data-copy="Copy the token" aria-label="The token">${access_token}</pre>
      <p>
        “<bdi>${name}</bdi>”, for <b><bdi>${shown(server.title)}</bdi></b
        >, expires ${onDay(expiresAt)}. Keep it as you keep a password: whoever has it acts for you.
      </p>
      <h2>How to use it</h2>
      <p>Where a program asks for a URL and a header:</p>
      <pre>${server.url}</pre>
      <pre>Authorization: Bearer ${access_token}</pre>
      <details>
        <summary>Where it wants a settings file</summary>
        <pre>
${JSON.stringify({ mcpServers: { [shortNameOf(server.title)]: { url: server.url, headers: { Authorization: `Bearer ${access_token}` } } } }, null, 2)}</pre>
      </details>
      <p class="actions">${link(accountHref, 'Done: to your account')}</p>`,
  });
}

function shortNameOf(title: string): string {
  return (
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'sallyport'
  );
}
