// Making an account with a password; the first one is the operator's.
import { emailField, newPasswordField } from './credential-fields.ts';
import { problemNote, stateOf, titleOf } from './form-problem.ts';
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';
import { orElse, providerButtons, type ProviderButton } from './providers.ts';

export interface SignUpPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Where the person goes afterwards; the caller has judged it, and judges it again when it comes back. */
  readonly returnTo: string;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  /** One sentence, above the fields. */
  readonly problem?: string | undefined;
  /** The field that the problem is about, when it is about one. */
  readonly problemField?: 'name' | 'email' | 'password' | undefined;
  readonly signInHref?: string | undefined;
  /** Whether this makes the first account, the operator's. */
  readonly first: boolean;
  /** The proof from the operator's terminal that they may make it; posted back as `setup`. */
  readonly setup?: string | undefined;
  /** With which the account may be made as well, or only: then there are no fields. */
  readonly providers?: readonly ProviderButton[] | undefined;
  readonly hasPassword?: boolean | undefined;
}

/** Posts `csrf`, `return_to`, `name`, `email`, `password` and, when given, `setup` to `action`. */
export function signUpPage(data: SignUpPageData): Html {
  const {
    look,
    traceId,
    action,
    csrf,
    returnTo,
    email,
    name,
    problem,
    problemField,
    signInHref,
    first,
    setup,
    providers = [],
    hasPassword = true,
  } = data;
  const heading = first ? 'Make the first account' : 'Create an account';
  const focused =
    providers.length > 0 && problem === undefined
      ? undefined
      : (problemField ?? (problem !== undefined && email ? 'password' : 'email'));
  const stateAt = (field: 'name' | 'email' | 'password') => ({
    isWrong: problem !== undefined && problemField === field,
    isFirst: field === focused,
  });
  return layout({
    look,
    traceId,
    title: titleOf(heading, problem),
    main: html`<h1>${heading}</h1>
      <p class="lead">
        ${
          first
            ? 'You are the first here: this account runs this Sallyport.'
            : html`At <bdi>${shown(look.name)}</bdi>, to connect your apps to the servers behind it.`
        }
      </p>
      ${problemNote(problem)} ${providers.length > 0 && providerButtons(providers, !hasPassword)}
      ${providers.length > 0 && hasPassword && orElse}
      ${
        hasPassword &&
        html`<form method="post" action="${formTarget(action)}">
          ${hiddenFields({ csrf, return_to: returnTo, setup })}
          ${emailField({ email, maxLength: 254, ...stateAt('email') })}
          ${newPasswordField({ name: 'password', label: 'Password', ...stateAt('password') })}
          <div class="field">
            <label for="name">Name <span class="hint">(optional)</span></label>
            <input
              id="name"
              name="name"
              type="text"
              value="${name ?? ''}"
              autocomplete="name"
              ${stateOf(stateAt('name'))}
            />
          </div>
          <button class="main full" type="submit">${first ? 'Make this account' : 'Create account'}</button>
        </form>`
      }
      ${signInHref !== undefined && html`<p class="after">Have an account already? ${link(signInHref, 'Sign in')}</p>`}`,
  });
}
