// What was wrong with a form that was sent: in the title, above the fields, and tied to the field that it is about.
import { html } from './html.ts';
import type { Content } from './html.ts';

/** The title of a page that may come back with a problem, so that it is heard first. */
export function titleOf(heading: string, problem: string | undefined): string {
  return problem === undefined ? heading : `Problem: ${heading}`;
}

export function problemNote(problem: string | undefined): Content {
  return problem !== undefined && html`<p class="note problem" id="problem" role="alert">${problem}</p>`;
}

/**
 * What the tag of a field says of its state.
 * @param state.isWrong the problem above is about this field
 * @param state.hint id of what else describes it
 * @param state.isFirst where somebody begins to type
 */
export function stateOf({
  isWrong,
  hint,
  isFirst,
}: {
  isWrong: boolean;
  hint?: string | undefined;
  isFirst: boolean;
}): Content {
  const ids = [isWrong && 'problem', hint].filter((id) => typeof id === 'string').join(' ');
  return html`${isWrong && html` aria-invalid="true"`}${ids !== '' && html` aria-describedby="${ids}"`}${
    isFirst && html` autofocus`
  }`;
}
