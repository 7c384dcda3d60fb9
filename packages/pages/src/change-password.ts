// A new password, for who knows the present one.
import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { cancelOr, hiddenFields, layout } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface ChangePasswordPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Hidden fields that come back as they are. */
  readonly fields: Readonly<Record<string, string>>;
  readonly email: string;
  /** The account has no password yet: there is no present one to ask for. */
  readonly isFirst?: boolean | undefined;
  readonly problem?: string | undefined;
  /** The field that the problem is about, when it is about one. */
  readonly problemField?: 'current' | 'new' | undefined;
  readonly cancelHref: string;
}

/** Posts `csrf`, the given fields, `current_password` unless it is the first, and `new_password` to `action`. */
export function changePasswordPage({ look, traceId, ...data }: ChangePasswordPageData): Html {
  const { action, csrf, fields, email, isFirst = false, problem, problemField, cancelHref } = data;
  const focused = problemField ?? (isFirst ? 'new' : 'current');
  const heading = isFirst ? 'Set a password' : 'Change password';
  const described = (field: 'current' | 'new', hint?: string) => {
    const wrong = problem !== undefined && problemField === field;
    const ids = [wrong && 'problem', hint].filter((id) => typeof id === 'string').join(' ');
    return html`${wrong && html` aria-invalid="true"`}${ids !== '' && html` aria-describedby="${ids}"`}${
      field === focused && html` autofocus`
    }`;
  };
  return layout({
    look,
    traceId,
    title: problem === undefined ? heading : `Problem: ${heading}`,
    main: html`<h1>${heading}</h1>
      <p class="lead">
        ${isFirst && 'It is one more way to sign in, with your e-mail address. '}Every other browser is signed
        out then. Apps that you allowed stay connected.
      </p>
      ${problem !== undefined && html`<p class="note problem" id="problem" role="alert">${problem}</p>`}
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ ...fields, csrf })} ${accountField(email)}
        ${
          !isFirst &&
          html`<div class="field">
            <label for="current_password">Present password</label>
            <input
              id="current_password"
              name="current_password"
              type="password"
              autocomplete="current-password"
              required${described('current')}
            />
          </div>`
        }
        <div class="field">
          <label for="new_password">New password</label>
          <input
            id="new_password"
            name="new_password"
            type="password"
            autocomplete="new-password"
            minlength="8"
            required${described('new', 'password-hint')}
          />
          <p class="hint" id="password-hint">At least 8 characters. A few unrelated words make a good one.</p>
        </div>
        ${cancelOr(cancelHref, isFirst ? 'Set it' : 'Change', { isDanger: false })}
      </form>`,
  });
}

/** Whose password it is: said to the person, and to password managers, which would guess otherwise. */
export function accountField(email: string): Content {
  return html`<div class="field">
    <label for="email">Account</label>
    <input id="email" name="email" type="email" value="${email}" autocomplete="username" readonly />
  </div>`;
}
