// Signing in: with a password, at a provider, or whichever of them somebody has.
import { clientName } from './client-name.ts';
import { emailField, passwordField } from './credential-fields.ts';
import { problemNote, titleOf } from './form-problem.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';
import {
  orElse,
  providerButtons,
  whoTakesPart,
  type CameAs,
  type ProviderButton,
  type WaitingApp,
} from './providers.ts';

export interface SignInPageData extends PageData {
  /** Where the form for a password is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Where the person goes afterwards; the caller has judged it, and judges it again when it comes back. */
  readonly returnTo: string;
  readonly email?: string | undefined;
  /** False where there are no passwords, or where this page leaves them out. */
  readonly hasPassword?: boolean | undefined;
  /** In the order in which they are offered. */
  readonly providers?: readonly ProviderButton[] | undefined;
  /** Whether the password is offered before them. */
  readonly isPasswordFirst?: boolean | undefined;
  /** What happened before, above everything; nothing that went wrong. */
  readonly notice?: string | undefined;
  /** One sentence, above everything. Of e-mail and password it stands for both: which one was wrong is nobody's business. */
  readonly problem?: string | undefined;
  /** What went wrong in a few words, where it was not the password. */
  readonly problemTitle?: string | undefined;
  /** Who the provider said that the person is, where that is what went wrong. */
  readonly cameAs?: CameAs | undefined;
  readonly signUpHref?: string | undefined;
  /** Where the ways are that this page leaves out. */
  readonly otherWaysHref?: string | undefined;
  /** What the client that sent the person here calls itself, when there is one. */
  readonly forClient?: string | undefined;
  /** More of that client, to be seen before somebody is sent to a provider. */
  readonly forApp?: WaitingApp | undefined;
  /** Whether somebody is signed in already, and must prove once more to be there. */
  readonly isAgain?: boolean | undefined;
}

/** With a password, posts `csrf`, `return_to`, `email`, `password` to `action`. */
export function signInPage(data: SignInPageData): Html {
  const {
    look,
    traceId,
    hasPassword = true,
    providers = [],
    notice,
    problem,
    problemTitle,
    forApp,
    cameAs,
  } = data;
  const heading = problemTitle ?? (data.isAgain === true ? 'Sign in once more' : 'Sign in');
  const buttons = providers.length > 0 && providerButtons(providers, !hasPassword);
  const form = hasPassword && passwordForm(data);
  const [first, second] = data.isPasswordFirst === true ? [form, buttons] : [buttons, form];
  return layout({
    look,
    traceId,
    title: titleOf(heading, problem),
    main: html`<h1>${heading}</h1>
      ${problemTitle === undefined && whatFor(data)}
      ${notice !== undefined && html`<p class="note" role="status">${notice}</p>`} ${problemNote(problem)}
      ${buttons !== false && whoTakesPart(forApp, cameAs)}
      ${first}${first !== false && second !== false && orElse}${second} ${afterwards(data)}`,
  });
}

function passwordForm(data: SignInPageData): Content {
  const { action, csrf, returnTo, email, problem, problemTitle, providers = [], isPasswordFirst } = data;
  // Below other ways it would skip what stands above it.
  const isFirst = providers.length === 0 || isPasswordFirst === true;
  const isWrong = problem !== undefined && problemTitle === undefined;
  const known = email !== undefined && email !== '';
  return html`<form method="post" action="${formTarget(action)}">
    ${hiddenFields({ csrf, return_to: returnTo })}
    ${emailField({ email, isWrong, isFirst: isFirst && !known })}
    ${passwordField({ name: 'password', label: 'Password', isWrong, isFirst: isFirst && known })}
    <button class="main full" type="submit">Sign in</button>
  </form>`;
}

/** Undefined where somebody comes for no app. */
function whoAsks({ forApp, forClient, providers = [] }: SignInPageData): Content {
  // The row below has the name, with whether anybody has checked it.
  if (forApp !== undefined && providers.length > 0) return 'An app';
  if (forApp !== undefined) return html`<b><bdi>${clientName(forApp.client)}</bdi></b>`;
  return forClient === undefined
    ? undefined
    : html`<b><bdi>${shown(forClient) || 'An app without a name'}</bdi></b>`;
}

function whatFor(data: SignInPageData): Content {
  const { look, isAgain } = data;
  const client = whoAsks(data);
  if (isAgain === true)
    return client === undefined
      ? html`<p class="lead">For what you are about to do, show that it is you.</p>`
      : html`<p class="lead">${client} wants to be sure that it is you. Sign in, then you decide.</p>`;
  return client === undefined
    ? html`<p class="lead">With your account at <bdi>${shown(look.name)}</bdi>.</p>`
    : html`<p class="lead">${client} asks to connect. Sign in first, then you decide.</p>`;
}

function afterwards({ signUpHref, otherWaysHref }: SignInPageData): Content {
  if (otherWaysHref !== undefined)
    return html`<p class="after">${link(otherWaysHref, 'Other ways to sign in')}</p>`;
  return (
    signUpHref !== undefined && html`<p class="after">New here? ${link(signUpHref, 'Create an account')}</p>`
  );
}
