// A person's own page: which apps may act for them, where they are signed in, and the ways to end each.
import type { Person, RedirectKind, ScopeDefinition } from '@sallyport/protocol';
import { checkedBadge, clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { problemNote } from './form-problem.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { buttonLink, hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';
import { ago, onDay } from './time.ts';
import { waysSection } from './ways.ts';
import type { ShownWays } from './ways.ts';

/** A client at a server. */
export interface AllowedApp {
  readonly client: ShownClient;
  /** Where it may take the person after they have allowed it: every host, as it stands in its redirect URIs. */
  readonly redirects: readonly { readonly kind: RedirectKind; readonly host: string }[];
  readonly server: { readonly title: string };
  readonly scopes: readonly ScopeDefinition[];
  /** Epoch seconds. */
  readonly since: number;
  readonly lastUsedAt?: number | undefined;
  /** A page that asks before it removes anything. */
  readonly removeHref: string;
}

/** A token that the person made. */
export interface ShownToken {
  readonly name: string;
  readonly server: { readonly title: string };
  readonly scopes: readonly ScopeDefinition[];
  /** Epoch seconds. */
  readonly since: number;
  readonly expiresAt: number;
  readonly lastUsedAt?: number | undefined;
  /** A page that asks before it revokes anything. */
  readonly revokeHref: string;
}

/** A browser that is signed in. */
export interface ShownSession {
  /** Posted back as `session`. */
  readonly id: string;
  readonly isThisBrowser: boolean;
  /** `Firefox on Linux`. */
  readonly browser?: string | undefined;
  /** `192.0.2.*`. */
  readonly network?: string | undefined;
  /** Epoch seconds. */
  readonly since: number;
  readonly seenAt: number;
}

interface FormTarget {
  readonly action: string;
  readonly csrf: string;
}

export interface AccountPageData extends PageData {
  /** Epoch seconds. */
  readonly now: number;
  readonly person: Pick<Person, 'email' | 'name'>;
  /** What was just done. */
  readonly notice?: string | undefined;
  /** What was not. */
  readonly problem?: string | undefined;
  readonly apps: readonly AllowedApp[];
  readonly removeAllHref: string;
  /** Absent where nobody may make any. */
  readonly tokens?: { readonly all: readonly ShownToken[]; readonly newHref: string } | undefined;
  readonly sessions: readonly ShownSession[];
  readonly endSession: FormTarget;
  readonly endOtherSessions: FormTarget;
  readonly signOut: FormTarget;
  /** Absent where a password is the only way to sign in. */
  readonly ways?: ShownWays | undefined;
  /** Absent for a person who has no password here, and where `ways` says it. */
  readonly passwordHref?: string | undefined;
  readonly deleteHref: string;
}

/** The forms post `csrf`; the one that ends a session posts `session` too. */
export function accountPage(data: AccountPageData): Html {
  const { look, traceId, person, notice, problem, passwordHref, deleteHref } = data;
  return layout({
    look,
    traceId,
    wide: true,
    title: problem === undefined ? 'Your account' : 'Problem: Your account',
    main: html`<h1>Your account</h1>
      <p class="lead">
        ${shown(person.name) !== '' && html`<b><bdi>${shown(person.name)}</bdi></b> `}<bdi
          >${person.email}</bdi
        >
      </p>
      ${notice !== undefined && html`<p class="note" role="status">${notice}</p>`} ${problemNote(problem)}
      ${appsOf(data)} ${tokensOf(data)} ${data.ways !== undefined && waysSection(data.ways, data.now)}
      ${sessionsOf(data)}
      ${
        passwordHref !== undefined &&
        html`<section>
          <h2>Password</h2>
          <p>
            A new password signs out every other browser. Apps stay
            connected${data.tokens !== undefined && ', and access tokens go on working'}.
          </p>
          ${buttonLink(passwordHref, 'Change password')}
        </section>`
      }
      <section>
        <h2>Delete your account</h2>
        <p>With everything in it, for good.</p>
        ${buttonLink(deleteHref, 'Delete my account', { isDanger: true })}
      </section>`,
  });
}

function appsOf({ apps, tokens, removeAllHref, now }: AccountPageData): Content {
  return html`<section>
    <h2>Apps that may act for you</h2>
    ${
      apps.length === 0
        ? html`<p>None at present.</p>`
        : html`<ul class="rows">
            ${apps.map((app) => appRow(app, now))}
          </ul>`
    }
    <p class="beside">
      ${(apps.length > 1 || (tokens !== undefined && tokens.all.length > 0 && apps.length > 0)) && buttonLink(removeAllHref, 'Remove all access', { isDanger: true })}
      ${link('/', 'How to connect an app')}
    </p>
  </section>`;
}

function appRow(
  { client, redirects, server, scopes, since, lastUsedAt, removeHref }: AllowedApp,
  now: number,
) {
  const name = clientName(client);
  return html`<li>
    <div>
      <h3>
        <bdi>${name}</bdi>
        ${checkedBadge(verifiedAs(client, redirects))}
      </h3>
      <p>
        May use <b><bdi>${shown(server.title)}</bdi></b
        >${scopes.length === 0 ? '.' : ' to:'}
      </p>
      ${
        scopes.length > 0 &&
        html`<ul class="can">
          ${scopes.map(({ description }) => html`<li>${description}</li> `)}
        </ul>`
      }
      <p class="small">
        Allowed ${ago(since, now)} ·
        ${lastUsedAt === undefined ? 'not used yet' : html`last used ${ago(lastUsedAt, now)}`}${
          redirects.length > 0 && html` · returns to ${redirects.map(placeOf).join(', ')}`
        }
      </p>
    </div>
    ${buttonLink(removeHref, 'Remove access', { of: `${name}, ${shown(server.title)}` })}
  </li> `;
}

/** A client that is known by where it goes has nothing else that could be checked. */
function verifiedAs(
  { verifiedDomain, known }: ShownClient,
  redirects: AllowedApp['redirects'],
): string | undefined {
  return known?.by === 'redirect' ? redirects.map(({ host }) => host).join(', ') : verifiedDomain;
}

function tokensOf({ tokens, now }: AccountPageData): Content {
  if (tokens === undefined) return undefined;
  const { all, newHref } = tokens;
  return html`<section>
    <h2>Access tokens</h2>
    <p>For a program that cannot send you here to be asked. Whoever has one acts for you.</p>
    ${
      all.length > 0 &&
      html`<ul class="rows">
        ${all.map((token) => tokenRow(token, now))}
      </ul>`
    }
    ${buttonLink(newHref, 'New access token')}
  </section>`;
}

function tokenRow(
  { name, server, scopes, since, expiresAt, lastUsedAt, revokeHref }: ShownToken,
  now: number,
) {
  return html`<li>
    <div>
      <h3><bdi>${name}</bdi></h3>
      <p>
        May use <b><bdi>${shown(server.title)}</bdi></b> to:
      </p>
      <ul class="can">
        ${scopes.map(({ description }) => html`<li>${description}</li> `)}
      </ul>
      <p class="small">
        Made ${ago(since, now)} ·
        ${lastUsedAt === undefined ? 'not used yet' : html`last used ${ago(lastUsedAt, now)}`} · expires
        ${onDay(expiresAt)}
      </p>
    </div>
    ${buttonLink(revokeHref, 'Revoke', { of: name })}
  </li> `;
}

function placeOf({ kind, host }: AllowedApp['redirects'][number]): string {
  if (kind === 'web') return host;
  return kind === 'loopback' ? 'a program on your computer' : `the app that opens ${host}:// links`;
}

function sessionsOf({ sessions, endSession, endOtherSessions, signOut, now }: AccountPageData): Content {
  const here = sessions.find(({ isThisBrowser }) => isThisBrowser);
  return html`<section>
    <h2>Where you are signed in</h2>
    <ul class="rows">
      ${sessions.map(({ id, isThisBrowser, browser = 'A browser', network, since, seenAt }) => {
        const target = isThisBrowser ? signOut : endSession;
        return html`<li>
          <div>
            <h3>${browser} ${isThisBrowser && html`<span class="badge verified">This browser</span>`}</h3>
            <p class="small">
              Signed in
              ${ago(since, now)}${!isThisBrowser && html` · last seen ${ago(seenAt, now)}`}${
                network !== undefined &&
                html` · network
                ${network}${!isThisBrowser && network === here?.network && ', the same as here'}`
              }
            </p>
          </div>
          <form method="post" action="${formTarget(target.action)}">
            ${hiddenFields({ csrf: target.csrf, session: isThisBrowser ? undefined : id })}<button
              type="submit"
              aria-label="Sign out: ${browser}${isThisBrowser && ', this browser'}"
            >
              Sign out
            </button>
          </form>
        </li> `;
      })}
    </ul>
    ${
      sessions.length > 1 &&
      html`<form method="post" action="${formTarget(endOtherSessions.action)}">
        ${hiddenFields({ csrf: endOtherSessions.csrf })}<button type="submit">
          Sign out everywhere else
        </button>
      </form>`
    }
  </section>`;
}
