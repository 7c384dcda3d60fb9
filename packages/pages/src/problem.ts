// Something could not go on: what happened, and what to do.
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { layout, link } from './layout.ts';
import type { PageData } from './layout.ts';

export interface ProblemPageData extends PageData {
  /** What happened, in a few words. */
  readonly title: string;
  /** The refusal's public sentence. */
  readonly sentence: string;
  /** Which app it is about: its client_id, where that says something. */
  readonly app?: string | undefined;
  /** What the person can do now. */
  readonly nextStep?: string | undefined;
  readonly links?: readonly { readonly label: string; readonly href: string }[] | undefined;
}

export function problemPage({
  look,
  traceId,
  title,
  sentence,
  app,
  nextStep,
  links = [],
}: ProblemPageData): Html {
  return layout({
    look,
    traceId,
    title,
    main: html`<h1>${title}</h1>
      <p>${sentence}</p>
      ${
        app !== undefined &&
        html`<dl>
          <dt>The app</dt>
          <dd>${shown(app)}</dd>
        </dl>`
      }
      ${nextStep !== undefined && html`<p>${nextStep}</p>`}
      ${links.length > 0 && html`<p class="actions">${links.map(({ label, href }) => link(href, label))}</p>`}
      <p class="${app === undefined ? 'after small' : 'small'}">
        If you ask somebody for help, give them the reference below.
      </p>`,
  });
}
