// A new password, for who knows the present one.
import { accountField, newPasswordField, passwordField } from './credential-fields.ts';
import { problemNote, titleOf } from './form-problem.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
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
  const stateAt = (field: 'current' | 'new') => ({
    isWrong: problem !== undefined && problemField === field,
    isFirst: field === focused,
  });
  return layout({
    look,
    traceId,
    title: titleOf(heading, problem),
    main: html`<h1>${heading}</h1>
      <p class="lead">
        ${isFirst && 'It is one more way to sign in, with your e-mail address. '}Every other browser is signed
        out then. Apps that you allowed stay connected.
      </p>
      ${problemNote(problem)}
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ ...fields, csrf })} ${accountField(email)}
        ${!isFirst && passwordField({ name: 'current_password', label: 'Present password', ...stateAt('current') })}
        ${newPasswordField({ name: 'new_password', label: 'New password', ...stateAt('new') })}
        ${cancelOr(cancelHref, isFirst ? 'Set it' : 'Change', { isDanger: false })}
      </form>`,
  });
}
