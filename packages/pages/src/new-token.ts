// Making an access token: first for which server, where there are several; then what it may do, and for how long.
import type { Person, ScopeDefinition } from '@sallyport/protocol';
import { problemNote, stateOf, titleOf } from './form-problem.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { cancelOr, hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface NewTokenPageData extends PageData {
  readonly person: Pick<Person, 'email'>;
  /** One sentence, above the fields or the list. */
  readonly problem?: string | undefined;
  readonly cancelHref: string;
  /** Where there is a choice to be made first. */
  readonly servers?: readonly { readonly title: string; readonly href: string }[] | undefined;
  readonly form?: NewTokenForm | undefined;
}

export interface NewTokenForm {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Hidden fields that come back as they are. */
  readonly fields: Readonly<Record<string, string>>;
  readonly server: { readonly title: string };
  readonly name: string;
  readonly nameMax: number;
  /** The field that the problem is about, when it is about one. */
  readonly problemField?: 'name' | 'scope' | 'days' | undefined;
  readonly scopes: readonly (ScopeDefinition & { readonly isChosen: boolean })[];
  readonly days: readonly { readonly days: number; readonly isChosen: boolean }[];
}

/** Posts `csrf`, the given fields, `name`, `days` and, of each scope that is chosen, `scope:<name>` to `action`. */
export function newTokenPage({ look, traceId, ...data }: NewTokenPageData): Html {
  const { person, problem, cancelHref, servers, form } = data;
  const heading = 'New access token';
  return layout({
    look,
    traceId,
    title: titleOf(heading, problem),
    main: html`<h1>${heading}</h1>
      <p class="lead">
        ${
          form !== undefined &&
          html`For <b><bdi>${shown(form.server.title)}</bdi></b
            >. `
        }Whoever
        has it acts as <bdi>${person.email}</bdi>.
      </p>
      ${problemNote(problem)}
      ${
        form === undefined
          ? html`${serverList(servers ?? [])}
              <p class="actions">${link(cancelHref, 'Cancel')}</p>`
          : fieldsOf(form, cancelHref)
      }`,
  });
}

function serverList(servers: NonNullable<NewTokenPageData['servers']>): Content {
  return html`<h2>Which server is it for?</h2>
    <ul class="can">
      ${servers.map(({ title, href }) => html`<li>${link(href, html`<bdi>${shown(title)}</bdi>`)}</li> `)}
    </ul>`;
}

function fieldsOf(form: NewTokenForm, cancelHref: string): Content {
  const { action, csrf, fields, name, nameMax, problemField, scopes, days } = form;
  const isNameWrong = problemField === 'name';
  const wrong = (field: NewTokenForm['problemField']) =>
    problemField === field && html` aria-describedby="problem"`;
  return html`<form method="post" action="${formTarget(action)}">
    ${hiddenFields({ ...fields, csrf })}
    <div class="field">
      <label for="name">Name</label>
      <input
        id="name"
        name="name"
        type="text"
        value="${name}"
        maxlength="${nameMax}"
        autocomplete="off"
        required${stateOf({ isWrong: isNameWrong, hint: 'name-hint', isFirst: isNameWrong || problemField === undefined })}
      />
      <p class="hint" id="name-hint">What will use it, such as “backup script”.</p>
    </div>
    ${
      scopes.length > 0 &&
      html`<fieldset${wrong('scope')}>
      <legend>It will be able to</legend>
      ${scopes.map(
        (scope, index) =>
          html`<label class="option" for="scope-${index}"
            ><input
              id="scope-${index}"
              name="scope:${scope.name}"
              type="checkbox"
              value="on"
              ${scope.isChosen && html`checked`}
            /><span>${scope.description}</span></label
          > `,
      )}
    </fieldset>`
    }
    <fieldset${wrong('days')}>
      <legend>It expires after</legend>
      ${days.map(
        (one) =>
          html`<label class="option" for="days-${one.days}"
            ><input
              id="days-${one.days}"
              name="days"
              type="radio"
              value="${one.days}"
              required
              ${one.isChosen && html`checked`}
            /><span>${one.days} ${one.days === 1 ? 'day' : 'days'}</span></label
          > `,
      )}
    </fieldset>
    ${cancelOr(cancelHref, 'Make it', { isDanger: false })}
  </form>`;
}
