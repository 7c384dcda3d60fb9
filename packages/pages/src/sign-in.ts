// Signing in with a password.
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface SignInPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Where the person goes afterwards; the caller has judged it, and judges it again when it comes back. */
  readonly returnTo: string;
  readonly email?: string | undefined;
  /** What happened before, above the fields; nothing that went wrong. */
  readonly notice?: string | undefined;
  /** One sentence, above the fields. It stands for both of them: which one was wrong is nobody's business. */
  readonly problem?: string | undefined;
  readonly signUpHref?: string | undefined;
  /** What the client that sent the person here calls itself, when there is one. */
  readonly forClient?: string | undefined;
  /** Whether somebody is signed in already, and must prove once more to be there. */
  readonly isAgain?: boolean | undefined;
}

/** Posts `csrf`, `return_to`, `email`, `password` to `action`. */
export function signInPage(data: SignInPageData): Html {
  const { look, traceId, action, csrf, returnTo, email, notice, problem, signUpHref } = data;
  const wrong = problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`;
  const heading = data.isAgain === true ? 'Sign in once more' : 'Sign in';
  const known = email !== undefined && email !== '';
  return layout({
    look,
    traceId,
    title: problem === undefined ? heading : `Problem: ${heading}`,
    main: html`<h1>${heading}</h1>
      ${whatFor(data)} ${notice !== undefined && html`<p class="note" role="status">${notice}</p>`}
      ${problem !== undefined && html`<p class="note problem" id="problem" role="alert">${problem}</p>`}
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ csrf, return_to: returnTo })}
        <div class="field">
          <label for="email">E-mail</label>
          <input
            id="email"
            name="email"
            type="email"
            value="${email ?? ''}"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required${wrong}${!known && html` autofocus`}
          />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required${wrong}${known && html` autofocus`}
          />
        </div>
        <button class="main full" type="submit">Sign in</button>
      </form>
      ${signUpHref !== undefined && html`<p class="after">New here? ${link(signUpHref, 'Create an account')}</p>`}`,
  });
}

function whatFor({ look, forClient, isAgain }: SignInPageData): Content {
  const client =
    forClient !== undefined && html`<b><bdi>${shown(forClient) || 'An app without a name'}</bdi></b>`;
  if (isAgain === true)
    return client === false
      ? html`<p class="lead">For what you are about to do, show that it is you.</p>`
      : html`<p class="lead">${client} wants to be sure that it is you. Sign in, then you decide.</p>`;
  return client === false
    ? html`<p class="lead">With your account at <bdi>${shown(look.name)}</bdi>.</p>`
    : html`<p class="lead">${client} asks to connect. Sign in first, then you decide.</p>`;
}
