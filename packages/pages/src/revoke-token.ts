// Asking once more before a token that the person made ends.
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { cancelOr, hiddenFields, layout } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface RevokeTokenPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  readonly name: string;
  readonly server: { readonly title: string };
  readonly problem?: string | undefined;
  readonly cancelHref: string;
}

/** Posts `csrf` to `action`. */
export function revokeTokenPage({ look, traceId, ...data }: RevokeTokenPageData): Html {
  const { action, csrf, name, server, problem, cancelHref } = data;
  const heading = `Revoke “${name}”?`;
  return layout({
    look,
    traceId,
    title: problem === undefined ? heading : `Problem: ${heading}`,
    main: html`<h1><bdi>${heading}</bdi></h1>
      ${problem !== undefined && html`<p class="note problem" role="alert">${problem}</p>`}
      <p class="lead">
        Whatever uses this token can no longer use <b><bdi>${shown(server.title)}</bdi></b> for you.
      </p>
      <ul class="can">
        <li>It takes effect at once, and cannot be undone.</li>
        <li>What was done with it stays as it is, and what was read already is not taken back.</li>
      </ul>
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ csrf })} ${cancelOr(cancelHref, 'Revoke')}
      </form>`,
  });
}
