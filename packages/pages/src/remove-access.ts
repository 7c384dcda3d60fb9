// Asking once more before an app, or all of them, is locked out.
import { askOnceMore } from './ask-once-more.ts';
import type { OnceMorePageData } from './ask-once-more.ts';
import { clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';

export interface RemoveAccessPageData extends OnceMorePageData {
  /** The app to be locked out and its server; absent: all apps everywhere. */
  readonly app?: { readonly client: ShownClient; readonly server: { readonly title: string } } | undefined;
  /** How many tokens of the person's own making end with all apps. */
  readonly tokenCount?: number | undefined;
}

/** Posts `csrf` to `action`. */
export function removeAccessPage(data: RemoveAccessPageData): Html {
  const { app, tokenCount = 0 } = data;
  const isAll = app === undefined;
  return askOnceMore(data, {
    heading: isAll ? 'Remove all access?' : `Remove access of ${clientName(app.client)}?`,
    lead: html`${whatEnds(app)}${tokenCount > 0 && ' The access tokens that you made end as well.'}`,
    means: [
      'It takes effect at once.',
      `${isAll ? 'An app' : 'The app'} has to ask you again before it can come back.`,
      'What was done for you stays as it is, and what was read already is not taken back.',
    ],
    words: isAll ? 'Remove all' : 'Remove',
  });
}

function whatEnds(app: RemoveAccessPageData['app']): Content {
  if (app === undefined) return 'No app can use any server for you any more.';
  return html`<bdi>${clientName(app.client)}</bdi> can no longer use
    <b><bdi>${shown(app.server.title)}</bdi></b> for you.`;
}
