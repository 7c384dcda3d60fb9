// Asking once more before something ends: what it is, what that means, and the two ways on.
import { problemNote, titleOf } from './form-problem.ts';
import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { cancelOr, hiddenFields, layout } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface OnceMorePageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  readonly problem?: string | undefined;
  readonly cancelHref: string;
}

interface Ending {
  /** The question. */
  readonly heading: string;
  readonly lead: Content;
  /** Each a sentence. */
  readonly means: readonly Content[];
  /** Of the button that does it. */
  readonly words: string;
}

/** Posts `csrf` to `action`. */
export function askOnceMore(
  { look, traceId, action, csrf, problem, cancelHref }: OnceMorePageData,
  { heading, lead, means, words }: Ending,
): Html {
  return layout({
    look,
    traceId,
    title: titleOf(heading, problem),
    main: html`<h1><bdi>${heading}</bdi></h1>
      ${problemNote(problem)}
      <p class="lead">${lead}</p>
      <ul class="can">
        ${means.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ csrf })} ${cancelOr(cancelHref, words)}
      </form>`,
  });
}
