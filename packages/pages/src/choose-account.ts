// Which account an app is connected with: the one of this browser, or another.
import type { Person } from '@sallyport/protocol';
import { clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface ChooseAccountPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  readonly client: ShownClient;
  /** Who is signed in at this browser. */
  readonly person: Pick<Person, 'email' | 'name'>;
  /** The e-mail address of the account that the app expects, when that is another one. */
  readonly expected?: string | undefined;
  /** A page to sign in with another account. */
  readonly otherAccountHref: string;
  /** One sentence above the question, for example after an interruption. */
  readonly notice?: string | undefined;
}

/** Posts `csrf` and `decision` (`continue` or `deny`) to `action`. */
export function chooseAccountPage({ look, traceId, ...data }: ChooseAccountPageData): Html {
  const { action, csrf, client, person, expected, otherAccountHref, notice } = data;
  const name = shown(person.name);
  return layout({
    look,
    traceId,
    title: 'Choose an account',
    main: html`${notice !== undefined && html`<p class="note" role="status">${notice}</p>`}
      <h1>Which account?</h1>
      <p class="lead">
        <b><bdi>${clientName(client)}</bdi></b>
        ${expected === undefined ? 'asks which one to connect.' : html`expects <bdi>${expected}</bdi>.`}
      </p>
      <dl>
        <dt>You are signed in as</dt>
        <dd>
          ${
            name !== '' &&
            html`<b><bdi>${name}</bdi></b
              ><br />`
          }<bdi>${person.email}</bdi>
        </dd>
      </dl>
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ csrf })}
        <div class="choices">
          <button class="main" type="submit" name="decision" value="continue">
            Continue as <bdi>${name || person.email}</bdi>
          </button>
          ${link(otherAccountHref, expected === undefined ? 'Use another account' : 'Sign in with that account', 'button')}
          <button type="submit" name="decision" value="deny">Cancel</button>
        </div>
      </form>`,
  });
}
