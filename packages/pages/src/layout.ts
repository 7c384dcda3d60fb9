// The frame of every page: what it is called, whose Sallyport it is, one main thing, a reference for questions.
import { favicon, stylesheet } from './assets.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { linkTarget } from './links.ts';
import type { Look } from './look.ts';

/** What every page is given. */
export interface PageData {
  readonly look: Look;
  /** Shown small at the foot, so that a person can name the login they ask about. */
  readonly traceId: string;
}

export interface Layout extends PageData {
  /** Of the browser's tab, without the name of this Sallyport. */
  readonly title: string;
  readonly main: Content;
  /** For lists and instructions; the default is the narrow card of sign-in and consent. */
  readonly wide?: boolean;
  /** More elements for the head. */
  readonly head?: Content;
}

export function layout({ look, traceId, title, main, wide, head }: Layout): Html {
  const name = shown(look.name);
  const { stylesheet: css = stylesheet, icon = favicon } = look;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${name}</title>
<link rel="stylesheet" href="${css.path}">
<link rel="icon" type="${icon.type}" href="${icon.path}">
${head}</head>
<body${wide === true && html` class="wide"`}>
<header><img src="${icon.path}" alt=""><bdi>${name}</bdi></header>
<main>
${main}
</main>
<footer>Reference <code>${traceId}</code></footer>
</body>
</html>
`;
}

/** A link, or only its words when the address is neither a path of this origin nor an https URL. */
export function link(href: string, label: Content, kind?: 'button'): Content {
  const target = linkTarget(href);
  return target === undefined
    ? label
    : html`<a${kind !== undefined && html` class="${kind}"`} href="${target}">${label}</a>`;
}

/** Hidden fields, exactly as they were given. */
export function hiddenFields(fields: Readonly<Record<string, string | undefined>>): Content {
  return Object.entries(fields).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" /> `,
  );
}

/** The two ways on from a question: back without doing anything, or do it. */
export function cancelOr(cancelHref: string, words: string, { isDanger = true } = {}): Content {
  const back = linkTarget(cancelHref) ?? '/';
  return html`<div class="choice">
    <a class="button" href="${back}">Cancel</a>
    <button class="${isDanger ? 'danger' : 'main'}" type="submit">${words}</button>
  </div>`;
}

/** @param how.of said aloud after the words, where several buttons say the same */
export function buttonLink(
  href: string,
  words: string,
  how: { of?: string; isDanger?: boolean } = {},
): Content {
  const name = how.of !== undefined && html` aria-label="${words}: ${how.of}"`;
  const target = linkTarget(href);
  return (
    target !== undefined &&
    html`<a class="button${how.isDanger === true && ' danger'}" href="${target}" ${name}>${words}</a>`
  );
}
