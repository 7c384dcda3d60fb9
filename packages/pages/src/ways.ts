// How a person signs in: the ways that they have, adding another one, and taking one away.
import { askOnceMore } from './ask-once-more.ts';
import type { OnceMorePageData } from './ask-once-more.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { buttonLink, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { providerButtons } from './providers.ts';
import type { ProviderButton } from './providers.ts';
import { ago } from './time.ts';

/** An identity at a provider. */
export interface ShownWay {
  /** Of the provider. */
  readonly title: string;
  /** What the person is called there. */
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly emailVerified: boolean;
  /** Whether people can still sign in with this provider. */
  readonly isInUse: boolean;
  /** Epoch seconds. */
  readonly since: number;
  readonly lastUsedAt: number;
  /** A page that asks before it unlinks anything; absent for the last way to sign in. */
  readonly unlinkHref?: string | undefined;
}

export interface ShownWays {
  readonly all: readonly ShownWay[];
  /** Absent where nobody signs in with a password, or this person cannot. */
  readonly password?: { readonly isSet: boolean; readonly href: string } | undefined;
  /** A page to link another one; absent where there is no provider. */
  readonly linkHref?: string | undefined;
}

/** A section of the account. @param now epoch seconds */
export function waysSection({ all, password, linkHref }: ShownWays, now: number): Content {
  const isAlone = all.length + (password?.isSet === true ? 1 : 0) < 2;
  return html`<section>
    <h2>Ways to sign in</h2>
    ${isAlone && html`<p>This is the only one. With a second one you are not locked out when you lose the first.</p>`}
    <ul class="rows">
      ${all.map((way) => wayRow(way, now))}
      ${
        password?.isSet === true &&
        html`<li>
          <div>
            <h3>Password</h3>
            <p class="small">With your e-mail address. A new password signs out every other browser.</p>
          </div>
          ${buttonLink(password.href, 'Change password')}
        </li>`
      }
    </ul>
    <p class="beside">
      ${linkHref !== undefined && buttonLink(linkHref, 'Link another way')}
      ${password?.isSet === false && buttonLink(password.href, 'Set a password')}
    </p>
  </section>`;
}

function wayRow(way: ShownWay, now: number): Content {
  const { title, isInUse, since, lastUsedAt, unlinkHref } = way;
  const who = whoThere(way);
  return html`<li>
    <div>
      <h3><bdi>${shown(title)}</bdi></h3>
      ${who !== undefined && html`<p>${who}</p>`}
      <p class="small">
        Linked ${ago(since, now)} · last used
        ${ago(lastUsedAt, now)}${!isInUse && ' · nobody can sign in with it here at present'}
      </p>
    </div>
    ${unlinkHref !== undefined && buttonLink(unlinkHref, 'Unlink', { of: shown(title) })}
  </li> `;
}

/** An address that nobody has verified is not shown as if it were the person's. */
function whoThere({ username, email, emailVerified }: ShownWay): Content {
  const name = username === undefined || username === email ? undefined : html`<bdi>${shown(username)}</bdi>`;
  const address =
    email !== undefined &&
    html`<bdi>${email}</bdi>${!emailVerified && html` <span class="small">(not verified there)</span>`}`;
  if (name === undefined) return address === false ? undefined : address;
  return address === false ? name : html`${name} · ${address}`;
}

export interface LinkWayPageData extends PageData {
  readonly buttons: readonly ProviderButton[];
  readonly cancelHref: string;
}

/** Each button leaves for its provider. */
export function linkWayPage({ look, traceId, buttons, cancelHref }: LinkWayPageData): Html {
  return layout({
    look,
    traceId,
    title: 'Link another way to sign in',
    main: html`<h1>Link another way to sign in</h1>
      <p class="lead">
        You sign in there once, and from then on it leads to this account. Choose only what is yours alone.
      </p>
      ${providerButtons(buttons, false)}
      <p class="actions">${link(cancelHref, 'Cancel')}</p>`,
  });
}

export interface UnlinkWayPageData extends OnceMorePageData {
  readonly way: Pick<ShownWay, 'title' | 'username' | 'email' | 'emailVerified'>;
}

/** Posts `csrf` to `action`. */
export function unlinkWayPage(data: UnlinkWayPageData): Html {
  const { title, username, email } = data.way;
  const who = username ?? email;
  return askOnceMore(data, {
    heading: `Unlink ${shown(title)}?`,
    lead: html`${who === undefined ? 'It' : html`<b><bdi>${shown(who)}</bdi></b> at <bdi>${shown(title)}</bdi>`}
    no longer signs in to this account.`,
    means: [
      'Other browsers that signed in with it are signed out.',
      'What its provider let this server do for you is forgotten here, and ended there where the provider offers that.',
      'Apps that you allowed stay connected.',
    ],
    words: 'Unlink',
  });
}
