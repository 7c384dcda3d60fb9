// E-mail and password, as browsers and password managers know them.
import { stateOf } from './form-problem.ts';
import { html } from './html.ts';
import type { Content } from './html.ts';

interface Field {
  readonly isWrong: boolean;
  readonly isFirst: boolean;
}

export function emailField({
  email,
  maxLength,
  ...state
}: Field & { readonly email: string | undefined; readonly maxLength?: number }): Content {
  return html`<div class="field">
    <label for="email">E-mail</label>
    <input
      id="email"
      name="email"
      type="email"
      value="${email ?? ''}"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      ${maxLength !== undefined && html`maxlength="${maxLength}"`}
      required${stateOf(state)}
    />
  </div>`;
}

/** Whose password it is: said to the person, and to password managers, which would guess otherwise. */
export function accountField(email: string): Content {
  return html`<div class="field">
    <label for="email">Account</label>
    <input id="email" name="email" type="email" value="${email}" autocomplete="username" readonly />
  </div>`;
}

/** The password that the person has. */
export function passwordField({
  name,
  label,
  ...state
}: Field & { readonly name: string; readonly label: string }): Content {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="password"
      autocomplete="current-password"
      required${stateOf(state)}
    />
  </div>`;
}

/** The password that they will have. */
export function newPasswordField({
  name,
  label,
  ...state
}: Field & { readonly name: string; readonly label: string }): Content {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="password"
      autocomplete="new-password"
      minlength="8"
      required${stateOf({ ...state, hint: 'password-hint' })}
    />
    <p class="hint" id="password-hint">At least 8 characters. A few unrelated words make a good one.</p>
  </div>`;
}
