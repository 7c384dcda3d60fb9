// Handing the browser to an app that opens its own scheme.
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import type { PageData } from './layout.ts';

export interface ReturnToAppPageData extends PageData {
  readonly client: { readonly name?: string | undefined };
  /** The redirect URI with its response parameters. */
  readonly href: string;
  /** The scheme of `href`, without the colon. */
  readonly scheme: string;
}

/** Schemes that make the browser run or show something instead of opening an app. Design rule 6. */
const NEVER_OPENED = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:']);

/**
 * Shown instead of a redirect when the redirect URI has a private-use scheme: after a 303 to `app://…` a browser leaves
 * the answered question on the screen, and says nothing at all when no app opens. Refreshes to `href` without a script.
 *
 * `href` must be a redirect URI that the caller has trusted already, by exact comparison with the client's registration
 * (RFC 6749 §3.1.2.3); this page does not decide that, it only refuses what must never be a link.
 * @throws TypeError when `href` is no absolute URI, does not have `scheme`, or has a scheme that no page may open
 */
export function returnToAppPage({ look, traceId, client, href, scheme }: ReturnToAppPageData): Html {
  const { protocol } = new URL(href);
  if (NEVER_OPENED.has(protocol) || protocol !== `${scheme.toLowerCase()}:`) {
    throw new TypeError('Not a redirect URI that opens an app.');
  }
  const name = shown(client.name ?? '') || 'the app';
  return layout({
    look,
    traceId,
    title: `Going back to ${name}`,
    head: html`<meta http-equiv="refresh" content="0;url=${href}" /> `,
    main: html`<h1>Going back to <bdi>${name}</bdi></h1>
      <p>Your browser may ask whether to open it. Once it is open, you can close this page.</p>
      <p class="actions">
        <a class="button main" href="${href}">Open <bdi>${name}</bdi></a>
      </p>
      <p class="hint">
        Nothing happens? The app that opens ${scheme}:// links is not installed here, or was closed. Start
        again from the app.
      </p>`,
  });
}
