// The end of an account: what goes with it, and the proof that its owner asks; and afterwards.
import type { Person } from '@sallyport/protocol';
import { accountField } from './credential-fields.ts';
import { problemNote, stateOf, titleOf } from './form-problem.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { cancelOr, hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface DeleteAccountPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Hidden fields that come back as they are. */
  readonly fields: Readonly<Record<string, string>>;
  readonly person: Pick<Person, 'email'>;
  /** What must be typed: the password, or by a person who has none here their e-mail address, or the word `delete`. */
  readonly confirmBy: 'password' | 'email' | 'word';
  /** Apps that are locked out by it. */
  readonly appCount: number;
  readonly problem?: string | undefined;
  readonly cancelHref: string;
}

/** Posts `csrf`, the given fields and `confirmation` to `action`. */
export function deleteAccountPage({ look, traceId, ...data }: DeleteAccountPageData): Html {
  const { action, csrf, fields, appCount, problem, cancelHref } = data;
  return layout({
    look,
    traceId,
    title: titleOf('Delete your account?', problem),
    main: html`<h1>Delete your account?</h1>
      ${problemNote(problem)}
      <p class="lead">It goes with everything that belongs to it, for good. Nobody can bring it back.</p>
      <ul class="can">
        <li>What you keep in the servers here is deleted.</li>
        <li>${appsEnd(appCount)}</li>
        <li>You are signed out in every browser.</li>
      </ul>
      <form class="after" method="post" action="${formTarget(action)}">
        ${hiddenFields({ ...fields, csrf })} ${confirmation(data)} ${cancelOr(cancelHref, 'Delete')}
      </form>`,
  });
}

function appsEnd(count: number): string {
  if (count === 0) return 'No app can ask to act for you any more.';
  return count === 1
    ? 'The app that may act for you is locked out.'
    : `All ${count} apps that may act for you are locked out.`;
}

function confirmation({
  person,
  confirmBy,
  problem,
}: Omit<DeleteAccountPageData, 'look' | 'traceId'>): Content {
  const isPassword = confirmBy === 'password';
  return html`${isPassword && accountField(person.email)}
    <div class="field">
      <label for="confirmation">Type ${asked[confirmBy]} to confirm</label>
      <input
        id="confirmation"
        name="confirmation"
        type="${isPassword ? 'password' : 'text'}"
        autocomplete="${isPassword ? 'current-password' : 'off'}"
        autocapitalize="none"
        spellcheck="false"
        required${stateOf({ isWrong: problem !== undefined, isFirst: problem !== undefined })}
      />
    </div>`;
}

const asked = { password: 'your password', email: 'your e-mail address', word: 'the word “delete”' } as const;

export interface AccountDeletedPageData extends PageData {
  readonly homeHref: string;
}

export function accountDeletedPage({ look, traceId, homeHref }: AccountDeletedPageData): Html {
  return layout({
    look,
    traceId,
    title: 'Account deleted',
    main: html`<h1>Your account is deleted</h1>
      <p>
        Nothing of it is left at <bdi>${shown(look.name)}</bdi>, this browser is signed out, and no app can
        act for you here.
      </p>
      <p class="actions">${link(homeHref, 'To the front page')}</p>`,
  });
}
