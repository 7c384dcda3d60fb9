// Asking once more before an app, or all of them, is locked out.
import { clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { cancelOr, hiddenFields, layout } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface RemoveAccessPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** The app to be locked out and its server; absent: all apps everywhere. */
  readonly app?: { readonly client: ShownClient; readonly server: { readonly title: string } } | undefined;
  /** How many tokens of the person's own making end with all apps. */
  readonly tokenCount?: number | undefined;
  readonly problem?: string | undefined;
  readonly cancelHref: string;
}

/** Posts `csrf` to `action`. */
export function removeAccessPage({ look, traceId, ...data }: RemoveAccessPageData): Html {
  const { action, csrf, app, problem, cancelHref } = data;
  const heading = app === undefined ? 'Remove all access?' : `Remove access of ${clientName(app.client)}?`;
  return layout({
    look,
    traceId,
    title: problem === undefined ? heading : `Problem: ${heading}`,
    main: html`<h1><bdi>${heading}</bdi></h1>
      ${problem !== undefined && html`<p class="note problem" role="alert">${problem}</p>`}
      <p class="lead">
        ${whatEnds(app)}${(data.tokenCount ?? 0) > 0 && ' The access tokens that you made end as well.'}
      </p>
      <ul class="can">
        <li>It takes effect at once.</li>
        <li>${app === undefined ? 'An app' : 'The app'} has to ask you again before it can come back.</li>
        <li>What was done for you stays as it is, and what was read already is not taken back.</li>
      </ul>
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ csrf })} ${cancelOr(cancelHref, app === undefined ? 'Remove all' : 'Remove')}
      </form>`,
  });
}

function whatEnds(app: RemoveAccessPageData['app']): Content {
  if (app === undefined) return 'No app can use any server for you any more.';
  return html`<bdi>${clientName(app.client)}</bdi> can no longer use
    <b><bdi>${shown(app.server.title)}</bdi></b> for you.`;
}
